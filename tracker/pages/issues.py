"""Issue areas: all of them, and one with what was asked, by whom, of whom, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, redirect, render_template, url_for
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import current_account, signed_in
from tracker.accounts.models import Account, Role
from tracker.campaigns.issues import campaigns_bearing, removed_issues, visible_issue, visible_issues
from tracker.campaigns.merged import together
from tracker.campaigns.models import Issue
from tracker.companies.models import Company
from tracker.db import db
from tracker.digests.queries import following
from tracker.outcomes.models import OutcomeStatus
from tracker.outcomes.queries import current_outcomes, scores_in
from tracker.outcomes.won_and_lost import WonAndLost
from tracker.pages import queries
from tracker.pages.blueprint import bp
from tracker.pages.charts import Votes
from tracker.pages.lines import CampaignLine, campaign_lines
from tracker.pages.shown import entry_in_short
from tracker.resolutions.queries import votes_on
from tracker.timeline.queries import corrections_of, entries_visible_to
from tracker.web.chrome import link

CHANGES = 8
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
    account, now = _me(), clock.now()
    found = db.session.scalars(visible_issues(account)).all()
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
        removed=removed_issues(account) if account.role in TEAM else [],
        may_edit=account.role in TEAM,
    )


@bp.get("/issues/<slug>")
@signed_in
def issue(slug: str) -> str | Response:
    """What it is about, what was asked and what came of it, who asks whom, and what happened last."""
    account, now = _me(), clock.now()
    found = visible_issue(slug, account)
    if found is None:
        abort(404)
    if found.slug != slug:  # renamed, or merged, which can be undone
        return redirect(url_for("pages.issue", slug=found.slug), 302)
    today = now.date()
    visible = entries_visible_to(account, today=today)
    ids = campaigns_bearing([found], account)[found.id]
    standing = together(ids, account)
    lines = sorted(
        campaign_lines(list(queries.campaigns_by_id(ids).values()), account, now=now),
        key=lambda line: line.changed_at,
        reverse=True,
    )
    scores = scores_in(standing, visible)
    shown = {line.campaign.id: line.campaign for line in lines}
    for score in scores:
        into = shown[standing[score.demand.campaign_id]]
        score.url = link("outcomes.show", slug=score.demand.campaign.slug, public_id=score.demand.public_id)
        score.campaign, score.campaign_url = into.title, link("pages.campaign", slug=into.slug)
    entries = queries.latest_entries(list(standing), account, today=today, limit=CHANGES)
    corrected = corrections_of(entries, visible)
    parts = queries.campaigns_by_id({entry.campaign_id for entry in entries})
    return render_template(
        "issues/show.html",
        issue=found,
        follows=following(account, issue=found),
        lines=lines,
        fate=WonAndLost([(one.demand.id, one.demand.campaign_id, one.outcome) for one in scores]),
        scores=scores,
        companies=_asked(lines),
        votes=Votes(votes_on(standing, visible)),
        entries=[
            {**entry_in_short(one, parts[one.campaign_id]), "part": shown[standing[one.campaign_id]].title}
            for one in entries
            if one.id not in corrected
        ],
        may_edit=account.role in TEAM,
    )


def _asked(lines: list[CampaignLine]) -> list[tuple[str, str, int]]:
    """Whom these campaigns ask, with an address and in how many of them; those asked most first."""
    found: dict[tuple[str, str], int] = {}
    for line in lines:
        for whom in line.asked:
            endpoint = "pages.company" if isinstance(whom, Company) else "companies.organisation"
            key = (whom.name, url_for(endpoint, slug=whom.slug))
            found[key] = found.get(key, 0) + 1
    return sorted(((name, url, number) for (name, url), number in found.items()), key=lambda row: (-row[2], row[0]))


def _me() -> Account:
    account = current_account()
    assert account is not None
    return account
