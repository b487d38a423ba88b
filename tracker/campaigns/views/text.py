"""The letter or petition: a new version, with a preview."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from tracker import clock
from tracker.campaigns import queries, service
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.forms import TextForm
from tracker.campaigns.models import Campaign
from tracker.campaigns.views.blueprint import Answer, bp, me
from tracker.db import transaction
from tracker.timeline.editing import Stale
from tracker.timeline.queries import day_in


@bp.route("/campaigns/<slug>/text/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def new_text(campaign: Campaign) -> str | Answer | Response:
    """Write the text, or its next version."""
    now = clock.now()
    last = queries.latest_text(campaign)
    form = TextForm(
        body=last.body if last else "",
        seen=last.number if last else 0,
        occurred_on=(day_in(campaign.zone, now), "day"),
    )
    meanwhile = None
    status = 422 if form.is_submitted() else 200
    if "preview" in request.form:
        status = 200
    elif form.validate_on_submit():
        try:
            with transaction():
                service.add_text(
                    campaign,
                    form.body.data or "",
                    seen=int(form.seen.data or 0),
                    is_substantive=form.is_substantive.data != "no",
                    told=form.told(now=now, actor=me()),
                    actor=me(),
                    now=now,
                )
        except Stale:
            meanwhile, status = queries.latest_text(campaign), 409
            form.seen.data = str(meanwhile.number) if meanwhile else "0"
        except service.CampaignError as error:
            form.fail(error)
        else:
            flash(_("The text is saved. Earlier versions are kept."), "success")
            return redirect(url_for("pages.campaign", slug=campaign.slug, _anchor="letter"))
    page = render_template(
        "campaigns/new_text.html",
        form=form,
        campaign=campaign,
        last=last,
        meanwhile=meanwhile,
        preview=form.body.data if "preview" in request.form else None,
    )
    return page, status


@bp.get("/campaigns/<slug>/text")
@for_campaign(Level.READ)
def texts(campaign: Campaign) -> str:
    """Every version of the text, newest first."""
    return render_template("campaigns/texts.html", campaign=campaign, texts=queries.texts_of(campaign))
