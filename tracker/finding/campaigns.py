"""Which campaigns fit what somebody looks for, and in which order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from tracker.accounts.models import Account
from tracker.campaigns.merged import is_listed
from tracker.campaigns.models import Campaign, CampaignSubject, Issue, campaign_issue
from tracker.campaigns.queries import among as one_among
from tracker.campaigns.queries import readable_campaigns
from tracker.campaigns.related import readable_ids
from tracker.companies.models import Company
from tracker.db import db, one_of
from tracker.finding.fates import with_fate
from tracker.finding.seen import campaigns_with
from tracker.finding.wanted import Wanted
from tracker.search.asking import read
from tracker.timeline.models import TimelineEntry
from tracker.timeline.queries import entries_visible_to

Condition = sa.ColumnElement[bool]


def with_words(wanted: Wanted, account: Account, today: dt.date) -> list[Condition]:
    """The conditions on Campaign that it has the words that are wanted."""
    asked = read(wanted.q)
    if wanted.q and not asked.terms and not asked.excluded:
        return [sa.false()]  # a line of marks without a word asks for nothing that is there
    return [
        *(_or_its_parts(campaigns_with(term, account, today), account) for term in asked.terms),
        *(~_or_its_parts(campaigns_with(term, account, today), account) for term in asked.excluded),
    ]


def looked_up(wanted: Wanted, account: Account, today: dt.date) -> Sequence[int] | None:
    """The campaigns that have the words, looked up once and for all: a list asks for them half a dozen times.
    None when no words are wanted."""
    if not wanted.q:
        return None
    may_read = readable_campaigns(account).with_only_columns(Campaign.id)
    return db.session.scalars(may_read.where(*with_words(wanted, account, today))).all()


def fitting(wanted: Wanted, account: Account, today: dt.date, among: Sequence[int] | None = None) -> list[Condition]:
    """The conditions on Campaign that it may be read and fits; `among` are those with the words, if looked up."""
    # The condition itself, not the ids: one walk over an index instead of a look at every row.
    may_read = readable_campaigns(account).whereclause
    assert may_read is not None
    conditions: list[Condition] = [may_read, is_listed(account)]
    conditions += with_words(wanted, account, today) if among is None else [one_of(Campaign.id, among)]
    if wanted.kind:
        conditions.append(sa.cast(Campaign.kind, sa.String).in_(wanted.kind))
    if wanted.stage:
        conditions.append(sa.cast(Campaign.stage, sa.String).in_(wanted.stage))
    if wanted.company:
        named = sa.select(CampaignSubject.campaign_id).join(Company).where(Company.slug.in_(wanted.company))
        conditions.append(_or_its_parts(named, account))
    if wanted.issue:
        about = sa.select(campaign_issue.c.campaign_id).join(Issue).where(Issue.slug.in_(wanted.issue))
        conditions.append(_or_its_parts(about, account))
    if wanted.outcome:
        conditions.append(with_fate(wanted.outcome, account, today))
    if wanted.years:
        conditions.append(sa.extract("year", Campaign.began_on).in_(wanted.years))
    return conditions


def _or_its_parts(ids: sa.Select[int] | sa.CompoundSelect[Any], account: Account) -> Condition:
    """That a campaign is among these, or one that was merged into it and that this account may read."""
    part = aliased(Campaign)
    found = ids.cte()  # asked once, though it stands twice
    parts = sa.select(part.merged_into_id).where(
        part.merged_into_id.is_not(None),
        part.id.in_(sa.select(*found.c)),
        one_among(part.id, readable_ids(account)),
    )
    return Campaign.id.in_(sa.union_all(sa.select(*found.c), parts))


def ids_fitting(wanted: Wanted, account: Account, today: dt.date, among: Sequence[int] | None = None) -> sa.Select[int]:
    """The ids of the campaigns that fit."""
    return sa.select(Campaign.id).where(*fitting(wanted, account, today, among))


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
    wanted: Wanted,
    account: Account,
    today: dt.date,
    *,
    among: Sequence[int] | None,
    total: int,
    per_page: int,
    page: int,
) -> Sequence[Campaign]:
    """One page of the `total` campaigns that fit, in the order that is wanted."""
    start, fits = (page - 1) * per_page, fitting(wanted, account, today, among)
    if wanted.sort == "changed":
        return _in_order(_changed_last(fits, account, today, min(total, start + per_page), total)[start:])
    order: tuple[Any, ...] = (sa.func.lower(Campaign.title), Campaign.id)
    if wanted.sort == "began":
        order = (Campaign.began_on.is_(None), Campaign.began_on.desc(), Campaign.id.desc())
    # Their ids first: sorting carries all that is asked for.
    return _in_order(
        db.session.scalars(sa.select(Campaign.id).where(*fits).order_by(*order).limit(per_page).offset(start)).all()
    )


def _in_order(ids: Sequence[int]) -> Sequence[Campaign]:
    found = {one.id: one for one in db.session.scalars(sa.select(Campaign).where(Campaign.id.in_(ids)))}
    return [found[one] for one in ids]


def _changed_last(fits: list[Condition], account: Account, today: dt.date, needed: int, total: int) -> list[int]:
    """The ids of as many campaigns as needed, changed last first, as far as this reader sees the change.

    No change they see is later than `changed_at`, which counts all: of all campaigns those changed last are looked at,
    until no other could come before the needed ones. Where few fit, all of those are.
    """
    moment = sa.func.coalesce(last_change(account, today), Campaign.created_at).label("seen_at")
    fit = sa.select(Campaign.id, moment).where(*fits)
    looked_at = 4 * needed + 100
    while True:
        latest = sa.select(Campaign.id, Campaign.changed_at).order_by(Campaign.changed_at.desc()).limit(looked_at)
        among, floor = fit, None
        if total > looked_at:
            top = latest.subquery()
            among = fit.where(Campaign.id.in_(sa.select(top.c.id)))
            floor = db.session.scalar(sa.select(sa.func.min(top.c.changed_at)))
        ordered = sorted(db.session.execute(among), key=lambda row: (row.seen_at, row.id), reverse=True)
        if floor is None or (len(ordered) >= needed and ordered[needed - 1].seen_at > floor):
            return [row.id for row in ordered[:needed]]
        looked_at *= 10
