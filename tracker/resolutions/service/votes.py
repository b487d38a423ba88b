"""How the vote went, as everybody counts it."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.resolutions.models import (
    Denominator,
    Resolution,
    Vote,
    VotePercentage,
)
from tracker.resolutions.service.errors import ResolutionError
from tracker.timeline.models import EntryKind, Source, SourceKind
from tracker.timeline.service import Told, no_wider, tell
from tracker.timeline.words import shortened
from tracker.words import _, gettext


@dataclass(frozen=True)
class Published:
    """A percentage FOR as somebody published it."""

    value: decimal.Decimal
    denominator: Denominator
    published_by: str = ""
    url: str = ""
    source: Source | None = None  # known already; otherwise one is made of the two above


@dataclass(frozen=True)
class Counted:
    """A vote as told: the raw counts where they are known, and every published percentage."""

    for_shares: int | None = None
    against_shares: int | None = None
    abstained_shares: int | None = None
    broker_non_votes: int | None = None
    percentages: Sequence[Published] = ()


def record_vote(
    resolution: Resolution, counted: Counted, told: Told, *, campaign: Campaign, actor: Account | None, now: dt.datetime
) -> Vote:
    """Record a vote at the meeting on the entry's date. Percentages that differ stand side by side.

    No more people read of it than of the filing.

    Raises ResolutionError when neither a percentage nor both counts are given, or a percentage is impossible.
    """
    has_counts = counted.for_shares is not None and counted.against_shares is not None
    if not counted.percentages and not has_counts:
        raise ResolutionError(_("Give a published percentage, or the votes for and against."), "percentages")
    if any(not 0 <= published.value <= 100 for published in counted.percentages):
        raise ResolutionError(_("A percentage lies between 0 and 100."), "percentages")
    vote = Vote(
        resolution_id=resolution.id,
        for_shares=counted.for_shares,
        against_shares=counted.against_shares,
        abstained_shares=counted.abstained_shares,
        broker_non_votes=counted.broker_non_votes,
        recorded_at=now,
    )
    sources = [_publication(published, actor, now) for published in counted.percentages]
    vote.percentages = [
        VotePercentage(
            value=published.value,
            denominator=published.denominator,
            published_by=published.published_by,
            source=source,
            recorded_at=now,
        )
        for published, source in zip(counted.percentages, sources, strict=True)
    ]
    entry = tell(
        no_wider(told, resolution.entry, actor=actor),
        campaign_id=campaign.id,
        kind=EntryKind.VOTE,
        headline=vote_headline(resolution, vote),
        record_type=Vote.__tablename__,
        actor=actor,
        now=now,
    )
    if told.corrects is None and told.replaces is None:
        entry.sources.extend(s for s in dict.fromkeys(sources) if s is not None and s not in entry.sources)
    else:
        known = {(source.citation, source.url) for source in entry.sources}
        entry.sources.extend(s for s in sources if s is not None and (s.citation, s.url) not in known)
    vote.entry = entry
    db.session.add(vote)
    if resolution.meeting_on is None:
        resolution.meeting_on, resolution.meeting_precision = told.occurred_on, told.precision
    db.session.flush()
    return vote


def vote_headline(resolution: Resolution, vote: Vote) -> str:
    """One sentence with every percentage, each with its denominator and who published it."""
    parts = [percentage_words(p.value, p.denominator, p.published_by) for p in vote.percentages]
    computed = vote.percentage_as_the_sec_counts
    if computed is not None:
        parts.append(gettext("%(value)s of for and against, computed from the counts", value=_per_cent(computed)))
    return gettext(
        "Vote on “%(title)s” at %(company)s: %(parts)s.",
        title=shortened(resolution.title or gettext("Title removed"), 120).rstrip("."),
        company=resolution.company.name,
        parts="; ".join(parts),
    )


def percentage_words(value: decimal.Decimal, denominator: Denominator, published_by: str) -> str:
    """ "27.5 % for, abstentions counted as against (Reuters)": never a percentage without what it is a share of."""
    number = _per_cent(value)
    words = {
        Denominator.FOR_AND_AGAINST: gettext("%(value)s of for and against", value=number),
        Denominator.WITH_ABSTENTIONS: gettext("%(value)s for, abstentions counted as against", value=number),
        Denominator.OUTSTANDING: gettext("%(value)s of all shares outstanding", value=number),
        Denominator.INDEPENDENT: gettext("%(value)s of independent shares", value=number),
        Denominator.NOT_STATED: gettext("%(value)s for, denominator not stated", value=number),
    }[denominator]
    return f"{words} ({published_by})" if published_by else words


def _per_cent(value: decimal.Decimal) -> str:
    return f"{value.normalize():f}\N{NO-BREAK SPACE}%"


def _publication(published: Published, actor: Account | None, now: dt.datetime) -> Source | None:
    if published.source is not None:
        return published.source
    if not published.published_by and not published.url:
        return None
    return Source(
        citation=published.published_by or published.url,
        url=published.url,
        publisher=published.published_by,
        kind=SourceKind.PRESS,
        seen_on=now.date() if published.url else None,
        recorded_at=now,
        recorded_by_id=actor.id if actor else None,
    )
