"""The table of journeys names tests that are there."""

from __future__ import annotations

import tests.journeys
from tests.support.tables import gone_from, named_in


def test_each_journey_is_there() -> None:
    """A journey that is renamed takes its line along."""
    assert len(named_in(tests.journeys.__doc__)) > 30
    gone = gone_from(tests.journeys.__doc__)
    assert not gone, f"mend the table in tests/journeys/__init__.py: {gone}"
