"""Conclude a campaign: first what became of everything it asked, then why it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug import Response
from wtforms import SelectField
from wtforms.validators import InputRequired

from tracker import clock
from tracker.accounts.access import me
from tracker.accounts.models import Account
from tracker.campaigns import queries as campaigns
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.forms import ConcludeForm
from tracker.campaigns.models import Campaign, Demand, Stage
from tracker.campaigns.service import CampaignError
from tracker.campaigns.service import conclude as conclude_campaign
from tracker.campaigns.stages import MOVES
from tracker.db import transaction
from tracker.outcomes.models import OPEN, Outcome, OutcomeStatus
from tracker.outcomes.queries import current_outcomes
from tracker.outcomes.service import Became, record_outcome
from tracker.outcomes.words import STATUSES
from tracker.pages.blueprint import bp
from tracker.timeline.queries import day_in, entries_visible_to
from tracker.timeline.service import TimelineError, Told
from tracker.web.forms import choices_from
from tracker.web.once import once

# What replaces a demand is chosen on its own form.
OFFERED = [status for status in OutcomeStatus if status is not OutcomeStatus.REPLACED]


@bp.route("/campaigns/<slug>/conclude", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def conclude(campaign: Campaign) -> str | tuple[str, int] | Response:
    """Say what became of each open demand and why the campaign ends; both are recorded together or not at all."""
    if Stage.CONCLUDED not in MOVES[campaign.stage]:
        return redirect(url_for("pages.campaign", slug=campaign.slug))
    now, actor = clock.now(), me()
    today = day_in(campaign.zone, now)
    known = current_outcomes([campaign.id], entries_visible_to(actor, today=today))
    waiting = {f"demand_{demand.public_id}": demand for demand in _open_demands(campaign, known)}
    form = _form_for(waiting, known)(seen=campaign.stage.value, occurred_on=(today, "day"))
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                _save(campaign, form, waiting, actor, now)
                saved.leads_to(url_for("pages.campaign", slug=campaign.slug))
        except (CampaignError, TimelineError) as error:
            form.fail(error)
        else:
            flash(_("The campaign is concluded. What happens after may still be recorded."), "success")
            return redirect(saved.where)
    page = render_template("pages/conclude.html", form=form, campaign=campaign, waiting=waiting, known=known)
    return page, 422 if form.is_submitted() else 200


def _open_demands(campaign: Campaign, known: Mapping[int, Outcome]) -> list[Demand]:
    return [d for d in campaigns.demands_of(campaign) if d.id not in known or known[d.id].status in OPEN]


def _form_for(waiting: Mapping[str, Demand], known: Mapping[int, Outcome]) -> type[ConcludeForm]:
    """The form with one more field for each demand whose fate is open."""
    choices = choices_from(OFFERED, STATUSES, blank=_("Choose what became of it"))
    fields: dict[str, Any] = {}
    for name, demand in waiting.items():
        was = known.get(demand.id)
        fields[name] = SelectField(
            demand.words,
            [InputRequired(_("Say what became of it."))],
            choices=choices,
            default=was.status.value if was else "",
        )
    return type("ConcludeThisForm", (ConcludeForm,), fields)


def _save(
    campaign: Campaign, form: ConcludeForm, waiting: Mapping[str, Demand], actor: Account, now: dt.datetime
) -> None:
    told: Told = form.told(now=now, actor=actor)
    known = current_outcomes([campaign.id], entries_visible_to(actor, today=day_in(campaign.zone, now)))
    for name, demand in waiting.items():
        status = OutcomeStatus(form[name].data)
        if demand.id in known and known[demand.id].status is status:
            continue
        # The reason and the sources of the conclusion are the evidence of each outcome.
        record_outcome(demand, Became(status), replace(told, sources=list(told.sources)), actor=actor, now=now)
    known = current_outcomes([campaign.id], entries_visible_to(actor, today=day_in(campaign.zone, now)))
    conclude_campaign(
        campaign,
        unsaid=[demand for demand in campaigns.demands_of(campaign) if demand.id not in known],
        seen=Stage(form.seen.data or ""),
        told=told,
        actor=actor,
        now=now,
    )
