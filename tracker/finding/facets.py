"""How many campaigns each value of each facet leaves. A facet counts what the others leave, so that ticking one value
never empties the rest of its own."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, CampaignSubject, Issue, campaign_issue
from tracker.companies.models import Company
from tracker.db import db
from tracker.finding.campaigns import fitting, ids_fitting
from tracker.finding.fates import fates_of_demands, kept_fates, statuses_in
from tracker.finding.wanted import Wanted

MOST = 12  # of companies and issues; what is ticked comes on top

Choice = tuple[str, str, int]  # value, label, count


@dataclass(frozen=True)
class Facets:
    """The counts of every facet, and of all campaigns that fit."""

    total: int
    kinds: Mapping[str, int]
    stages: Mapping[str, int]
    years: Mapping[str, int]
    outcomes: Mapping[str, int]
    companies: Sequence[Choice]
    issues: Sequence[Choice]


def count_facets(wanted: Wanted, account: Account, today: dt.date, among: Sequence[int] | None) -> Facets:
    """All facets, in four queries, or five."""
    cells = list(_cells(wanted, account, today, among))
    return Facets(
        total=sum(cell.count for cell in cells if all(cell.fits.values())),
        kinds=_sums(cells, "kind"),
        stages=_sums(cells, "stage"),
        years=dict(sorted(_sums(cells, "year").items(), reverse=True)),
        outcomes=_outcomes(wanted, account, today, among),
        companies=_named(
            Company,
            sa.select(CampaignSubject.company_id.label("key"), CampaignSubject.campaign_id.label("campaign_id")).where(
                CampaignSubject.company_id.is_not(None)
            ),
            ids_fitting(wanted.without("company"), account, today, among),
            wanted.company,
        ),
        issues=_named(
            Issue,
            sa.select(campaign_issue.c.issue_id.label("key"), campaign_issue.c.campaign_id),
            ids_fitting(wanted.without("issue"), account, today, among),
            wanted.issue,
        ),
    )


@dataclass(frozen=True)
class _Cell:
    """The campaigns alike in kind, stage and year; and whether each of these is one of those ticked, if any are."""

    values: Mapping[str, str]
    fits: Mapping[str, bool]
    count: int


def _cells(wanted: Wanted, account: Account, today: dt.date, among: Sequence[int] | None) -> Iterator[_Cell]:
    year = sa.extract("year", Campaign.began_on)
    rows = db.session.execute(
        sa.select(Campaign.kind, Campaign.stage, year, sa.func.count())
        .where(*fitting(wanted.without("kind", "stage", "year"), account, today, among))
        .group_by(Campaign.kind, Campaign.stage, year)
    )
    ticked = {**wanted.ticked, "year": tuple(map(str, wanted.years))}
    for kind, stage, began, count in rows:
        values = {"kind": kind.value, "stage": stage.value, "year": "" if began is None else str(int(began))}
        fits = {name: not ticked[name] or value in ticked[name] for name, value in values.items()}
        yield _Cell(values, fits, count)


def _sums(cells: Sequence[_Cell], name: str) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for cell in cells:
        if cell.values[name] and all(fits for other, fits in cell.fits.items() if other != name):
            sums[cell.values[name]] += cell.count
    return dict(sums)


def _outcomes(wanted: Wanted, account: Account, today: dt.date, among: Sequence[int] | None) -> dict[str, int]:
    fits, kept = fitting(wanted.without("outcome"), account, today, among), kept_fates(account)
    alike = sa.select(kept.label("kept")).where(*fits).subquery()
    counts: Counter[str] = Counter()
    is_silent = False
    for said, number in db.session.execute(sa.select(alike.c.kept, sa.func.count()).group_by(alike.c.kept)):
        is_silent |= said is None
        counts.update(dict.fromkeys(statuses_in(said or ""), number))
    if is_silent:
        fates = fates_of_demands(account, today)
        silent = sa.select(Campaign.id).where(*fits, kept.is_(None))
        rows = db.session.execute(
            sa.select(fates.c.status, sa.func.count(sa.distinct(fates.c.campaign_id)))
            .where(fates.c.campaign_id.in_(silent))
            .group_by(fates.c.status)
        )
        counts.update(dict(rows.all()))
    return dict(counts)


def _named(
    model: type[Company] | type[Issue], links: sa.Select[Any, Any], ids: sa.Select[int], ticked: Sequence[str]
) -> list[Choice]:
    """The values with most campaigns, and those that are ticked, even with none."""
    link = links.subquery()
    number = sa.func.count(sa.distinct(link.c.campaign_id))
    counts = (
        sa.select(link.c.key, number.label("number")).where(link.c.campaign_id.in_(ids)).group_by(link.c.key).subquery()
    )
    is_ticked = model.slug.in_(ticked)
    count = sa.func.coalesce(counts.c.number, 0)
    rows = db.session.execute(
        sa.select(model.slug, model.name, count)
        .outerjoin(counts, counts.c.key == model.id)
        .where(sa.or_(counts.c.number.is_not(None), is_ticked))
        .order_by(sa.case((is_ticked, 0), else_=1), count.desc(), model.name, model.id)
        .limit(MOST + len(ticked))
    )
    return [(slug, name, number) for slug, name, number in rows]
