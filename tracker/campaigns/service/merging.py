"""Merge one campaign into another, and undo it exactly: a pointer and a ledger, nothing else moves (ADR 021)."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.campaigns.relations import CampaignMerge
from tracker.campaigns.service.errors import CampaignError
from tracker.campaigns.service.links import NO_WIDER_THAN, tell_of
from tracker.db import db
from tracker.timeline.models import EntryKind
from tracker.timeline.queries import day_in
from tracker.timeline.service import append_entry
from tracker.words import _, gettext


def merge_campaigns(
    campaign: Campaign, into: Campaign, *, reason: str, actor: Account | None, now: dt.datetime
) -> CampaignMerge:
    """Let another campaign stand for this one, and for all that was merged into this one before.

    Neither history names the other (see CampaignMention). Raises CampaignError when that cannot be; a circle cannot
    come about, since what was merged is neither merged again nor merged into.
    """
    _lock(campaign, into)
    if campaign.id == into.id:
        raise CampaignError(_("A campaign cannot be merged into itself; name another."), "other")
    if campaign.merged_into_id is not None:
        raise CampaignError(_("It was merged into another already; undo that first."))
    if into.merged_into_id is not None:
        raise CampaignError(_("That one was merged into another itself; name the one that remains."), "other")
    if campaign.deleted_at is not None or into.deleted_at is not None:
        raise CampaignError(_("One of them is in the bin; put it back first."), "other")
    if not reason:
        raise CampaignError(_("Say in a sentence why they are one."), "reason")
    entry = append_entry(
        campaign_id=into.id,
        kind=EntryKind.RELATION,
        record_type=CampaignMerge.__tablename__,
        headline=gettext("Another campaign was merged into this one."),
        occurred_on=day_in(into.zone, now),
        now=now,
        actor=actor,
        visibility=NO_WIDER_THAN[campaign.visibility],
    )
    merge = CampaignMerge(
        entry_id=entry.id,
        campaign=campaign,
        into=into,
        reason=reason,
        merged_at=now,
        merged_by_id=actor.id if actor else None,
    )
    db.session.add(merge)
    tell_of(campaign, into, gettext("This campaign was merged into another."), actor=actor, now=now)
    try:
        db.session.flush()
    except IntegrityError:
        raise CampaignError(_("Somebody else merged it meanwhile.")) from None
    _point(into.id, {campaign.id, *_below(campaign.id)})
    return merge


def undo_merge(merge: CampaignMerge, *, actor: Account | None, now: dt.datetime) -> None:
    """Let the campaign stand by itself again, with all that was merged into it; doing it twice is once."""
    campaign, into = merge.campaign, merge.into
    _lock(campaign, into)
    db.session.refresh(merge)
    if merge.undone_at is not None:
        return
    merge.undone_at, merge.undone_by_id = now, actor.id if actor else None
    db.session.flush()
    _point(None, {campaign.id})
    _point(campaign.id, _below(campaign.id))
    tell_of(
        into,
        campaign,
        gettext("A campaign that was merged into this one stands by itself again."),
        actor=actor,
        now=now,
    )
    tell_of(campaign, into, gettext("This campaign stands by itself again."), actor=actor, now=now)


def _lock(*campaigns: Campaign) -> None:
    """Hold both until the end of the transaction, in one order, as they are now (SQLite has one writer anyway)."""
    ids = sorted({campaign.id for campaign in campaigns})
    held = sa.select(Campaign).where(Campaign.id.in_(ids)).order_by(Campaign.id).with_for_update()
    db.session.scalars(held.execution_options(populate_existing=True)).all()


def _below(campaign_id: int) -> set[int]:
    """All that was merged into a campaign, also by way of others, by the ledger."""
    rows = db.session.execute(
        sa.select(CampaignMerge.campaign_id, CampaignMerge.into_id).where(CampaignMerge.undone_at.is_(None))
    ).all()
    found, edge = set[int](), {campaign_id}
    while edge:
        edge = {one for one, into in rows if into in edge} - found
        found |= edge
    return found


def _point(to: int | None, ids: set[int]) -> None:
    """Set the derived pointer, past the counter of saves: nobody edited these campaigns."""
    if ids:
        db.session.execute(sa.update(Campaign).where(Campaign.id.in_(ids)).values(merged_into_id=to))
