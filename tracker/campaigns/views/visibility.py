"""Who may find and read a campaign; its link."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import me
from tracker.campaigns import queries, service
from tracker.campaigns.access import Level, for_campaign, stays
from tracker.campaigns.forms import VisibilityForm
from tracker.campaigns.models import Campaign, Visibility
from tracker.campaigns.views.blueprint import Answer, bp
from tracker.campaigns.words import VISIBILITY_MEANINGS
from tracker.db import transaction
from tracker.timeline.queries import day_in, entries_visible_to
from tracker.timeline.tallies import tally_of
from tracker.web.once import once


@bp.route("/campaigns/<slug>/visibility", methods=["GET", "POST"])
@for_campaign(Level.LEAD)
@stays
def change_visibility(campaign: Campaign) -> str | Answer | Response:
    """Show it to more people or to fewer."""
    form = VisibilityForm(seen=campaign.visibility.value, visibility=campaign.visibility.value)
    now = clock.now()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                service.change_visibility(
                    campaign,
                    Visibility(form.visibility.data or ""),
                    seen=Visibility(form.seen.data or ""),
                    actor=me(),
                    now=now,
                )
                saved.leads_to(url_for("pages.campaign", slug=campaign.slug, _anchor="visibility"))
        except service.CampaignError as error:
            form.fail(error)
        else:
            flash(str(VISIBILITY_MEANINGS[campaign.visibility]), "success")
            return redirect(saved.where)
    status = 422 if form.is_submitted() else 200
    page = render_template(
        "campaigns/visibility.html",
        form=form,
        campaign=campaign,
        meanings=VISIBILITY_MEANINGS,
        entries=tally_of([campaign.id], entries_visible_to(me(), today=day_in(campaign.zone, now))).visibilities,
        members=len(queries.members_of(campaign)),
    )
    return page, status


@bp.post("/campaigns/<slug>/link")
@for_campaign(Level.LEAD)
def renew_link(campaign: Campaign) -> Response:
    """A new link; the old one leads nowhere."""
    with transaction(), once() as saved:
        service.renew_link(campaign, actor=me(), now=clock.now())
        saved.leads_to(url_for("pages.campaign", slug=campaign.slug, _anchor="visibility"))
    flash(_("The campaign has a new link. The old one leads nowhere."), "success")
    return redirect(saved.where)
