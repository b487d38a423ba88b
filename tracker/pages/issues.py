"""Issue areas: all of them, and one with what was asked, by whom, of whom, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import abort, redirect, render_template, url_for
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import me, signed_in
from tracker.accounts.models import Role
from tracker.campaigns.issues import campaigns_bearing, removed_issues, visible_issue, visible_issues
from tracker.campaigns.merged import together
from tracker.campaigns.models import Issue
from tracker.companies.models import Company
from tracker.db import db
from tracker.digests.queries import following
from tracker.outcomes.models import OutcomeStatus
from tracker.outcomes.queries import current_outcomes
from tracker.outcomes.won_and_lost import WonAndLost, scores_of
from tracker.pages import queries
from tracker.pages.blueprint import bp
from tracker.pages.charts import Votes
from tracker.pages.lines import campaign_lines
from tracker.pages.shown import entry_in_short
from tracker.resolutions.queries import votes_on
from tracker.timeline.queries import corrections_of, entries_visible_to
from tracker.web.chrome import link
from tracker.web.paging import page_of

CHANGES = 8
PER_PAGE = 50
# As on a company's page: one that thousands of campaigns bear is no longer than one that dozens bear.
CAMPAIGNS, ASKS, ASKED, VOTES = 25, 25, 25, 25
TEAM = (Role.ADMINISTRATOR, Role.ORGANISER)


@dataclass(frozen=True)
class IssueLine:
    """What the list says of one issue area."""

    issue: Issue
    campaigns: int
    outcomes: list[OutcomeStatus]


@bp.get("/issues")
@signed_in
def issues() -> str:
    """Every issue area, with its campaigns and what came of what they ask."""
    account, now = me(), clock.now()
    every = visible_issues(account)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(every.order_by(None).subquery())) or 0
    page, pages = page_of(total, PER_PAGE)
    found = db.session.scalars(every.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
    bearing = campaigns_bearing(found, account)
    standing = together({one for ids in bearing.values() for one in ids}, account)
    asks = queries.demands_by_campaign(standing)
    known = current_outcomes(standing, entries_visible_to(account, today=now.date()))
    outcomes: dict[int, list[OutcomeStatus]] = {into: [] for into in standing.values()}
    for campaign_id, demands in asks.items():
        outcomes[standing[campaign_id]] += [
            known[demand.id].status if demand.id in known else OutcomeStatus.UNANSWERED for demand in demands
        ]
    return render_template(
        "issues/index.html",
        lines=[
            IssueLine(one, len(bearing[one.id]), [status for number in bearing[one.id] for status in outcomes[number]])
            for one in found
        ],
        total=total,
        page=page,
        pages=pages,
        removed=removed_issues(account) if account.role in TEAM else [],
        may_edit=account.role in TEAM,
    )


@bp.get("/issues/<slug>")
@signed_in
def issue(slug: str) -> str | Response:
    """What it is about, what was asked and what came of it, who asks whom, and what happened last."""
    account, now = me(), clock.now()
    found = visible_issue(slug, account)
    if found is None:
        abort(404)
    if found.slug != slug:  # renamed, or merged, which can be undone
        return redirect(url_for("pages.issue", slug=found.slug), 302)
    today = now.date()
    visible = entries_visible_to(account, today=today)
    ids = campaigns_bearing([found], account)[found.id]
    standing = together(ids, account)
    shown = queries.campaigns_by_id(ids)
    changed = queries.last_changes_together(ids, account, today=today)
    latest = sorted(ids, key=lambda one: changed.get(one, shown[one].created_at), reverse=True)
    page, pages = page_of(len(latest), CAMPAIGNS)
    lines = campaign_lines([shown[one] for one in latest[(page - 1) * CAMPAIGNS : page * CAMPAIGNS]], account, now=now)
    fate = _fate(latest, standing, visible)
    asks_page, asks_pages = page_of(len(fate), ASKS, "asks")
    scores = scores_of(fate.ids[(asks_page - 1) * ASKS : asks_page * ASKS], visible)
    for score in scores:
        into = shown[standing[score.demand.campaign_id]]
        score.url = link("outcomes.show", slug=score.demand.campaign.slug, public_id=score.demand.public_id)
        score.campaign, score.campaign_url = into.title, link("pages.campaign", slug=into.slug)
    entries = queries.latest_entries(list(standing), account, today=today, limit=CHANGES)
    corrected = corrections_of(entries, visible)
    parts = queries.campaigns_by_id({entry.campaign_id for entry in entries})
    votes = votes_on(standing, visible)
    return render_template(
        "issues/show.html",
        issue=found,
        follows=following(account, issue=found),
        lines=lines,
        campaigns=len(latest),
        page=page,
        pages=pages,
        fate=fate,
        scores=scores,
        asks_page=asks_page,
        asks_pages=asks_pages,
        asked=_asked(standing),
        most_asked=ASKED,
        votes=Votes(votes[-VOTES:]),
        votes_in_all=len(votes),
        most_votes=VOTES,
        entries=[
            {**entry_in_short(one, parts[one.campaign_id]), "part": shown[standing[one.campaign_id]].title}
            for one in entries
            if one.id not in corrected
        ],
        may_edit=account.role in TEAM,
    )


def _fate(latest: Sequence[int], standing: Mapping[int, int], visible: sa.ColumnElement[bool]) -> WonAndLost:
    """What became of each demand of these campaigns, in their order; of what was merged into one, after its own."""
    known = current_outcomes(standing, visible)
    demands = queries.demands_by_campaign(standing)
    parts: dict[int, list[int]] = {one: [] for one in latest}
    for one, into in standing.items():
        parts[into].append(one)
    return WonAndLost(
        [
            (one.id, one.campaign_id, known[one.id].status if one.id in known else OutcomeStatus.UNANSWERED)
            for campaign_id in latest
            for part in parts[campaign_id]
            for one in demands[part]
        ]
    )


def _asked(standing: Mapping[int, int]) -> list[tuple[str, str, int]]:
    """Whom these campaigns ask, with an address and in how many of them; those asked most first."""
    found: dict[tuple[str, str], set[int]] = {}
    for campaign_id, asked in queries.asked_by_campaign(standing).items():
        for whom in asked:
            endpoint = "pages.company" if isinstance(whom, Company) else "companies.organisation"
            found.setdefault((whom.name, url_for(endpoint, slug=whom.slug)), set()).add(standing[campaign_id])
    rows = [(name, url, len(campaigns)) for (name, url), campaigns in found.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0]))
