"""What became of each demand, and of each promise."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template

from tracker import clock
from tracker.accounts.access import current_account, me
from tracker.campaigns.access import Level, for_campaign, level_of
from tracker.campaigns.models import Campaign, Demand
from tracker.campaigns.queries import membership_of
from tracker.outcomes import queries
from tracker.outcomes.forms import (
    CommitmentForm,
    GradeForm,
    OutcomeForm,
    commitment_values,
    grade_values,
    outcome_values,
)
from tracker.outcomes.models import Commitment, CommitmentGrade, Implementation, Outcome
from tracker.outcomes.service import grade_commitment, record_commitment, record_outcome
from tracker.timeline.anew import by_record, corrected_in_the_open, record_or_404, tell_again, telling_or_404
from tracker.timeline.forms import told_values
from tracker.timeline.in_place import Answer, amended_at, back_to, tell_form
from tracker.timeline.models import TimelineEntry
from tracker.timeline.queries import day_in, entries_visible_to
from tracker.timeline.shown_files import files_by_entry
from tracker.web.uploads import takes_files
from tracker.words import _

bp = Blueprint("outcomes", __name__)
amended_at("outcome", "outcomes.edit")
amended_at("commitment", "outcomes.edit_commitment")
amended_at("commitment_grade", "outcomes.edit_grade")


@bp.get("/campaigns/<slug>/demands/<public_id>")
@for_campaign(Level.READ)
def show(campaign: Campaign, public_id: str) -> Answer:
    """One demand: what is asked, and everything that became of it."""
    demand = _demand(campaign, public_id)
    visible = _visible(campaign)
    history = queries.outcome_history(demand, visible)
    promises = [c for c in queries.commitments([campaign.id], visible) if c.demand_id == demand.id]
    account = me()
    today = day_in(campaign.zone, clock.now())
    return render_template(
        "outcomes/show.html",
        campaign=campaign,
        demand=demand,
        score=queries.score_of(demand, visible),
        history=history,
        files=files_by_entry([told.entry for told in history], {campaign.id: campaign}, account, today=today),
        commitments=promises,
        grades=queries.current_grades(promises, visible),
        may_edit=level_of(account, campaign, membership_of(account, campaign)) >= Level.EDIT,
        back=back_to(campaign),
    )


@bp.route("/campaigns/<slug>/demands/<public_id>/outcomes/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def new(campaign: Campaign, public_id: str) -> Answer:
    """What became of one demand."""
    demand = _demand(campaign, public_id)
    form = OutcomeForm(demand)
    return tell_form(
        "outcomes/new.html",
        form,
        lambda told, actor, now: record_outcome(demand, form.became(), told, actor=actor, now=now),
        campaign=campaign,
        demand=demand,
        saved=_("Recorded what became of it."),
    )


@bp.route("/campaigns/<slug>/outcomes/<public_id>", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def edit(campaign: Campaign, public_id: str) -> Answer:
    """Tell an outcome anew."""
    entry = telling_or_404(campaign, public_id)
    outcome = record_or_404(Outcome, entry)
    demand = outcome.demand

    def shape(entry: TimelineEntry, **how: Any) -> OutcomeForm:
        values = {**told_values(entry), **outcome_values(record_or_404(Outcome, entry))}
        return OutcomeForm(demand, correcting=corrected_in_the_open(entry), **values, **how)

    return tell_again(
        "outcomes/new.html",
        shape,
        by_record(lambda form, told, actor, now: record_outcome(demand, form.became(), told, actor=actor, now=now)),
        campaign=campaign,
        entry=entry,
        demand=demand,
    )


@bp.route("/campaigns/<slug>/commitments/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def new_commitment(campaign: Campaign) -> Answer:
    """What was promised."""
    form = CommitmentForm(campaign)
    return tell_form(
        "outcomes/new_commitment.html",
        form,
        lambda told, actor, now: record_commitment(campaign, form.promised(), told, actor=actor, now=now),
        campaign=campaign,
        saved=_("Recorded what was promised."),
    )


@bp.route("/campaigns/<slug>/commitments/<public_id>/edit", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def edit_commitment(campaign: Campaign, public_id: str) -> Answer:
    """Tell a commitment anew; its grades stay with it."""
    entry = telling_or_404(campaign, public_id)
    known = record_or_404(Commitment, entry)

    def shape(entry: TimelineEntry, **how: Any) -> CommitmentForm:
        values = {**told_values(entry), **commitment_values(known)}
        return CommitmentForm(campaign, correcting=corrected_in_the_open(entry), **values, **how)

    return tell_again(
        "outcomes/new_commitment.html",
        shape,
        by_record(
            lambda form, told, actor, now: record_commitment(
                campaign, form.promised(), told, actor=actor, now=now, known=known
            )
        ),
        campaign=campaign,
        entry=entry,
    )


@bp.route("/campaigns/<slug>/commitments/<public_id>/grades/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def new_grade(campaign: Campaign, public_id: str) -> Answer:
    """How far a promise went."""
    commitment = queries.commitment_by_public_id(campaign, public_id, _visible(campaign))
    if commitment is None:
        abort(404)
    form = GradeForm()
    return tell_form(
        "outcomes/new_grade.html",
        form,
        lambda told, actor, now: grade_commitment(
            commitment, Implementation(form.implementation.data), told, actor=actor, now=now
        ),
        campaign=campaign,
        commitment=commitment,
        saved=_("Recorded how far it went."),
    )


@bp.route("/campaigns/<slug>/grades/<public_id>", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def edit_grade(campaign: Campaign, public_id: str) -> Answer:
    """Tell a grade anew."""
    entry = telling_or_404(campaign, public_id)
    grade = record_or_404(CommitmentGrade, entry)
    commitment = grade.commitment

    def shape(entry: TimelineEntry, **how: Any) -> GradeForm:
        values = {**told_values(entry), **grade_values(record_or_404(CommitmentGrade, entry))}
        return GradeForm(correcting=corrected_in_the_open(entry), **values, **how)

    return tell_again(
        "outcomes/new_grade.html",
        shape,
        by_record(
            lambda form, told, actor, now: grade_commitment(
                commitment, Implementation(form.implementation.data), told, actor=actor, now=now
            )
        ),
        campaign=campaign,
        entry=entry,
        commitment=commitment,
    )


def _demand(campaign: Campaign, public_id: str) -> Demand:
    demand = queries.demand_by_public_id(campaign, public_id)
    if demand is None:
        abort(404)
    return demand


def _visible(campaign: Campaign) -> queries.Visible:
    return entries_visible_to(current_account(), today=day_in(campaign.zone, clock.now()))
