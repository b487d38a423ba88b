"""How a campaign stands to others: say it, take it back; titles as one types."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import me, signed_in
from tracker.campaigns import related, service
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.models import Campaign
from tracker.campaigns.relation_forms import LinkForm, read_link
from tracker.campaigns.views.blueprint import Answer, bp
from tracker.db import transaction
from tracker.web.once import once


@bp.route("/campaigns/<slug>/links/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def new_link(campaign: Campaign) -> str | Answer | Response:
    """Say that the campaign follows, supports or escalates another one that whoever says it may read."""
    form = LinkForm()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                kind, is_reverse = read_link(form.kind.data or "")
                other = the_one_named(form.other.data or "")
                service.link_campaigns(campaign, other, kind, is_reverse=is_reverse, actor=me(), now=clock.now())
                saved.leads_to(_related(campaign))
        except service.CampaignError as error:
            form.fail(error)
        else:
            flash(_("Noted. It stands on the page of either."), "success")
            return redirect(saved.where)
    status = 422 if form.is_submitted() else 200
    known = [one for one in related.campaigns_like("", me()) if one.id != campaign.id]
    return render_template("campaigns/link.html", form=form, campaign=campaign, known=known), status


@bp.post("/campaigns/<slug>/links/remove")
@for_campaign(Level.EDIT)
def remove_link(campaign: Campaign) -> Response:
    """Take a link away again; editors of either campaign may."""
    try:
        kind, is_reverse = read_link(request.form.get("kind", ""))
    except ValueError:
        abort(404)
    with transaction(), once() as saved:
        other = related.readable_campaign(request.form.get("other", ""), me()) or abort(404)
        service.unlink_campaigns(campaign, other, kind, is_reverse=is_reverse, actor=me(), now=clock.now())
        saved.leads_to(_related(campaign))
    flash(_("Removed."), "success")
    return redirect(saved.where)


def _related(campaign: Campaign) -> str:
    return url_for("pages.campaign", slug=campaign.slug, _anchor="related")


@bp.get("/campaigns/suggest")
@signed_in
def suggest() -> str:
    """Titles that may be meant, as options for a datalist."""
    text = next((request.args[name] for name in ("q", "other") if name in request.args), "")
    return render_template("campaigns/_options.html", found=related.campaigns_like(text, me()))


def the_one_named(typed: str) -> Campaign:
    """The campaign that a title or an address means. Raises CampaignError when none or several are meant."""
    found = related.campaigns_named(typed, me())
    if not found:
        raise service.CampaignError(_("No campaign that you may read has this title or address."), "other")
    if len(found) > 1:
        raise service.CampaignError(_("Several campaigns have this title: give the address of one."), "other")
    return found[0]
