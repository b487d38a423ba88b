"""What stands in a digest beside the news: what is due, and what has gone quiet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa

from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.merged import standing_for
from tracker.campaigns.models import Campaign, Stage
from tracker.db import db, one_of
from tracker.digests.followed import campaigns_told_to
from tracker.digests.readers import Reader
from tracker.digests.selecting import EARLIEST_ZONE
from tracker.settings import config
from tracker.timeline.models import TimelineEntry
from tracker.timeline.queries import entries_visible_to


def deadlines(reader: Reader, today: dt.date) -> list[Deadline]:
    """What is due soon in the followed campaigns, and the reader's own wherever they are; the soonest first.

    For accounts only: a deadline is the team's own matter.
    """
    if reader.account is None:
        return []
    readable = campaigns_told_to(reader.subscriber).with_only_columns(Campaign.id)
    found = (
        sa.select(Deadline)
        .where(
            Deadline.deleted_at.is_(None),
            Deadline.done_at.is_(None),
            Deadline.due_on <= today + config().durations.digest_horizon,
            Deadline.campaign_id.in_(readable),
            sa.or_(
                Deadline.owner_id == reader.account.id,
                sa.and_(Deadline.campaign_id.in_(reader.since), Deadline.due_on >= today),
            ),
        )
        .order_by(Deadline.due_on, Deadline.id)
    )
    return list(db.session.scalars(found))


def own_deadlines(readers: Iterable[Reader]) -> dict[int, frozenset[int]]:
    """Of which open deadlines each of these is the owner, due soon or not; by account, whoever owns none left out."""
    owners = [one.subscriber.account_id for one in readers if one.subscriber.account_id is not None]
    found: dict[int, set[int]] = {}
    rows = sa.select(Deadline.owner_id, Deadline.id).where(
        one_of(Deadline.owner_id, owners), Deadline.deleted_at.is_(None), Deadline.done_at.is_(None)
    )
    for owner_id, deadline_id in db.session.execute(rows):
        if owner_id is not None:
            found.setdefault(owner_id, set()).add(deadline_id)
    return {owner_id: frozenset(ids) for owner_id, ids in found.items()}


def quiet_campaigns(
    reader: Reader, campaign_ids: list[int], due_at: dt.datetime, now: dt.datetime
) -> list[tuple[Campaign, dt.datetime]]:
    """Followed campaigns, still going, of which this reader could read nothing new for long."""
    if not campaign_ids:
        return []
    latest = (
        sa.select(TimelineEntry.campaign_id, sa.func.max(TimelineEntry.recorded_at))
        .where(
            TimelineEntry.campaign_id.in_(campaign_ids),
            entries_visible_to(reader.account, today=(now + EARLIEST_ZONE).date()),
        )
        .group_by(TimelineEntry.campaign_id)
    )
    before = due_at - config().durations.quiet_after
    standing = standing_for(campaign_ids, reader.account)
    last: dict[int, dt.datetime] = {}
    for campaign_id, at in db.session.execute(latest):
        last[standing[campaign_id]] = max(at, last.get(standing[campaign_id], at))
    silent = {campaign_id: at for campaign_id, at in last.items() if at < before}
    found = sa.select(Campaign).where(Campaign.id.in_(silent), Campaign.stage.not_in([Stage.DRAFT, Stage.CONCLUDED]))
    return sorted(((one, silent[one.id]) for one in db.session.scalars(found)), key=lambda pair: (pair[1], pair[0].id))
