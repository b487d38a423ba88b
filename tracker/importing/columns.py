"""What the columns of a list are: guessed from the headings that other programs write, corrected by whoever imports.

The names are those of ../shared/data/export-headers.json whose source was read (Pytition, ActionKit, CiviCRM,
openletter.earth, Basket, planetary research) or which several programs parse (Action Network's reports, Google Forms,
Change.org's API), and our own. Exports that nobody could show are not claimed.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence

from tracker.search_text import normalise


class Column(enum.StrEnum):
    """What a column is."""

    NAME = "name"
    FIRST = "first_name"
    MIDDLE = "middle_name"
    LAST = "last_name"
    OFFICE = "office"
    AFFILIATION = "affiliation"
    TEAM = "team"
    CITY = "city"
    ADDRESS = "address"
    PHONE = "phone"
    LINK = "link"
    SIGNED = "signed_on"
    APPEARANCE = "appearance"
    UPDATES = "updates"
    CONFIRMED = "confirmed"
    STATUS = "status"
    KIND = "kind"
    ANONYMOUS = "anonymous"


# By preference: where two columns of a file would be the same, the earlier name wins and the other is left out.
_NAMES: dict[Column, tuple[str, ...]] = {
    Column.NAME: ("name", "full name", "display name", "your name", "signatory", "signer", "names"),
    Column.FIRST: ("first name", "firstname", "given name", "forename"),
    Column.MIDDLE: ("middle name",),
    Column.LAST: ("last name", "lastname", "surname", "family name"),
    Column.OFFICE: ("office", "job title", "occupation", "title", "role", "position", "role or title"),
    Column.AFFILIATION: (
        "affiliation", "organisation", "organization", "company", "employer", "institution", "current employer",
    ),
    Column.TEAM: ("team", "your team", "department", "unit"),
    Column.CITY: ("city", "your city", "town", "home city", "mailing city", "billing city", "can2 user city"),
    Column.ADDRESS: ("email", "email address", "e mail", "mail", "address", "e mail address"),
    Column.PHONE: ("phone", "can2 phone", "mobile phone", "phone number", "home phone", "work phone", "telephone"),
    Column.LINK: ("link", "profile", "profile link", "profile url", "linkedin", "linkedin url", "linkedin profile"),
    Column.SIGNED: ("signed on", "signed at", "created at", "timestamp", "created", "join date", "date",
        "signed"),
    Column.APPEARANCE: ("appearance", "shown as", "show my name", "show name", "display my name"),
    Column.UPDATES: ("wishes updates", "updates", "subscribed to mailinglist"),
    Column.CONFIRMED: ("confirmed", "is verified", "email confirmed"),
    Column.STATUS: ("status",),
    Column.KIND: ("kind", "contact type", "signatory type", "person or organisation"),
    Column.ANONYMOUS: ("anonymous", "is anonymous", "sign anonymously", "hide my name"),
}  # fmt: skip
_BY_NAME = {name: (column, rank) for column, names in _NAMES.items() for rank, name in enumerate(names)}
NAMING = frozenset({Column.NAME, Column.FIRST, Column.LAST})


def column_named(heading: str) -> Column | None:
    """The column that a heading names, if it is one that is known."""
    found = _BY_NAME.get(heading_key(heading))
    return found[0] if found else None


def guessed(headings: Sequence[str]) -> list[str]:
    """What each column is, "" for nothing; no two are the same."""
    best: dict[Column, tuple[int, int]] = {}
    for at, heading in enumerate(headings):
        found = _BY_NAME.get(heading_key(heading))
        if found and (found[0] not in best or found[1] < best[found[0]][0]):
            best[found[0]] = (found[1], at)
    if Column.NAME in best:
        for part in (Column.FIRST, Column.MIDDLE, Column.LAST):
            best.pop(part, None)
    at_column = {at: column.value for column, (_rank, at) in best.items()}
    return [at_column.get(at, "") for at in range(len(headings))]


def heading_key(heading: str) -> str:
    """A heading as it is compared: `can2_phone`, `Can2 Phone` and `CAN2-phone` are one."""
    return " ".join(re.findall(r"\w+", normalise(heading).replace("_", " ")))
