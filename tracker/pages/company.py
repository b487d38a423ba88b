"""A company's page: what it said and who says so, who asks it what, what came of it; the list of companies."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from flask import abort, redirect, render_template, request, url_for
from flask_babel import get_locale
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import current_account, me, signed_in
from tracker.accounts.models import Account, Role
from tracker.campaigns.models import Campaign, SubjectRole
from tracker.companies.merges import who_remains
from tracker.companies.models import Company, Organisation
from tracker.companies.queries import companies_matching, company_by_slug, names_of, organisation_by_slug
from tracker.companies.views import bp as companies
from tracker.companies.words import ORGANISATION_KINDS
from tracker.db import db
from tracker.digests.queries import following
from tracker.engagements.models import Statement
from tracker.engagements.queries import days_of, statements_of_company
from tracker.outcomes.won_and_lost import demands_won_and_lost, scores_of
from tracker.pages import queries
from tracker.pages.blueprint import bp
from tracker.pages.charts import Votes
from tracker.pages.lines import CampaignLine, campaign_lines
from tracker.pages.shown import statement_shown
from tracker.resolutions.models import FilerRole
from tracker.resolutions.queries import number_of_votes, votes_of_company
from tracker.resolutions.words import ROLES
from tracker.timeline.queries import entries_visible_to
from tracker.timeline.shown_files import files_by_entry
from tracker.web.chrome import link
from tracker.web.paging import page_of
from tracker.words import gettext

PER_PAGE = 50
# A page of a company that thousands ask is no longer than that of one that dozens ask.
STATEMENTS, ASKS, CAMPAIGNS, VOTES = 25, 25, 25, 25


@companies.get("/companies")
@signed_in
def index() -> str:
    """Every company that is known, with how many campaigns ask it and are about it."""
    account = current_account()
    text = request.args.get("q", "").strip()[:200]
    found = companies_matching(text)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(found.order_by(None).subquery())) or 0
    page, pages = page_of(total, PER_PAGE)
    rows = db.session.scalars(found.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
    return render_template(
        "companies/index.html",
        companies=rows,
        numbers=queries.campaigns_per_company([company.id for company in rows], account),
        q=text,
        total=total,
        page=page,
        pages=pages,
    )


@bp.get("/companies/<slug>")
@signed_in
def company(slug: str) -> str:
    """What it said, by year, comes first."""
    found = company_by_slug(slug) or abort(404)
    account = me()
    now = clock.now()
    visible = entries_visible_to(account, today=now.date())
    readable = queries.readable_ids(account)
    fate = demands_won_and_lost(found, campaign_ids=readable, visible=visible)
    asks_page, asks_pages = page_of(len(fate), ASKS, "asks")
    scores = scores_of(fate.ids[(asks_page - 1) * ASKS : asks_page * ASKS], visible)
    standing = queries.campaigns_standing({score.demand.campaign_id for score in scores}, account)
    for score in scores:
        score.url = link("outcomes.show", slug=score.demand.campaign.slug, public_id=score.demand.public_id)
        shown = standing[score.demand.campaign_id]
        score.campaign, score.campaign_url = shown.title, link("pages.campaign", slug=shown.slug)
    naming = _naming(found, account, now)
    votes = votes_of_company(found, visible, campaign_ids=readable, latest=VOTES)
    return render_template(
        "pages/company.html",
        company=found,
        follows=following(account, company=found),
        names=names_of(found),
        country=country_name(found.country),
        said=_said(found, account, now.date()),
        asking=naming[SubjectRole.ASKED],
        about=naming[SubjectRole.ABOUT],
        fate=fate,
        scores=scores,
        asks_page=asks_page,
        asks_pages=asks_pages,
        votes=Votes(votes),
        votes_in_all=len(votes) if len(votes) < VOTES else number_of_votes(found, visible, campaign_ids=readable),
        most_votes=VOTES,
        may_edit=account.role in (Role.ADMINISTRATOR, Role.ORGANISER),
    )


@dataclass(frozen=True)
class Said:
    """One page of what a company said, and how much there is by year."""

    years: Sequence[tuple[int, list[tuple[dict[str, Any], list[Campaign]]]]]  # those on this page
    numbers: Sequence[tuple[int, int]]  # every year, and how many statements it has
    year: int | None  # the only one that is asked for
    total: int
    page: int
    pages: int


def _said(company: Company, account: Account, today: dt.date) -> Said:
    """What it said: all of it, or in the year that the address asks for."""
    found = statements_of_company(company, account, today=today, campaign_ids=queries.readable_ids(account))
    days = days_of(found)
    numbers = Counter(day.year for _id, day in days)
    asked = request.args.get("year", "")
    year = next((known for known in numbers if str(known) == asked), None)
    chosen = [number for number, day in days if year in (None, day.year)]
    page, pages = page_of(len(chosen), STATEMENTS)
    ids = chosen[(page - 1) * STATEMENTS : page * STATEMENTS]
    shown = db.session.scalars(found.where(Statement.id.in_(ids))).all()
    campaigns = queries.campaigns_by_id({statement.campaign_id for statement in shown})
    standing = queries.campaigns_standing(campaigns, account)
    files = files_by_entry([one.entry for one in shown], campaigns, account, today=today)
    return Said(_by_year(shown, campaigns, standing, files), list(numbers.items()), year, len(chosen), page, pages)


def _naming(company: Company, account: Account, now: dt.datetime) -> dict[SubjectRole, tuple[list[CampaignLine], int]]:
    """By its part in them, the campaigns begun last, and how many there are in all; the list has the rest."""
    found = {role: queries.campaigns_naming(company, role, account, limit=CAMPAIGNS) for role in SubjectRole}
    every = {one.id: one for campaigns in found.values() for one in campaigns}
    lines = {line.campaign.id: line for line in campaign_lines(list(every.values()), account, now=now)}
    return {
        role: (
            [lines[one.id] for one in campaigns],
            len(campaigns) if len(campaigns) < CAMPAIGNS else queries.number_naming(company, role, account),
        )
        for role, campaigns in found.items()
    }


def _by_year(
    said: Sequence[Statement],
    campaigns: Mapping[int, Campaign],
    standing: Mapping[int, Campaign],
    files: Mapping[int, list[dict[str, Any]]],
) -> list[tuple[int, list[tuple[dict[str, Any], list[Campaign]]]]]:
    """Its statements by year, newest first; what several campaigns recorded alike stands once, and names them; the
    files of all of them are below it."""
    years = []
    for year, of_year in groupby(said, key=lambda one: one.entry.occurred_on.year):
        once: dict[tuple[Any, ...], tuple[dict[str, Any], list[Campaign]]] = {}
        for one in of_year:
            campaign = campaigns[one.campaign_id]
            key = (one.entry.occurred_on, one.entry.occurred_precision, one.entry.headline, one.entry.visibility)
            item, where = once.setdefault(key, (statement_shown(one, campaign), []))
            item["files"] = [*item["files"], *files.get(one.entry_id, [])]
            if standing[campaign.id] not in where:
                where.append(standing[campaign.id])
        years.append((year, list(once.values())))
    return years


@companies.get("/organisations/<slug>")
@signed_in
def organisation(slug: str) -> str | Response:
    """An investor, a union, an agency: what is recorded of it, and the campaigns that ask it or are about it."""
    found = organisation_by_slug(slug) or abort(404)
    if (remains := who_remains(found)) is not found:  # not for ever: merging can be undone
        return redirect(url_for("companies.organisation", slug=remains.slug))
    account = me()
    now = clock.now()
    return render_template(
        "companies/organisation.html",
        organisation=found,
        kind=ORGANISATION_KINDS[found.kind],
        country=country_name(found.country),
        filings=_filings(found, account, now.date()),
        asking=campaign_lines(queries.campaigns_naming(found, SubjectRole.ASKED, account), account, now=now),
        about=campaign_lines(queries.campaigns_naming(found, SubjectRole.ABOUT, account), account, now=now),
        may_edit=account.role in (Role.ADMINISTRATOR, Role.ORGANISER),
    )


def _filings(organisation: Organisation, account: Account, today: dt.date) -> list[dict[str, Any]]:
    filers = queries.filings_of(organisation, account, today=today)
    campaigns = queries.campaigns_by_id({filer.resolution.campaign_id for filer in filers})
    # Filed under two names that were found to be one, it stands here once, as the lead filer if it leads under either.
    leads = {filer.resolution_id for filer in filers if filer.role is FilerRole.LEAD}
    return [
        {
            "title": filer.resolution.title or gettext("Title removed"),
            "role": ROLES[FilerRole.LEAD if filer.resolution_id in leads else filer.role],
            "company": filer.resolution.company.name,
            "meeting_on": filer.resolution.meeting_on,
            "precision": filer.resolution.meeting_precision,
            "url": url_for(
                "resolutions.show",
                slug=campaigns[filer.resolution.campaign_id].slug,
                public_id=filer.resolution.public_id,
            ),
        }
        for filer in {filer.resolution_id: filer for filer in filers}.values()
    ]


def country_name(code: str) -> str:
    """A country's name in the reader's language."""
    locale: Any = get_locale()
    return str(locale.territories.get(code, code)) if code and locale else code
