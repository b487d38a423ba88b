"""Campaigns that were removed, and the way back."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from tracker import clock
from tracker.accounts.access import me, signed_in
from tracker.campaigns import queries, service
from tracker.campaigns.access import Level, level_for
from tracker.campaigns.models import Campaign
from tracker.campaigns.views.blueprint import bp
from tracker.db import transaction
from tracker.settings import config
from tracker.web.once import once
from tracker.words import _


@bp.get("/campaigns/removed")
@signed_in
def removed() -> str:
    """What lies in the bin and may be put back by whoever asks."""
    return render_template("campaigns/removed.html", campaigns=_removed(), kept=config().durations.bin_kept)


@bp.post("/campaigns/removed/<public_id>")
@signed_in
def put_back(public_id: str) -> Response:
    """Take a campaign out of the bin again, as it was."""
    with transaction(), once() as saved:
        campaign = next((c for c in _removed() if c.public_id == public_id), None)
        if campaign is None:
            abort(404)
        service.put_back_campaign(campaign, actor=me(), now=clock.now())
        saved.leads_to(url_for("pages.campaign", slug=campaign.slug))
    flash(_("Here it is again, as it was."), "success")
    return redirect(saved.where)


def _removed() -> list[Campaign]:
    """What may still be put back by whoever asks."""
    found = queries.removed_campaigns(clock.now() - config().durations.bin_kept)
    return [campaign for campaign in found if level_for(me(), campaign) >= Level.LEAD]
