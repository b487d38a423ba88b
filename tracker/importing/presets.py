"""Which program wrote a list, told by the headings that it always writes; shown, so that nobody wonders.

From ../shared/data/export-headers.json, those that are not unconfirmed and hold people who signed; and our own.
"""

from __future__ import annotations

from collections.abc import Sequence

from tracker.importing.columns import heading_key
from tracker.signatures.exporting.columns import Column as Exported
from tracker.words import gettext

_OURS = frozenset(heading_key(column.value) for column in Exported)
# The first whose headings are all there. They are names of programs, alike in every language.
_ALWAYS: tuple[tuple[str, frozenset[str]], ...] = (
    ("Pytition", frozenset({"first name", "last name", "phone", "email", "subscribed to mailinglist", "confirmed"})),
    ("Mozilla Basket", frozenset({"name", "email", "title", "affiliation", "email confirmed"})),
    ("openletter.earth", frozenset({"letter id", "name", "occupation", "organization", "is verified"})),
    ("Change.org (API)", frozenset({"name", "city", "state province", "country code", "signed at"})),
    ("ActionKit", frozenset({"ak id", "first name", "last name"})),
    ("CiviCRM", frozenset({"contact id", "contact type", "display name"})),
    ("planetary-research/signatories", frozenset({"orcid", "name", "affiliation", "campaign", "anonymous"})),
    ("Action Network", frozenset({"email", "first name", "last name", "zip code", "can2 user tags"})),
    ("Google Forms", frozenset({"timestamp", "email address"})),
)


def program_of(heading: Sequence[str]) -> str:
    """The name of the program whose export has this heading, "" when none is known by it."""
    there = set(map(heading_key, heading))
    if "name" in there <= _OURS and there & {"kind", "appearance", "reference"}:
        return gettext("this tracker")
    return next((name for name, always in _ALWAYS if always <= there), "")
