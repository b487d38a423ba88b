"""A campaign's page: what was asked, how many stand behind it, what came of it, and what is next."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from flask import get_template_attribute, render_template, url_for
from markupsafe import Markup

from tracker import clock
from tracker.accounts.access import me
from tracker.accounts.models import Role
from tracker.campaigns import queries as campaigns
from tracker.campaigns.access import Level, for_campaign, level_of
from tracker.campaigns.merged import together
from tracker.campaigns.models import Campaign, Issue, StageChange
from tracker.campaigns.related import chain_of, related_campaigns
from tracker.campaigns.stages import MOVES, ORDER, STAGE_WORDS
from tracker.campaigns.words import LINKS, MEMBERSHIPS, VISIBILITY_MEANINGS, ask_word, asks_word
from tracker.db import db
from tracker.digests.queries import following
from tracker.engagements import queries as engagements
from tracker.outcomes.queries import Score, scores_in
from tracker.pages import queries
from tracker.pages.blueprint import bp
from tracker.pages.charts import growth_of
from tracker.pages.history import entry_rows
from tracker.pages.parts import merged_parts
from tracker.pages.shown import statement_shown
from tracker.resolutions.models import VotePercentage
from tracker.resolutions.queries import proponents, resolutions
from tracker.resolutions.words import DENOMINATORS
from tracker.signatures import queries as signatures
from tracker.signatures.together import counts_together
from tracker.timeline.queries import day_in, entries_visible_to, sees_actors
from tracker.timeline.shown_files import files_by_entry
from tracker.web.chrome import link
from tracker.web.dates import UncertainDate
from tracker.web.filters import day, uncertain
from tracker.words import _

ENTRIES = 5
STATEMENTS = 3


@bp.get("/campaigns/<slug>")
@for_campaign(Level.READ)
def campaign(campaign: Campaign) -> str:
    """The campaign at a glance; each block says how to add to it."""
    account = me()
    now = clock.now()
    today = day_in(campaign.zone, now)
    members = campaigns.members_of(campaign)
    membership = next((m.membership for m in members if m.account_id == account.id), None)
    level = level_of(account, campaign, membership)
    names_actors = sees_actors(account, is_member=membership is not None)
    visible = entries_visible_to(account, today=today)
    standing = together([campaign.id], account)
    parts = queries.campaigns_by_id(standing) if len(standing) > 1 else {campaign.id: campaign}
    scores = scores_in(standing, visible)
    for score in scores:
        score.url = link("outcomes.show", slug=score.demand.campaign.slug, public_id=score.demand.public_id)
        if score.demand.campaign_id != campaign.id:
            score.campaign, score.campaign_url = score.demand.campaign.title, "#merged"
    if level >= Level.EDIT:
        _offer_actions(campaign, [score for score in scores if score.campaign is None])
    said = db.session.scalars(
        engagements.statements(account, today=today, campaign_ids=list(standing)).limit(STATEMENTS + 1)
    ).all()
    told = said[:STATEMENTS]
    latest = queries.latest_told(standing, account, today=today, limit=ENTRIES)
    files = files_by_entry([*latest, *(one.entry for one in told)], parts, account, today=today)
    deadlines = campaigns.deadlines_of(*parts.values())
    related = related_campaigns(standing, account)
    filed = resolutions(standing, visible)
    apart = signatures.counts_for(standing)
    counts = counts_together(standing, apart)[campaign.id]
    sizes = signatures.reported_counts(standing, visible)
    return render_template(
        "pages/campaign.html",
        campaign=campaign,
        may_edit=level >= Level.EDIT,
        may_lead=level >= Level.LEAD,
        follows=following(account, campaign=campaign),
        may_log=account.role in (Role.ADMINISTRATOR, Role.ORGANISER),
        today=today,
        subjects=campaigns.subjects_of(campaign),
        stages=_steps(campaign, campaigns.stage_changes_of(campaign, visible)),
        moves=[(stage, STAGE_WORDS[stage]) for stage in MOVES[campaign.stage]],
        size=signatures.headlines_among(sizes, standing).get(campaign.id),
        counts=counts,
        # The line is this campaign's own: whoever signed what was merged into it as well would be in it twice.
        growth=growth_of(campaign, apart[campaign.id], sizes, now=now, in_the_team=names_actors),
        scores=scores,
        ask=ask_word(campaign.kind),
        asks=asks_word(campaign.kind),
        statements=[statement_shown(one, parts[one.campaign_id], files) for one in told],
        more_statements=len(said) > STATEMENTS,
        open_deadlines=[deadline for deadline in deadlines if not deadline.done_at],
        done_deadlines=[deadline for deadline in deadlines if deadline.done_at],
        text=campaigns.latest_text(campaign),
        entries=entry_rows(latest, campaign, account, today=today, team=names_actors, files=files),
        members=members if names_actors else [],
        names_actors=names_actors,
        membership_words=MEMBERSHIPS,
        resolutions=filed,
        filers={each.id: len(proponents(each.filers)) for each in filed},
        shares=_shares(visible, standing) if filed else {},
        denominators=DENOMINATORS,
        about=_about(campaign),
        related=[(LINKS[one.kind, one.is_reverse], one) for one in related],
        chain=chain_of(campaign, account) if related else [],
        parts=parts,
        merged=merged_parts(campaign, account, visible, scores, apart) if len(standing) > 1 else [],
        visibility_meaning=VISIBILITY_MEANINGS[campaign.visibility],
    )


def _offer_actions(campaign: Campaign, scores: list[Score]) -> None:
    """What an editor may do about each demand, beside it."""
    menu = get_template_attribute("pages/_campaign.html", "ask_actions")
    for place, score in enumerate(scores, start=1):
        score.actions = menu(campaign, score, place == 1, place == len(scores))


def issue_links(issues: Sequence[Issue]) -> Markup:
    """Issue areas, each leading to its page."""
    each = Markup('<a href="{}">{}</a>')
    return Markup(", ").join(each.format(url_for("pages.issue", slug=issue.slug), issue.name) for issue in issues)


def _about(campaign: Campaign) -> list[tuple[object, object]]:
    began = uncertain(campaign.began_on, campaign.began_precision) if campaign.began_on else None
    return [
        (_("Began"), began),
        (_("Concluded"), day(campaign.concluded_on) if campaign.concluded_on else None),
        (_("Issue areas"), issue_links(campaign.issues) if campaign.issues else None),
        (_("Names of signatories"), _("sealed") if campaign.is_protected else _("kept readable for the team")),
        (_("Time zone"), campaign.zone),
    ]


def _shares(visible: sa.ColumnElement[bool], campaign_ids: Collection[int]) -> dict[int, list[VotePercentage]]:
    """By resolution, each published percentage of its votes."""
    found: dict[int, list[VotePercentage]] = {}
    for vote in queries.votes_in(campaign_ids, visible):
        found.setdefault(vote.resolution_id, []).extend(vote.percentages)
    return found


def _steps(campaign: Campaign, changes: list[StageChange]) -> list[tuple[str, object, object]]:
    """Each stage with its word and since when it was last reached, if it was."""
    since = {
        change.to_stage: UncertainDate(change.entry.occurred_on, change.entry.occurred_precision) for change in changes
    }
    reached = ORDER.index(campaign.stage)
    return [
        (stage.value, STAGE_WORDS[stage], since.get(stage) if number <= reached else None)
        for number, stage in enumerate(ORDER)
    ]
