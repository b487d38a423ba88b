"""Out of the bin again, if nothing took its place."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, Demand
from tracker.campaigns.queries import demands_of
from tracker.campaigns.service import CampaignError
from tracker.db import db
from tracker.resolutions.models import Filer
from tracker.timeline.editing import edit_fields
from tracker.timeline.models import EntryKind, EntryVisibility, TimelineEntry
from tracker.timeline.service import append_entry, note_exposure
from tracker.words import _, gettext


def put_back(campaign: Campaign, record: Any, *, actor: Account, now: dt.datetime) -> None:
    """Undo the removal of a part of a campaign. Raises CampaignError, in words, when something took its place."""
    match record:
        case Demand():
            _put_back_demand(campaign, record, actor, now)
        case Filer():
            _put_back_filer(campaign, record, actor, now)
        case TimelineEntry():
            _undelete(campaign, record, actor, now)
            note_exposure(record, now)
        case _:
            _undelete(campaign, record, actor, now)


def _undelete(campaign: Campaign, record: Any, actor: Account, now: dt.datetime) -> None:
    kind = record.__tablename__
    edit_fields(record, {"deleted_at": None}, record_type=kind, actor=actor, now=now, campaign_id=campaign.id)
    campaign.changed_at = now
    db.session.flush()


def _put_back_demand(campaign: Campaign, demand: Demand, actor: Account, now: dt.datetime) -> None:
    if any(other.words == demand.words and other.target_id == demand.target_id for other in demands_of(campaign)):
        raise CampaignError(_("This is asked already."))
    if demand.target is not None and demand.target.deleted_at is not None:
        _undelete(campaign, demand.target, actor, now)
    _undelete(campaign, demand, actor, now)
    append_entry(
        campaign_id=campaign.id,
        kind=EntryKind.DEMAND,
        headline=gettext("Asked again: %(words)s", words=demand.words),
        occurred_on=now.astimezone(ZoneInfo(campaign.zone)).date(),
        now=now,
        actor=actor,
        visibility=EntryVisibility.PUBLIC,
    )


def _put_back_filer(campaign: Campaign, filer: Filer, actor: Account, now: dt.datetime) -> None:
    try:
        with db.session.begin_nested():
            _undelete(campaign, filer, actor, now)
    except sa.exc.IntegrityError as error:
        raise CampaignError(_("There is a lead filer already; a resolution has exactly one.")) from error
