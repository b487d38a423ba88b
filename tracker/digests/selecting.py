"""What there is to tell one subscriber: chosen by what was not told, never by age (digests.md, rule 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from tracker.accounts.models import Account, CampaignMember, Role
from tracker.campaigns.models import Campaign, CampaignSubject, Visibility
from tracker.db import db
from tracker.digests.models import DigestItem, Subscriber
from tracker.digests.queries import campaigns_told_to, followed_since
from tracker.timeline.models import CONFIDENTIAL, EntryVisibility, TimelineEntry
from tracker.timeline.queries import entries_visible_to

# The zone where a day begins first: an entry public from today is let through here, and looked at exactly below.
EARLIEST_ZONE = dt.timedelta(hours=14)
DAY = dt.timedelta(days=1)


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


def tellable(subscriber: Subscriber, *, due_at: dt.datetime, now: dt.datetime) -> list[Tellable]:
    """Every entry with `announce` that this person may see now, that became visible to them after they began to follow
    and before `due_at`, and that they were not told of; in the order of recording."""
    since = followed_since(subscriber, today=now.date())
    if not since:
        return []
    was_told = sa.select(DigestItem.id).where(
        DigestItem.entry_id == TimelineEntry.id, DigestItem.subscriber_id == subscriber.id
    )
    found = _visible(subscriber, since, now).where(
        TimelineEntry.announce,
        TimelineEntry.recorded_at < due_at,
        ~was_told.exists(),
        _may_be_new(subscriber, min(since.values())),
    )
    told = []
    for one in _looked_at(subscriber, found, now):
        if since[one.campaign.id] < one.became_visible_at < due_at:
            told.append(one)
    return told


def still_tellable(subscriber: Subscriber, entry_ids: Iterable[int], *, now: dt.datetime) -> set[int]:
    """Which of these entries this person may see now, and still follows."""
    since = followed_since(subscriber, today=now.date())
    found = _visible(subscriber, since, now).where(TimelineEntry.id.in_(entry_ids))
    return {one.entry.id for one in _looked_at(subscriber, found, now)}


def _visible(subscriber: Subscriber, since: dict[int, dt.datetime], now: dt.datetime) -> sa.Select[TimelineEntry]:
    found: sa.Select[TimelineEntry] = (
        sa.select(TimelineEntry)
        .where(
            TimelineEntry.campaign_id.in_(since),
            TimelineEntry.redacted_at.is_(None),
            entries_visible_to(subscriber.account, today=(now + EARLIEST_ZONE).date()),
        )
        .order_by(TimelineEntry.recorded_at, TimelineEntry.id)
        .options(selectinload(TimelineEntry.sources))
    )
    return found


def _may_be_new(subscriber: Subscriber, since: dt.datetime) -> sa.ColumnElement[bool]:
    """A coarse sieve, so that the database does not hand over everything recorded before somebody began to follow."""
    opened = sa.select(Campaign.id).where(Campaign.opened_at > since)
    joined = sa.select(CampaignMember.campaign_id).where(
        CampaignMember.account_id == subscriber.account_id, CampaignMember.joined_at > since
    )
    return sa.or_(
        TimelineEntry.recorded_at > since,
        TimelineEntry.opened_at > since,
        TimelineEntry.public_from >= since.date() - DAY,
        TimelineEntry.campaign_id.in_(opened),
        TimelineEntry.campaign_id.in_(joined),
    )


def _looked_at(subscriber: Subscriber, found: sa.Select[TimelineEntry], now: dt.datetime) -> list[Tellable]:
    entries = db.session.scalars(found).all()
    campaigns = {
        campaign.id: campaign
        for campaign in db.session.scalars(
            campaigns_told_to(subscriber)
            .where(Campaign.id.in_({entry.campaign_id for entry in entries}))
            .options(selectinload(Campaign.subjects).selectinload(CampaignSubject.company))
        )
    }
    account = subscriber.account
    joined: dict[int, dt.datetime] = {}
    if account is not None:
        members = sa.select(CampaignMember.campaign_id, CampaignMember.joined_at)
        joined = dict(db.session.execute(members.where(CampaignMember.account_id == account.id)).all())
    told = []
    for entry in entries:
        campaign = campaigns[entry.campaign_id]
        ways = _ways(entry, campaign, account, joined.get(campaign.id), now)
        if ways:
            became_visible_at, campaign_seen_at = min(ways)
            told.append(
                Tellable(
                    entry=entry,
                    campaign=campaign,
                    became_visible_at=became_visible_at,
                    is_history=_opened(entry) < campaign_seen_at,
                )
            )
    return told


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
