"""Who can grant a demand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, Demand, Target, TargetKind
from tracker.campaigns.service.errors import CampaignError
from tracker.companies.models import Company, Organisation
from tracker.db import db
from tracker.timeline.editing import edit_fields, refuse_stale
from tracker.timeline.service import record_revision
from tracker.words import _


def add_target(
    campaign: Campaign,
    *,
    kind: TargetKind,
    name: str,
    office: str = "",
    company: Company | None = None,
    organisation: Organisation | None = None,
    actor: Account | None,
    now: dt.datetime,
) -> Target:
    """Name one more who can grant a demand. Raises CampaignError without a name."""
    if not name:
        raise CampaignError(_("Name who is asked."), "name")
    target = Target(
        campaign_id=campaign.id, kind=kind, name=name, office=office, company=company, organisation=organisation
    )
    db.session.add(target)
    db.session.flush()
    record_revision(
        record_type="target",
        record_id=target.id,
        field="name",
        old_value=None,
        new_value=name,
        actor=actor,
        now=now,
        campaign_id=campaign.id,
    )
    campaign.changed_at = now
    return target


def edit_target(
    target: Target, values: Mapping[str, Any], *, seen: int | None, actor: Account, now: dt.datetime
) -> None:
    """Change who it is. Raises Stale, CampaignError."""
    refuse_stale(target, seen)
    if not values["name"]:
        raise CampaignError(_("Name who is asked."), "name")
    edit_fields(target, values, record_type="target", actor=actor, now=now, campaign_id=target.campaign_id)


def remove_target(target: Target, *, actor: Account, now: dt.datetime) -> None:
    """Take a target away that nothing is asked of. Raises CampaignError while something is."""
    asked = sa.select(Demand.id).where(Demand.target_id == target.id, Demand.deleted_at.is_(None))
    if db.session.scalar(asked.limit(1)) is not None:
        raise CampaignError(_("Something is asked of it: give those asks to another first."))
    edit_fields(target, {"deleted_at": now}, record_type="target", actor=actor, now=now, campaign_id=target.campaign_id)
