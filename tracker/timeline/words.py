"""How the timeline's enums read to people."""

from __future__ import annotations

import calendar
import datetime as dt

from tracker.db import Precision
from tracker.timeline.models import EntryKind, EntryVisibility, SourceKind
from tracker.words import _

MONTHS = calendar.month_name[1:]

VISIBILITIES = {
    EntryVisibility.PUBLIC: _("Public"),
    EntryVisibility.SIGNED_IN: _("Everyone signed in"),
    EntryVisibility.MEMBERS: _("Members of the campaign"),
    EntryVisibility.NOT_FOR_ATTRIBUTION: _("Members, not for attribution: the words may be used, not who took part"),
    EntryVisibility.OFF_THE_RECORD: _("Off the record: you and the named readers only"),
}

SHORT_VISIBILITIES = {
    EntryVisibility.PUBLIC: _("Public"),
    EntryVisibility.SIGNED_IN: _("Everyone signed in"),
    EntryVisibility.MEMBERS: _("Members only"),
    EntryVisibility.NOT_FOR_ATTRIBUTION: _("Not for attribution"),
    EntryVisibility.OFF_THE_RECORD: _("Off the record"),
}

SOURCE_KINDS = {
    SourceKind.PRESS: _("Press or other publication"),
    SourceKind.PRIMARY: _("Primary: the document itself, or who was there"),
    SourceKind.ANONYMOUS: _("Anonymous"),
}

KINDS = {
    EntryKind.CAMPAIGN_LOGGED: _("Campaign logged"),
    EntryKind.CAMPAIGN_OPENED: _("Opened to more people"),
    EntryKind.STAGE: _("Stage"),
    EntryKind.TEXT: _("Letter or petition"),
    EntryKind.DEMAND: _("Demands"),
    EntryKind.SIGNATURES: _("Signatures"),
    EntryKind.REPORTED_COUNT: _("Size as reported"),
    EntryKind.STATEMENT: _("Statements"),
    EntryKind.OUTCOME: _("Outcomes"),
    EntryKind.COMMITMENT: _("Commitments"),
    EntryKind.ENGAGEMENT: _("Meetings, calls, letters"),
    EntryKind.RESOLUTION: _("Resolutions"),
    EntryKind.DISPOSITION: _("What became of a resolution"),
    EntryKind.VOTE: _("Votes"),
    EntryKind.DEADLINE: _("Deadlines"),
    EntryKind.NOTE: _("Notes"),
    EntryKind.CORRECTION: _("Corrections"),
    EntryKind.UPDATE: _("Updates to signers"),
    EntryKind.RELATION: _("Related campaigns"),
}


def date_words(on: dt.date, precision: Precision) -> str:
    """A date no more exact than it is known, for a sentence that is kept: "21 June 2018", "June 2018", "2018"."""
    month = f"{MONTHS[on.month - 1]} {on.year}"
    return {Precision.YEAR: str(on.year), Precision.MONTH: month, Precision.DAY: f"{on.day} {month}"}[precision]


def shortened(text: str, length: int = 180) -> str:
    """The beginning of a text, ended at a word."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0].rstrip(" ,;:.–-") + "…"
