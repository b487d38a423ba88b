"""Nobody on a list is shown in more than the list says they chose (safety.md, 1), whatever is chosen for all of it."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from tracker.importing.columns import guessed
from tracker.importing.models import DayOrder
from tracker.importing.rows import understand
from tracker.signatures.models import Appearance

NAMED, INITIALS, COUNTED = Appearance.NAMED, Appearance.INITIALS, Appearance.COUNTED
TODAY = dt.date(2026, 11, 30)


@pytest.mark.parametrize(
    ("heading", "cell", "most", "shown"),
    [
        # As planetary-research/signatories writes it, and as forms do.
        ("Anonymous", "True", NAMED, COUNTED),
        ("Anonymous", "False", NAMED, NAMED),
        ("Anonymous", "", NAMED, NAMED),
        ("Anonymous", "yes", INITIALS, COUNTED),
        ("Anonymous", "no", COUNTED, COUNTED),
        ("Anonymous", "x", NAMED, COUNTED),
        ("Anonymous", "I would rather not be named", NAMED, COUNTED),
        ("Hide my name", "1", NAMED, COUNTED),
        ("Show my name", "Yes", NAMED, NAMED),
        ("Show my name", "Yes", INITIALS, INITIALS),
        ("Show my name", "No", NAMED, COUNTED),
        ("Show my name", "rather not", NAMED, COUNTED),
        ("Appearance", "initials", NAMED, INITIALS),
        ("Appearance", "named", INITIALS, INITIALS),
        ("Comment", "True", NAMED, NAMED),
    ],
)
def test_the_least_of_what_is_said_holds(heading: str, cell: str, most: Appearance, shown: Appearance) -> None:
    """What the column says, and never more than was chosen for the list; where nobody understands it, only counted."""
    read = understand(guessed(["Name", heading]), DayOrder.UNKNOWN, most, ZoneInfo("UTC"), TODAY)
    assert read(2, ["Ada Knot", cell]).appearance is shown


def test_a_cell_that_hides_wins_over_one_that_shows() -> None:
    """A row that says both is only counted."""
    columns = guessed(["Name", "Shown as", "Anonymous"])
    read = understand(columns, DayOrder.UNKNOWN, NAMED, ZoneInfo("UTC"), TODAY)
    assert read(2, ["Ada Knot", "named", "true"]).appearance is COUNTED
