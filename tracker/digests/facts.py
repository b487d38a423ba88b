"""What a digest says, as facts. Frozen, so that people who would read the same words share one stored body.

Words are made of it in `sentences.py` and `emails.py`. Only what has its default may be missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from tracker.campaigns.models import Campaign
from tracker.db import Precision
from tracker.timeline.models import EntryKind


@dataclass(frozen=True)
class Citation:
    """A source as a reader needs it."""

    words: str
    url: str


@dataclass(frozen=True)
class Share:
    """A percentage FOR, never without what it is a share of."""

    value: Decimal
    denominator: str
    published_by: str = ""


@dataclass(frozen=True)
class Tally:
    """A vote's raw counts, as far as they are known, and the percentage that a subject line names."""

    resolution: str
    for_shares: int | None
    against_shares: int | None
    abstained_shares: int | None
    broker_non_votes: int | None
    share: Share | None


@dataclass(frozen=True)
class Size:
    """The size of a campaign as somebody reported it (product.md, "Headline size")."""

    value: int
    qualifier: str
    population: str
    as_of_on: dt.date
    precision: Precision
    reported_by: str = ""  # the publisher; "" when the source names none


@dataclass(frozen=True)
class Line:
    """One entry."""

    kind: EntryKind
    headline: str
    occurred_on: dt.date
    precision: Precision
    correction_reason: str | None  # not None: it corrects an earlier entry
    sources: tuple[Citation, ...]
    more_sources: int = 0  # beyond those
    before: str = ""  # what the corrected entry said, where it may still be read
    evidence: str = ""  # of an outcome: the evidence in words, plain text
    attribution: str = ""  # of an outcome: whose doing somebody says it is
    tally: Tally | None = None  # of a vote
    files: int = 0  # that this reader may have
    fell_from: Size | None = None  # of a reported size: the one before, which was larger


@dataclass(frozen=True)
class Signed:
    """How many signed here, as this reader may know it: to the team exactly, to others in full tens (`numbers.py`)."""

    confirmed: int = 0  # by the signer
    listed: int = 0  # from a list
    joined: int = 0  # of these, since the reader's last digest
    left: int = 0  # counted then, and no more
    is_exact: bool = True


@dataclass(frozen=True)
class Section:
    """What is new in one campaign, or in several that were merged and are read as one."""

    campaign: str  # public id
    title: str
    company: str  # who is asked; "" when nobody is named
    url: str
    lines: tuple[Line, ...]
    more: int  # further lines, which stand in the history only
    history: int  # entries recorded before it became visible to this reader
    restricted: int  # notes whose words are not mailed
    signed: Signed
    size: Size | None  # as reported

    @property
    def changes(self) -> int:
        """How many changes this campaign contributes; that it grew is one if nothing else is."""
        told = len(self.lines) + self.more + self.restricted + (1 if self.history else 0)
        return told or (1 if self.signed.joined or self.signed.left else 0)


@dataclass(frozen=True)
class Due:
    """One deadline."""

    what: str
    due_on: dt.date
    campaign: str
    url: str


@dataclass(frozen=True)
class Quiet:
    """A campaign of which nothing was recorded for long."""

    title: str
    url: str
    since: dt.date


@dataclass(frozen=True)
class Beyond:
    """How much more there is than a mail can hold, by where it would stand."""

    campaigns: int = 0
    changes: int = 0  # in these campaigns
    own: int = 0
    due: int = 0
    quiet: int = 0


@dataclass(frozen=True)
class Content:
    """All that one digest says."""

    today: dt.date  # in the reader's zone, at the due moment
    since: dt.date | None  # the day of the digest before
    next_on: dt.date
    locale: str
    own: tuple[Due, ...]
    sections: tuple[Section, ...]
    due: tuple[Due, ...]
    quiet: tuple[Quiet, ...]
    followed: int  # campaigns
    neutral_subject: bool
    beyond: Beyond = Beyond()
    horizon: int = 30  # days
    everything_at: str = ""  # the page that shows all of it; "" for a reader who has none

    @property
    def changes(self) -> int:
        """How many changes it tells."""
        return sum(section.changes for section in self.sections) + self.beyond.changes

    @property
    def deadlines(self) -> int:
        """How many deadlines it tells."""
        return len(self.own) + len(self.due) + self.beyond.own + self.beyond.due


@dataclass(frozen=True)
class Gathered:
    """A digest's content with the rows it stands on."""

    content: Content
    entries: tuple[int, ...]  # ids of what it tells, said in a line or counted
    campaigns: tuple[Campaign, ...]  # all that are named in it
    sized: tuple[int, ...] = ()  # ids of the campaigns whose reported sizes it looked at
    deadlines: Mapping[int, int] = field(default_factory=dict)  # by id their versions
