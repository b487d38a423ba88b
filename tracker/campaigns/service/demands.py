"""What is asked: add, edit, order and take back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, CampaignKind, Demand, DemandKind, Target
from tracker.campaigns.queries import demands_of
from tracker.campaigns.service.errors import CampaignError
from tracker.db import db
from tracker.timeline.editing import edit_fields, refuse_stale
from tracker.timeline.models import EntryKind, EntryVisibility
from tracker.timeline.service import Told, append_entry, note_change, tell
from tracker.words import _, gettext


def add_demand(
    campaign: Campaign,
    words: str,
    *,
    told: Told,
    actor: Account | None,
    now: dt.datetime,
    target: Target | None = None,
    kind: DemandKind | None = None,
) -> Demand:
    """Ask for one thing more, and say in the history since when. Raises CampaignError without words."""
    words = " ".join(words.split())
    if not words:
        raise CampaignError(_("Write what is asked, in one sentence."), "ask")
    if target is not None and target.campaign_id != campaign.id:
        raise CampaignError(_("Choose one of those whom this campaign asks."), "target")
    others = demands_of(campaign)
    if any(other.words == words and other.target is target for other in others):
        raise CampaignError(_("This is asked already."), "ask")
    demand = Demand(
        campaign_id=campaign.id,
        target=target,
        position=max((other.position for other in others), default=0) + 1,
        kind=kind,
        words=words,
        detail=told.words,
        created_at=now,
    )
    db.session.add(demand)
    db.session.flush()
    tell(
        replace(told, words=""),
        campaign_id=campaign.id,
        kind=EntryKind.DEMAND,
        headline=_asks(campaign, words),
        record_type="",
        actor=actor,
        now=now,
    )
    return demand


def _asks(campaign: Campaign, words: str) -> str:
    if campaign.kind is CampaignKind.SHAREHOLDER:
        return str(gettext("New ask: %(words)s", words=words))
    return str(gettext("New demand: %(words)s", words=words))


def edit_demand(
    demand: Demand, values: Mapping[str, Any], *, seen: int | None, actor: Account, now: dt.datetime
) -> None:
    """Change a demand's words, kind, target or detail. Raises Stale, CampaignError."""
    refuse_stale(demand, seen)
    if not values["words"]:
        raise CampaignError(_("Write what is asked, in one sentence."), "words")
    if edit_fields(demand, values, record_type="demand", actor=actor, now=now, campaign_id=demand.campaign_id):
        note_change(demand.campaign_id, now)


def move_demand(demand: Demand, *, up: bool, actor: Account, now: dt.datetime) -> None:
    """One place up or down among the demands; at the end nothing happens."""
    order = demands_of(demand.campaign)
    here = order.index(demand)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    for position, moved in enumerate(order, start=1):
        moved.position = position
    note_change(demand.campaign_id, now)


def remove_demand(
    demand: Demand, *, reason: str, actor: Account, now: dt.datetime, visibility: EntryVisibility
) -> None:
    """Take a demand back. What was said and done about it stays in the history, which says why."""
    if not reason:
        raise CampaignError(_("Say why it is no longer asked."), "reason")
    campaign = demand.campaign
    edit_fields(demand, {"deleted_at": now}, record_type="demand", actor=actor, now=now, campaign_id=campaign.id)
    append_entry(
        campaign_id=campaign.id,
        kind=EntryKind.DEMAND,
        headline=gettext("No longer asked: %(words)s", words=demand.words),
        words=reason,
        occurred_on=_today(campaign, now),
        now=now,
        actor=actor,
        visibility=visibility,
    )


def _today(campaign: Campaign, now: dt.datetime) -> dt.date:
    return now.astimezone(ZoneInfo(campaign.zone)).date()
