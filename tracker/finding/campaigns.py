"""Which campaigns fit what somebody looks for, and in which order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, CampaignSubject, Demand, Issue, campaign_issue
from tracker.companies.models import Company
from tracker.db import db
from tracker.finding.seen import campaigns_with, readable
from tracker.finding.wanted import Wanted
from tracker.outcomes.models import Outcome, OutcomeStatus
from tracker.search.asking import read
from tracker.timeline.models import EntryKind, TimelineEntry
from tracker.timeline.queries import entries_visible_to, standing

Condition = sa.ColumnElement[bool]


def fitting(wanted: Wanted, account: Account, today: dt.date) -> list[Condition]:
    """The conditions on Campaign that it may be read and fits."""
    conditions: list[Condition] = [Campaign.id.in_(readable(account))]
    asked = read(wanted.q)
    if wanted.q and not asked.terms and not asked.excluded:
        return [*conditions, sa.false()]  # a line of marks without a word asks for nothing that is there
    conditions += [Campaign.id.in_(campaigns_with(term, account, today)) for term in asked.terms]
    conditions += [Campaign.id.not_in(campaigns_with(term, account, today)) for term in asked.excluded]
    if wanted.kind:
        conditions.append(sa.cast(Campaign.kind, sa.String).in_(wanted.kind))
    if wanted.stage:
        conditions.append(sa.cast(Campaign.stage, sa.String).in_(wanted.stage))
    if wanted.company:
        named = sa.select(CampaignSubject.campaign_id).join(Company).where(Company.slug.in_(wanted.company))
        conditions.append(Campaign.id.in_(named))
    if wanted.issue:
        about = sa.select(campaign_issue.c.campaign_id).join(Issue).where(Issue.slug.in_(wanted.issue))
        conditions.append(Campaign.id.in_(about))
    if wanted.outcome:
        fates = fates_of_demands(account, today)
        conditions.append(Campaign.id.in_(sa.select(fates.c.campaign_id).where(fates.c.status.in_(wanted.outcome))))
    if wanted.years:
        conditions.append(sa.extract("year", Campaign.began_on).in_(wanted.years))
    return conditions


def ids_fitting(wanted: Wanted, account: Account, today: dt.date) -> sa.Select[int]:
    """The ids of the campaigns that fit."""
    return sa.select(Campaign.id).where(*fitting(wanted, account, today))


def fates_of_demands(account: Account, today: dt.date) -> sa.Subquery:
    """(campaign_id, status) of every demand: the latest outcome that stands and this account may read, as
    `outcomes.queries.current_outcomes` has it; unanswered when there is none."""
    latest = (
        sa.select(
            Outcome.demand_id,
            sa.cast(Outcome.status, sa.String).label("status"),
            sa.func.row_number()
            .over(
                partition_by=Outcome.demand_id,
                order_by=[
                    TimelineEntry.occurred_on.desc(),
                    TimelineEntry.recorded_at.desc(),
                    TimelineEntry.id.desc(),
                ],
            )
            .label("place"),
        )
        .join(Outcome.entry)
        .where(standing(EntryKind.OUTCOME), entries_visible_to(account, today=today))
        .subquery()
    )
    status = sa.func.coalesce(latest.c.status, OutcomeStatus.UNANSWERED.value).label("status")
    return (
        sa.select(Demand.campaign_id, status)
        .select_from(Demand)
        .outerjoin(latest, sa.and_(latest.c.demand_id == Demand.id, latest.c.place == 1))
        .where(Demand.deleted_at.is_(None))
        .subquery("fates")
    )


def last_change(account: Account | None, today: dt.date) -> sa.ScalarSelect[dt.datetime]:
    """When something this reader may see was last recorded in a Campaign; what they may not see moves nothing."""
    return (
        sa.select(TimelineEntry.recorded_at)
        .where(TimelineEntry.campaign_id == Campaign.id, entries_visible_to(account, today=today))
        .order_by(TimelineEntry.recorded_at.desc())
        .limit(1)
        .correlate(Campaign)
        .scalar_subquery()
    )


def page_of_campaigns(
    wanted: Wanted, account: Account, today: dt.date, *, per_page: int, page: int
) -> Sequence[Campaign]:
    """One page of the campaigns that fit, in the order that is wanted."""
    start = (page - 1) * per_page
    if wanted.sort == "changed":
        ids = _changed_last(wanted, account, today, start + per_page)[start:]
        found = {one.id: one for one in db.session.scalars(sa.select(Campaign).where(Campaign.id.in_(ids)))}
        return [found[one] for one in ids]
    order: tuple[Any, ...] = (sa.func.lower(Campaign.title), Campaign.id)
    if wanted.sort == "began":
        order = (Campaign.began_on.is_(None), Campaign.began_on.desc(), Campaign.id.desc())
    fits = fitting(wanted, account, today)
    return db.session.scalars(sa.select(Campaign).where(*fits).order_by(*order).limit(per_page).offset(start)).all()


def _changed_last(wanted: Wanted, account: Account, today: dt.date, needed: int) -> list[int]:
    """The ids of as many campaigns as needed, changed last first, as far as this reader sees the change.

    No change they see is later than `changed_at`, which counts all: those changed last for everybody are looked at one
    by one, until no other could come before them.
    """
    fits, looked_at = fitting(wanted, account, today), max(2 * needed, 50)
    moment = sa.func.coalesce(last_change(account, today), Campaign.created_at)
    while True:
        top = (
            sa.select(Campaign.id)
            .where(*fits)
            .order_by(Campaign.changed_at.desc(), Campaign.id.desc())
            .limit(looked_at)
            .subquery()
        )
        rows = db.session.execute(
            sa.select(Campaign.id, Campaign.changed_at, moment.label("seen_at")).where(
                Campaign.id.in_(sa.select(top.c.id))
            )
        ).all()
        ordered = sorted(rows, key=lambda row: (row.seen_at, row.id), reverse=True)
        floor = min((row.changed_at for row in rows), default=None)
        if len(rows) < looked_at or (floor is not None and ordered[needed - 1].seen_at > floor):
            return [row.id for row in ordered[:needed]]
        looked_at *= 4
