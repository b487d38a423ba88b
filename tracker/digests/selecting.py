"""What there is to tell subscribers: chosen by what was not told, never by age (digests.md, rule 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from tracker.accounts.models import Account, CampaignMember, Role
from tracker.campaigns.models import Campaign, CampaignSubject, Visibility
from tracker.db import db, one_of
from tracker.digests.followed import campaigns_told_to
from tracker.digests.models import DigestItem, Subscriber, Subscription
from tracker.digests.readers import Reader, alike
from tracker.timeline.models import CONFIDENTIAL, EntryVisibility, TimelineEntry
from tracker.timeline.queries import entries_visible_to

# The zone where a day begins first: an entry public from today is let through here, and looked at exactly below.
EARLIEST_ZONE = dt.timedelta(hours=14)
DAY = dt.timedelta(days=1)
A_QUERY = 1_000  # ids: databases take only so many values in one question


@dataclass(frozen=True)
class Tellable:
    """An entry that a subscriber may be told of, and how."""

    entry: TimelineEntry
    campaign: Campaign
    became_visible_at: dt.datetime  # to this person
    # Recorded before the campaign became visible to them: part of one line, "now open to you".
    is_history: bool

    @property
    def is_confidential(self) -> bool:
        """Whether its words never enter a mail (safety.md, 9)."""
        return self.entry.visibility in CONFIDENTIAL


def tellable(
    readers: Sequence[Reader], *, due_at: Mapping[int, dt.datetime], now: dt.datetime
) -> dict[int, Sequence[Tellable]]:
    """Every entry with `announce` that each of these may see now, that became visible to them after they began to
    follow and before their moment in `due_at`, and that they were not told of; in the order of recording.

    Moments and answers by subscriber. Asked once for readers who may read and follow the same; looked at once a circle.
    """
    told: dict[int, Sequence[Tellable]] = {reader.id: () for reader in readers}
    for circle in alike(readers, lambda one: one.circle):
        readable = _readable(circle[0], now)
        untold: dict[int, str] = {}
        for group in alike(circle, lambda one: one.follows):
            if group[0].since:
                until = max(due_at[one.id] for one in group)
                untold |= {row[0]: row[1] for row in db.session.execute(_untold(group, until, readable))}
        looked = _Looking(circle[0], {one for ids in set(untold.values()) for one in _numbers(ids)}, now)
        for reader in circle:
            if reader.id in untold:
                told[reader.id] = looked.told_to(reader, untold[reader.id], due_at[reader.id])
    return told


def still_tellable(reader: Reader, entry_ids: Iterable[int], *, now: dt.datetime) -> set[int]:
    """Which of these entries this person may see now, and still follows."""
    wanted = frozenset(entry_ids)
    ids, looked = _seen_by(reader, wanted, now)
    return {one for one in ids if looked.campaign_of(one) in reader.since and looked.at(one, reader) is not None}


def still_tellable_to(asked: Sequence[tuple[Reader, frozenset[int]]], *, now: dt.datetime) -> list[bool]:
    """Whether each of these may see now, and still follows, all of these entries; asked once a circle."""
    found: dict[Hashable, tuple[set[int], _Looking]] = {}
    for group in alike(asked, lambda one: one[0].circle):
        found[group[0][0].circle] = _seen_by(group[0][0], frozenset().union(*(ids for _reader, ids in group)), now)
    answers = []
    for reader, entry_ids in asked:
        seen, looked = found[reader.circle]
        answers.append(
            entry_ids <= seen
            and all(looked.campaign_of(one) in reader.since and looked.at(one, reader) is not None for one in entry_ids)
        )
    return answers


def _seen_by(reader: Reader, entry_ids: Collection[int], now: dt.datetime) -> tuple[set[int], _Looking]:
    """Which of these entries whoever is of the reader's circle may see, by the database's word, and how."""
    found = sa.select(TimelineEntry.id).where(one_of(TimelineEntry.id, [*entry_ids]), *_readable(reader, now))
    ids = set(db.session.scalars(found))
    return ids, _Looking(reader, ids, now, loads=False)


def _readable(reader: Reader, now: dt.datetime) -> list[sa.ColumnElement[bool]]:
    """What whoever is of the reader's circle may see, in campaigns that they may see."""
    return [
        TimelineEntry.redacted_at.is_(None),
        entries_visible_to(reader.account, today=(now + EARLIEST_ZONE).date()),
    ]


