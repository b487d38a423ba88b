"""Move a campaign to another stage. To conclude it asks what became of each demand, on a page in pages/."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import me
from tracker.campaigns import service
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.forms import StageForm
from tracker.campaigns.models import Campaign, CampaignKind, Stage, Visibility
from tracker.campaigns.stages import MOVES, STAGE_WORDS
from tracker.campaigns.views.blueprint import Answer, bp
from tracker.db import transaction
from tracker.timeline.queries import day_in
from tracker.web.forms import choices_from
from tracker.web.once import once


@bp.route("/campaigns/<slug>/stage", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def change_stage(campaign: Campaign) -> str | Answer | Response:
    """Say how far the campaign has come, since when and why."""
    now = clock.now()
    form = StageForm(seen=campaign.stage.value, occurred_on=(day_in(campaign.zone, now), "day"))
    form.to.choices = choices_from(MOVES[campaign.stage], STAGE_WORDS)
    if not form.is_submitted():
        asked = request.args.get("to")
        form.to.data = asked if asked in [str(stage) for stage in MOVES[campaign.stage]] else form.to.choices[0].value
    elif form.to.data == Stage.CONCLUDED:
        return redirect(url_for("pages.conclude", slug=campaign.slug))
    if form.validate_on_submit():
        to = Stage(form.to.data)
        try:
            with transaction(), once(form) as saved:
                service.change_stage(
                    campaign,
                    to,
                    seen=Stage(form.seen.data or ""),
                    told=form.told(now=now, actor=me()),
                    actor=me(),
                    now=now,
                )
                saved.leads_to(url_for("pages.campaign", slug=campaign.slug))
        except service.CampaignError as error:
            form.fail(error)
        else:
            flash(_said(campaign, to), "success")
            return redirect(saved.where)
    status = 422 if form.is_submitted() else 200
    return render_template("campaigns/stage.html", form=form, campaign=campaign), status


def _said(campaign: Campaign, to: Stage) -> str:
    """An employee campaign was kept unlisted until now; nothing opens by itself."""
    if (
        to is Stage.DELIVERED
        and campaign.kind is CampaignKind.EMPLOYEE
        and campaign.visibility in (Visibility.LINK, Visibility.MEMBERS)
    ):
        return str(_("Delivered. It is still unlisted; its lead may now show it to more people, under “Who sees it”."))
    return str(_("The stage is changed."))
