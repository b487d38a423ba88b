"""Statements and engagements: record, tell anew."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort

from tracker.accounts.access import current_account
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.models import Campaign
from tracker.engagements import queries
from tracker.engagements.forms import EngagementForm, StatementForm, engagement_values, statement_values
from tracker.engagements.models import Engagement, Statement
from tracker.engagements.service import record_engagement, record_statement
from tracker.timeline.anew import by_record, corrected_in_the_open, record_or_404, tell_again, telling_or_404
from tracker.timeline.forms import told_values
from tracker.timeline.in_place import Answer, amended_at, tell_form
from tracker.timeline.models import TimelineEntry
from tracker.web.uploads import takes_files
from tracker.words import _

bp = Blueprint("engagements", __name__)
amended_at("statement", "engagements.edit_statement")
amended_at("engagement", "engagements.edit_engagement")


@bp.route("/campaigns/<slug>/statements/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def new_statement(campaign: Campaign) -> Answer:
    """What the target said, or that it did not answer."""
    form = StatementForm(campaign)
    return tell_form(
        "engagements/new_statement.html",
        form,
        lambda told, actor, now: record_statement(campaign, form.said(), told, actor=actor, now=now),
        campaign=campaign,
        saved=_("Recorded what was said."),
    )


@bp.route("/campaigns/<slug>/statements/<public_id>", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def edit_statement(campaign: Campaign, public_id: str) -> Answer:
    """Tell a statement anew: in its place, or as a correction once others could have read it."""
    entry = telling_or_404(campaign, public_id)
    record_or_404(Statement, entry)

    def shape(entry: TimelineEntry, **how: Any) -> StatementForm:
        values = {**told_values(entry), **statement_values(record_or_404(Statement, entry))}
        return StatementForm(campaign, correcting=corrected_in_the_open(entry), **values, **how)

    return tell_again(
        "engagements/new_statement.html",
        shape,
        by_record(lambda form, told, actor, now: record_statement(campaign, form.said(), told, actor=actor, now=now)),
        campaign=campaign,
        entry=entry,
    )


@bp.route("/campaigns/<slug>/engagements/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def new_engagement(campaign: Campaign) -> Answer:
    """A meeting, call or letter."""
    form = EngagementForm(campaign)
    return tell_form(
        "engagements/new_engagement.html",
        form,
        lambda told, actor, now: record_engagement(campaign, form.contact(), told, actor=actor, now=now),
        campaign=campaign,
        saved=_("Recorded."),
    )


@bp.route("/campaigns/<slug>/engagements/<public_id>", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def edit_engagement(campaign: Campaign, public_id: str) -> Answer:
    """Tell an engagement anew; somebody who may not see who took part may not do it."""
    entry = telling_or_404(campaign, public_id)
    record_or_404(Engagement, entry)
    if not queries.sees_participants(entry, current_account()):
        abort(403)

    def shape(entry: TimelineEntry, **how: Any) -> EngagementForm:
        values = {**told_values(entry), **engagement_values(record_or_404(Engagement, entry))}
        return EngagementForm(campaign, correcting=corrected_in_the_open(entry), **values, **how)

    return tell_again(
        "engagements/new_engagement.html",
        shape,
        by_record(
            lambda form, told, actor, now: record_engagement(campaign, form.contact(), told, actor=actor, now=now)
        ),
        campaign=campaign,
        entry=entry,
    )
