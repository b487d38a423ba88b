"""Merge a campaign into another, shown before it is done; and undo it, at any time."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import me
from tracker.accounts.models import Account
from tracker.campaigns import merged, queries, related
from tracker.campaigns.access import Level, for_campaign, level_for, stays
from tracker.campaigns.models import Campaign, Visibility
from tracker.campaigns.relation_forms import MergeForm
from tracker.campaigns.service import CampaignError, merge_campaigns, undo_merge
from tracker.campaigns.views.links import the_one_named
from tracker.db import db, transaction
from tracker.pages.blueprint import bp
from tracker.pages.queries import recorded_in
from tracker.signatures.queries import counts
from tracker.signatures.together import counts_together
from tracker.timeline.queries import day_in
from tracker.web.once import once

Answer = str | Response | tuple[str, int]


@bp.route("/campaigns/<slug>/merge", methods=["GET", "POST"])
@for_campaign(Level.LEAD)
@stays
def merge(campaign: Campaign) -> Answer:
    """Name the campaign that remains and say why; then see what will be, and confirm it."""
    form = MergeForm()
    into: Campaign | None = None
    if form.validate_on_submit():
        try:
            with transaction():
                into = _may_edit(the_one_named(form.other.data or ""), me())
                if form.sure.data == "yes":
                    with once(form) as saved:
                        here = db.session.get_one(Campaign, campaign.id)
                        merge_campaigns(here, into, reason=form.reason.data or "", actor=me(), now=clock.now())
                        saved.leads_to(url_for("pages.campaign", slug=into.slug, _anchor="merged"))
                        title = here.title
                elif refused := why_not(campaign, into):
                    raise refused
        except CampaignError as error:
            form.fail(error)
            into = None
        else:
            if form.sure.data == "yes":
                flash(
                    _("“%(title)s” is read as part of this campaign now. It can be undone below.", title=title),
                    "success",
                )
                return redirect(saved.where)
    known = [one for one in related.campaigns_like("", me()) if one.id != campaign.id]
    shown = _preview(campaign, into) if into is not None else {}
    form.sure.data = "yes" if into is not None else ""
    status = 422 if form.errors else 200
    return render_template("pages/merge.html", form=form, campaign=campaign, known=known, into=into, **shown), status


@bp.post("/campaigns/<slug>/merges/<public_id>/undo")
@for_campaign(Level.READ)
def undo_merging(campaign: Campaign, public_id: str) -> Response:
    """Let a campaign that was merged into this one stand by itself again; for leads of either."""
    with transaction(), once() as saved:
        here = db.session.get_one(Campaign, campaign.id)
        found = merged.merge_by_public_id(here, public_id, me())
        if found is None:
            abort(404)
        if max(level_for(me(), here), level_for(me(), found.campaign)) < Level.LEAD:
            abort(403)
        undo_merge(found, actor=me(), now=clock.now())
        title = found.campaign.title
        saved.leads_to(url_for("pages.campaign", slug=found.campaign.slug))
    flash(_("“%(title)s” stands by itself again, as it was.", title=title), "success")
    return redirect(saved.where)


def _may_edit(into: Campaign, account: Account) -> Campaign:
    if level_for(account, into) < Level.EDIT:
        raise CampaignError(_("You may read that campaign, but not edit it; ask one of its leads."), "other")
    return into


def why_not(campaign: Campaign, into: Campaign) -> CampaignError | None:
    """What the service would say, before anybody is asked to confirm."""
    if campaign.id == into.id:
        return CampaignError(_("A campaign cannot be merged into itself; name another."), "other")
    if into.merged_into_id is not None:
        return CampaignError(_("That one was merged into another itself; name the one that remains."), "other")
    return None


def _preview(campaign: Campaign, into: Campaign) -> dict[str, Any]:
    """What is there, and how it will be read."""
    account, today = me(), day_in(campaign.zone, clock.now())
    both = counts_together({into.id: into.id, campaign.id: into.id})[into.id]
    own = counts(campaign).here
    return {
        "entries": recorded_in([campaign.id], account, today=today),
        "asks": len(queries.demands_of(campaign)),
        "signed": own,
        "signed_there": counts(into).here,
        "both": both,
        "in_both": own + counts(into).here - both.here,
        "due": sum(1 for one in queries.deadlines_of(campaign) if not one.done_at),
        "outsiders_stay": campaign.visibility is Visibility.PUBLIC and into.visibility is not Visibility.PUBLIC,
    }