def _untold(
    group: Sequence[Reader], until: dt.datetime, readable: Sequence[sa.ColumnElement[bool]]
) -> sa.Select[int, str]:
    """Of which entries readers who are alike may not have been told: for each their numbers, written in one string,
    since most have the same.

    With a coarse sieve, so that the database does not hand over everything recorded before somebody began to follow.
    """
    began = (
        sa.select(Subscription.subscriber_id, sa.func.min(Subscription.began_at).label("at"))
        .where(one_of(Subscription.subscriber_id, [one.id for one in group]), Subscription.ended_at.is_(None))
        .group_by(Subscription.subscriber_id)
        .subquery()
    )
    was_told = sa.exists().where(
        DigestItem.entry_id == TimelineEntry.id, DigestItem.subscriber_id == began.c.subscriber_id
    )
    ways = [
        TimelineEntry.recorded_at > began.c.at,
        TimelineEntry.opened_at > began.c.at,
        TimelineEntry.public_from >= min(min(one.since.values()) for one in group).date() - DAY,
        Campaign.opened_at > began.c.at,
    ]
    if any(one.joined for one in group):
        ways.append(
            sa.exists().where(
                Subscriber.id == began.c.subscriber_id,
                CampaignMember.account_id == Subscriber.account_id,
                CampaignMember.campaign_id == TimelineEntry.campaign_id,
                CampaignMember.joined_at > began.c.at,
            )
        )
    found: sa.Select[int, str] = (
        sa.select(began.c.subscriber_id, sa.func.aggregate_strings(sa.cast(TimelineEntry.id, sa.Text), ","))
        .select_from(began)
        .join(TimelineEntry, sa.true())
        .join(Campaign, Campaign.id == TimelineEntry.campaign_id)
        .where(
            TimelineEntry.announce,
            TimelineEntry.recorded_at < until,
            TimelineEntry.campaign_id.in_(group[0].since),
            *readable,
            ~was_told,
            sa.or_(*ways),
        )
        .group_by(began.c.subscriber_id)
    )
    return found


class _Looking:
    """Some entries that readers who are alike may see, by the database's word; to be looked at exactly."""

    def __init__(self, like: Reader, entry_ids: Collection[int], now: dt.datetime, *, loads: bool = True) -> None:
        """`loads` what words are made of as well: sources, and of whom a campaign asks."""
        sources = [selectinload(TimelineEntry.sources)] if loads else []
        companies = [selectinload(Campaign.subjects).selectinload(CampaignSubject.company)] if loads else []
        self.now = now
        self.account = like.account
        self.entries: dict[int, TimelineEntry] = {}
        for ids in _batches(sorted(entry_ids)):
            found = sa.select(TimelineEntry).where(TimelineEntry.id.in_(ids))
            for entry in db.session.scalars(found.options(*sources)):
                self.entries[entry.id] = entry
        self.campaigns = {
            campaign.id: campaign
            for campaign in db.session.scalars(
                campaigns_told_to(like.subscriber)
                .where(Campaign.id.in_({entry.campaign_id for entry in self.entries.values()}))
                .options(*companies)
            )
        }
        self._seen: dict[tuple[int, dt.datetime | None], Tellable | None] = {}
        self._some: dict[Hashable, _Some] = {}

    def campaign_of(self, entry_id: int) -> int:
        """The campaign it is of."""
        return self.entries[entry_id].campaign_id

    def at(self, entry_id: int, reader: Reader) -> Tellable | None:
        """How one of them may be told to one of them; None when it may not."""
        entry = self.entries[entry_id]
        joined_at = reader.joined.get(entry.campaign_id)
        if (entry_id, joined_at) not in self._seen:
            self._seen[entry_id, joined_at] = self._look(entry, joined_at)
        return self._seen[entry_id, joined_at]

    def told_to(self, reader: Reader, written: str, until: dt.datetime) -> Sequence[Tellable]:
        """Which of entries, whose numbers are written so, one of them is told of, in the order of recording: those that
        became visible after they began to follow and before a moment."""
        key = written, frozenset(reader.joined.items())
        if key not in self._some:
            entries = sorted(
                (self.entries[one] for one in _numbers(written)), key=lambda one: (one.recorded_at, one.id)
            )
            self._some[key] = _Some([one for entry in entries if (one := self.at(entry.id, reader)) is not None])
        return self._some[key].between(reader.since, until)

    def _look(self, entry: TimelineEntry, joined_at: dt.datetime | None) -> Tellable | None:
        campaign = self.campaigns[entry.campaign_id]
        ways = _ways(entry, campaign, self.account, joined_at, self.now)
        if not ways:
            return None
        became_visible_at, campaign_seen_at = min(ways)
        return Tellable(
            entry=entry,
            campaign=campaign,
            became_visible_at=became_visible_at,
            is_history=_opened(entry) < campaign_seen_at,
        )


