"""What became of the demands of each campaign, as somebody sees it. Mostly the campaign's own row says it (ADR 031)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from tracker.accounts.models import Account, CampaignMember, Role
from tracker.campaigns.models import Campaign, Demand
from tracker.outcomes.models import Outcome, OutcomeStatus
from tracker.timeline.models import EntryKind, TimelineEntry
from tracker.timeline.queries import entries_visible_to, standing

Condition = sa.ColumnElement[bool]


def kept_fates(account: Account) -> sa.ColumnElement[str | None]:
    """In a query of campaigns: the statuses of a campaign's demands as this account sees them, joined by commas. NULL
    where an outcome was told to named readers, or to everybody from a day on: `fates_of_demands` says it then."""
    if account.role is Role.ADMINISTRATOR:
        return Campaign.fates_for_members.expression
    mine = sa.select(CampaignMember.campaign_id).where(CampaignMember.account_id == account.id)
    return sa.case((Campaign.id.in_(mine), Campaign.fates_for_members), else_=Campaign.fates_for_readers)


def statuses_in(kept: str) -> Sequence[str]:
    """The statuses that a campaign's row says."""
    return kept.split(",") if kept else ()


def with_fate(statuses: Sequence[str], account: Account, today: dt.date) -> Condition:
    """The condition on Campaign that one of these became of one of its demands, as this account sees it."""
    kept = kept_fates(account)
    listed = sa.literal(",") + kept + ","
    asked = fates_of_demands(account, today)
    return sa.or_(
        *(listed.contains(f",{status},", autoescape=True) for status in statuses),
        sa.and_(kept.is_(None), Campaign.id.in_(sa.select(asked.c.campaign_id).where(asked.c.status.in_(statuses)))),
    )


def fates_of_demands(account: Account, today: dt.date) -> sa.Subquery:
    """(campaign_id, status) of every demand of the campaigns whose rows do not say it: the latest outcome that stands
    and this account may read, as `outcomes.queries.current_outcomes` has it; unanswered when there is none."""
    silent = aliased(Campaign)
    latest = (
        sa.select(sa.cast(Outcome.status, sa.String))
        .join(Outcome.entry)
        .where(Outcome.demand_id == Demand.id, standing(EntryKind.OUTCOME), entries_visible_to(account, today=today))
        .order_by(TimelineEntry.occurred_on.desc(), TimelineEntry.recorded_at.desc(), TimelineEntry.id.desc())
        .limit(1)
        .correlate(Demand)
        .scalar_subquery()
    )
    status = sa.func.coalesce(latest, OutcomeStatus.UNANSWERED.value).label("status")
    return (
        sa.select(Demand.campaign_id, status)
        .where(
            Demand.campaign_id.in_(sa.select(silent.id).where(silent.fates_for_readers.is_(None))),
            Demand.deleted_at.is_(None),
        )
        .subquery("fates")
    )
