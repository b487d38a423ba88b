"""The facts of one digest, gathered; what they say in words is in `emails.py`.

Frozen, so that two people who would read the same words share them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.merged import standing_for, together
from tracker.campaigns.models import Campaign, SubjectRole
from tracker.db import Precision
from tracker.digests.models import Subscriber
from tracker.digests.periods import Schedule, next_period
from tracker.digests.queries import campaigns_of, followed_since, latest_digest, wants_neutral
from tracker.digests.selecting import Tellable, tellable
from tracker.digests.surroundings import deadlines, quiet_campaigns
from tracker.settings import config
from tracker.signatures.models import ReportedCount
from tracker.signatures.queries import Counts, headline_sizes
from tracker.signatures.together import counts_together
from tracker.timeline.models import EntryKind, TimelineEntry

LINES = 5  # a campaign; the rest is a number and a link
# What matters most comes first, in the subject and in each campaign.
RANKS = (
    EntryKind.OUTCOME, EntryKind.VOTE, EntryKind.COMMITMENT, EntryKind.STATEMENT, EntryKind.DISPOSITION,
    EntryKind.RESOLUTION, EntryKind.STAGE, EntryKind.REPORTED_COUNT, EntryKind.SIGNATURES, EntryKind.ENGAGEMENT,
    EntryKind.CORRECTION, EntryKind.TEXT, EntryKind.CAMPAIGN_OPENED, EntryKind.CAMPAIGN_LOGGED, EntryKind.UPDATE,
    EntryKind.RELATION, EntryKind.NOTE, EntryKind.DEMAND, EntryKind.DEADLINE,
)  # fmt: skip


@dataclass(frozen=True)
class Citation:
    """A source as a reader needs it."""

    words: str
    url: str


@dataclass(frozen=True)
class Line:
    """One entry."""

    kind: EntryKind
    headline: str
    occurred_on: dt.date
    precision: Precision
    correction_reason: str | None  # not None: it corrects an earlier entry
    sources: tuple[Citation, ...]


@dataclass(frozen=True)
class Size:
    """The size of a campaign as somebody reported it (product.md, "Headline size")."""

    value: int
    qualifier: str
    population: str
    as_of_on: dt.date
    precision: Precision


@dataclass(frozen=True)
class Section:
    """What is new in one campaign."""

    campaign: str  # public id
    title: str
    company: str  # who is asked; "" when nobody is named
    url: str
    lines: tuple[Line, ...]
    more: int  # further lines, which stand in the history only
    history: int  # entries recorded before it became visible to this reader
    restricted: int  # notes whose words are not mailed
    confirmed: int  # signed here, confirmed by the signer
    listed: int  # signed here, from a list
    size: Size | None  # as reported

    @property
    def changes(self) -> int:
        """How many changes this campaign contributes."""
        return len(self.lines) + self.more + self.restricted + (1 if self.history else 0)


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

    @property
    def changes(self) -> int:
        """How many changes it tells."""
        return sum(section.changes for section in self.sections)


@dataclass(frozen=True)
class Gathered:
    """A digest's content with the rows it stands on."""

    content: Content
    entries: tuple[int, ...]  # ids of what it tells, said in a line or counted
    campaigns: tuple[Campaign, ...]  # all that are named in it