class _Some:
    """What readers may be told of, if they followed already when it became visible: mostly all of them did."""

    def __init__(self, told: Sequence[Tellable]) -> None:
        self.told = tuple(told)
        self.latest = max((one.became_visible_at for one in told), default=dt.datetime.min.replace(tzinfo=dt.UTC))
        self.earliest: dict[int, dt.datetime] = {}
        for one in told:
            first = self.earliest.get(one.campaign.id, one.became_visible_at)
            self.earliest[one.campaign.id] = min(first, one.became_visible_at)

    def between(self, since: Mapping[int, dt.datetime], until: dt.datetime) -> Sequence[Tellable]:
        """What of it became visible after a campaign was followed, and before a moment."""
        if self.latest < until and all(since[one] < first for one, first in self.earliest.items()):
            return self.told
        return [one for one in self.told if since[one.campaign.id] < one.became_visible_at < until]


def _numbers(written: str) -> list[int]:
    return [int(one) for one in written.split(",")]


def _ways(
    entry: TimelineEntry,
    campaign: Campaign,
    account: Account | None,
    joined_at: dt.datetime | None,
    now: dt.datetime,
) -> list[tuple[dt.datetime, dt.datetime]]:
    """By which ways this person may read the entry: for each, since when, and since when the campaign as such."""
    opened = _opened(entry)
    ways = []
    open_levels = {Visibility.PUBLIC} if account is None else {Visibility.PUBLIC, Visibility.SIGNED_IN}
    if campaign.visibility in open_levels and entry.visibility in (EntryVisibility.PUBLIC, EntryVisibility.SIGNED_IN):
        moment = opened
        if entry.public_from is not None:
            day = dt.datetime.combine(entry.public_from, dt.time(), ZoneInfo(campaign.zone))
            moment = max(moment, day.astimezone(dt.UTC))
        campaign_opened = campaign.opened_at or campaign.created_at
        if moment <= now:
            ways.append((max(moment, campaign_opened), campaign_opened))
    if account is not None and (joined_at is not None or account.role is Role.ADMINISTRATOR):
        # An administrator has read it all along; a member since they joined.
        seen = campaign.created_at if account.role is Role.ADMINISTRATOR else joined_at or campaign.created_at
        ways.append((max(opened, seen), seen))
    if entry.visibility is EntryVisibility.OFF_THE_RECORD:  # its author and named readers, whoever else they are
        seen = joined_at or campaign.opened_at or campaign.created_at
        ways = [(max(opened, seen), seen)]
    return ways


def _opened(entry: TimelineEntry) -> dt.datetime:
    """When the entry itself could first be seen by whom it is for."""
    return max(entry.recorded_at, entry.opened_at or entry.recorded_at)


def _batches(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + A_QUERY] for start in range(0, len(ids), A_QUERY))
