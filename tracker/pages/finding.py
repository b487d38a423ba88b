"""Finding campaigns: words, facets and order, within what the reader may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from tracker.accounts.models import Account
from tracker.campaigns.models import (
    Campaign,
    CampaignSubject,
    Demand,
    Issue,
    campaign_issue,
)
from tracker.campaigns.queries import readable_campaigns
from tracker.companies.models import Company, Organisation
from tracker.db import db
from tracker.search_text import normalise
from tracker.timeline.models import TimelineEntry
from tracker.timeline.queries import entries_visible_to
from tracker.words import LazyString, _

SORTS: dict[str, LazyString] = {
    "changed": _("Last change"),
    "began": _("When it began"),
    "title": _("Title"),
}
FACETS = ("kind", "stage", "company", "issue", "year")


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for, as the address says it."""

    q: str = ""
    kind: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    company: tuple[str, ...] = ()
    issue: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    sort: str = "changed"
    page: int = 1

    @classmethod
    def from_query(cls, query: MultiDict[str, str]) -> Wanted:
        """Read an address; what means nothing is left out."""
        page = query.get("page", "1")
        return cls(
            q=query.get("q", "").strip()[:200],
            sort=query["sort"] if query.get("sort") in SORTS else "changed",
            page=max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1,
            **{name: tuple(dict.fromkeys(query.getlist(name))) for name in FACETS},
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is asked at all."""
        return any(getattr(self, field.name) for field in fields(self) if field.name in ("q", *FACETS))


@dataclass(frozen=True)
class Found:
    """One page of campaigns, and how many more each facet's value has."""

    campaigns: Sequence[Campaign]
    total: int
    page: int
    pages: int
    kinds: Mapping[str, int]
    stages: Mapping[str, int]
    companies: Sequence[tuple[str, str, int]]  # slug, name, count
    issues: Sequence[tuple[str, str, int]]
    years: Sequence[tuple[str, str, int]]
    known: int  # campaigns one may read at all


def find(wanted: Wanted, account: Account, *, today: dt.date, per_page: int) -> Found:
    """The page that is wanted. Each facet counts what the others leave, so that ticking one never empties the rest."""

    def ids(without: str) -> sa.Select[int]:
        rest: Any = {without: ()}
        return _matching(replace(wanted, **rest), account, today)

    matching = _matching(wanted, account, today)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(matching.subquery())) or 0
    pages = max(1, -(-total // per_page))
    page = min(wanted.page, pages)
    rows = db.session.scalars(
        sa.select(Campaign)
        .where(Campaign.id.in_(matching))
        .order_by(*_order(wanted.sort, account, today))
        .limit(per_page)
        .offset((page - 1) * per_page)
    ).all()
    readable = readable_campaigns(account).with_only_columns(Campaign.id)
    return Found(
        campaigns=rows,
        total=total,
        page=page,
        pages=pages,
        kinds=_counts(Campaign.kind, ids("kind")),
        stages=_counts(Campaign.stage, ids("stage")),
        companies=_companies(ids("company")),
        issues=_issues(ids("issue")),
        years=[(str(year), str(year), count) for year, count in _years(ids("year"))],
        known=db.session.scalar(sa.select(sa.func.count()).select_from(readable.subquery())) or 0,
    )


def _matching(wanted: Wanted, account: Account, today: dt.date) -> sa.Select[int]:
    """The ids of the campaigns that fit."""
    found = readable_campaigns(account).with_only_columns(Campaign.id)
    for word in normalise(wanted.q).split():
        found = found.where(_mentions(word, account, today))
    if wanted.kind:
        found = found.where(sa.cast(Campaign.kind, sa.String).in_(wanted.kind))
    if wanted.stage:
        found = found.where(sa.cast(Campaign.stage, sa.String).in_(wanted.stage))
    if wanted.company:
        named = sa.select(CampaignSubject.campaign_id).join(Company).where(Company.slug.in_(wanted.company))
        found = found.where(Campaign.id.in_(named))
    if wanted.issue:
        about = sa.select(campaign_issue.c.campaign_id).join(Issue).where(Issue.slug.in_(wanted.issue))
        found = found.where(Campaign.id.in_(about))
    if years := [int(year) for year in wanted.year if year.isdecimal() and len(year) == 4]:
        found = found.where(sa.extract("year", Campaign.began_on).in_(years))
    return found


def _mentions(word: str, account: Account, today: dt.date) -> sa.ColumnElement[bool]:
    """Whether a campaign's title, demands, companies or entries have a word; entries only as far as one may see."""

    def has(column: Any) -> sa.ColumnElement[bool]:
        found: sa.ColumnElement[bool] = column.contains(word, autoescape=True)
        return found

    asks = sa.select(Demand.campaign_id).where(Demand.deleted_at.is_(None), has(Demand.search_text))
    companies = sa.select(CampaignSubject.campaign_id).join(Company).where(has(Company.search_text))
    bodies = sa.select(CampaignSubject.campaign_id).join(Organisation).where(has(Organisation.search_text))
    entries = sa.select(TimelineEntry.campaign_id).where(
        entries_visible_to(account, today=today), TimelineEntry.redacted_at.is_(None), has(TimelineEntry.search_text)
    )
    return sa.or_(has(Campaign.search_text), *(Campaign.id.in_(found) for found in (asks, companies, bodies, entries)))


def _order(sort: str, account: Account, today: dt.date) -> tuple[sa.ColumnElement[Any], ...]:
    if sort == "title":
        return (sa.func.lower(Campaign.title), Campaign.id.expression)
    if sort == "began":
        return (Campaign.began_on.is_(None), Campaign.began_on.desc(), Campaign.id.desc())
    # What the reader may not see moves nothing.
    last = (
        sa.select(sa.func.max(TimelineEntry.recorded_at))
        .where(TimelineEntry.campaign_id == Campaign.id, entries_visible_to(account, today=today))
        .scalar_subquery()
    )
    return (sa.func.coalesce(last, Campaign.created_at).desc(), Campaign.id.desc())


def _counts(column: Any, ids: sa.Select[int]) -> dict[str, int]:
    rows = db.session.execute(sa.select(column, sa.func.count()).where(Campaign.id.in_(ids)).group_by(column))
    return {value.value: count for value, count in rows}


def _companies(ids: sa.Select[int]) -> list[tuple[str, str, int]]:
    number = sa.func.count(sa.distinct(CampaignSubject.campaign_id))
    rows = db.session.execute(
        sa.select(Company.slug, Company.name, number)
        .join(CampaignSubject, CampaignSubject.company_id == Company.id)
        .where(CampaignSubject.campaign_id.in_(ids))
        .group_by(Company.slug, Company.name)
        .order_by(number.desc(), Company.name)
        .limit(12)
    )
    return [(slug, name, count) for slug, name, count in rows]


def _issues(ids: sa.Select[int]) -> list[tuple[str, str, int]]:
    number = sa.func.count()
    rows = db.session.execute(
        sa.select(Issue.slug, Issue.name, number)
        .join(campaign_issue, campaign_issue.c.issue_id == Issue.id)
        .where(campaign_issue.c.campaign_id.in_(ids))
        .group_by(Issue.slug, Issue.name)
        .order_by(number.desc(), Issue.name)
        .limit(12)
    )
    return [(slug, name, count) for slug, name, count in rows]


def _years(ids: sa.Select[int]) -> list[tuple[int, int]]:
    year = sa.extract("year", Campaign.began_on)
    rows = db.session.execute(
        sa.select(year, sa.func.count())
        .where(Campaign.id.in_(ids), Campaign.began_on.is_not(None))
        .group_by(year)
        .order_by(year.desc())
    )
    return [(int(value), count) for value, count in rows]