def gather(subscriber: Subscriber, *, due_at: dt.datetime, now: dt.datetime) -> Gathered | None:
    """What there is to say to a subscriber at a due moment; None when nothing changed. Writes nothing."""
    told = tellable(subscriber, due_at=due_at, now=now)
    if not told:
        return None
    zone = ZoneInfo(subscriber.zone)
    today = due_at.astimezone(zone).date()
    since = followed_since(subscriber)
    last = latest_digest(subscriber, before=due_at)
    due = deadlines(subscriber, since, today)
    # Merged campaigns are one to whoever may read both.
    standing = standing_for(
        {*since, *(one.campaign.id for one in told), *(one.campaign_id for one in due)}, subscriber.account
    )
    shown = campaigns_of(set(standing.values()))
    changed = {into: shown[into] for into in dict.fromkeys(standing[one.campaign.id] for one in told)}
    parts = together(changed, subscriber.account)
    counts, sizes = counts_together(parts), headline_sizes(parts)
    sections = [
        _section(one, [line for line in told if standing[line.campaign.id] == key], counts[key], sizes.get(key))
        for key, one in changed.items()
    ]
    own = [one for one in due if subscriber.account_id is not None and one.owner_id == subscriber.account_id]
    quiet = quiet_campaigns(
        subscriber, [campaign for campaign in since if standing[campaign] not in changed], due_at, now
    )
    content = Content(
        today=today,
        since=last.due_at.astimezone(zone).date() if last else None,
        next_on=next_period(Schedule.of(subscriber), after=due_at).due_at.astimezone(zone).date(),
        locale=subscriber.locale,
        own=tuple(_due(one, shown[standing[one.campaign_id]]) for one in own),
        sections=tuple(sorted(sections, key=lambda section: (_rank(section), section.title))),
        due=tuple(_due(one, shown[standing[one.campaign_id]]) for one in due if one not in own and one.due_on >= today),
        quiet=tuple(
            Quiet(title=one.title, url=campaign_url(one), since=at.astimezone(zone).date()) for one, at in quiet
        ),
        followed=len({standing[one] for one in since}),
        neutral_subject=subscriber.neutral_subject or wants_neutral(subscriber, changed.values()),
    )
    named = (
        changed
        | {standing[one.campaign_id]: shown[standing[one.campaign_id]] for one in due}
        | {one.id: one for one, _at in quiet}
    )
    return Gathered(
        content=content,
        entries=tuple(sorted(one.entry.id for one in told)),
        campaigns=tuple(named[key] for key in sorted(named)),
    )


def campaign_url(campaign: Campaign) -> str:
    """A campaign's page."""
    return f"{config().public_base_url}/campaigns/{campaign.slug}"


def company_of(campaign: Campaign) -> str:
    """The name of the company a campaign asks, else asks about, else ""."""
    named = sorted(
        (one for one in campaign.subjects if one.company is not None),
        key=lambda one: (one.role is not SubjectRole.ASKED, one.id),
    )
    return next((one.company.name for one in named if one.company), "")


def _section(campaign: Campaign, told: list[Tellable], counts: Counts, size: ReportedCount | None) -> Section:
    news = [one.entry for one in told if not one.is_history and not one.is_confidential]
    # What is corrected in the same mail is told right, once.
    superseded = {entry.corrects_id for entry in news}
    news = sorted(
        (entry for entry in news if entry.id not in superseded),
        key=lambda entry: (RANKS.index(entry.kind), -entry.occurred_on.toordinal(), entry.id),
    )
    return Section(
        campaign=campaign.public_id,
        title=campaign.title,
        company=company_of(campaign),
        url=campaign_url(campaign),
        lines=tuple(_line(entry) for entry in news[:LINES]),
        more=max(0, len(news) - LINES),
        history=sum(1 for one in told if one.is_history),
        restricted=sum(1 for one in told if one.is_confidential and not one.is_history),
        confirmed=counts.confirmed,
        listed=counts.listed,
        size=Size(size.value, size.qualifier.value, size.population, size.as_of_on, size.as_of_precision)
        if size
        else None,
    )


def _line(entry: TimelineEntry) -> Line:
    return Line(
        kind=entry.kind,
        headline=" ".join(entry.headline.split()),
        occurred_on=entry.occurred_on,
        precision=entry.occurred_precision,
        correction_reason=entry.correction_reason if entry.corrects_id is not None else None,
        sources=tuple(
            Citation(words=source.publisher or source.title or source.citation, url=source.url)
            for source in entry.sources
            if source.redacted_at is None
        ),
    )


def _rank(section: Section) -> int:
    return min((RANKS.index(line.kind) for line in section.lines), default=len(RANKS))


def _due(deadline: Deadline, campaign: Campaign) -> Due:
    return Due(
        what=deadline.what,
        due_on=deadline.due_on,
        campaign=campaign.title,
        url=campaign_url(campaign),
    )
