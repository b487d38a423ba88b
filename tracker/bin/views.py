"""The bin of one campaign: what lies in it, until when, and the way back."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from tracker import clock
from tracker.accounts.access import me
from tracker.bin import queries, service
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.models import Campaign
from tracker.campaigns.service import CampaignError
from tracker.db import forget_deleted, transaction
from tracker.settings import config
from tracker.timeline.queries import day_in
from tracker.web.once import once
from tracker.words import _

bp = Blueprint("bin", __name__)
KIND_WORDS = {
    "demand": _("Asked"),
    "target": _("Who can grant it"),
    "deadline": _("Deadline"),
    "filer": _("Filer"),
    "entry": _("Entry of yours, read by nobody else"),
}


@bp.get("/campaigns/<slug>/bin")
@for_campaign(Level.EDIT)
def index(campaign: Campaign) -> str:
    """What was removed from the campaign, and until when it can be put back."""
    return render_template(
        "bin/index.html",
        campaign=campaign,
        removed=_removed(campaign),
        kinds=KIND_WORDS,
        days=config().durations.bin_kept.days,
    )


@bp.post("/campaigns/<slug>/bin/<kind>/<public_id>")
@for_campaign(Level.EDIT)
def put_back(campaign: Campaign, kind: str, public_id: str) -> Response:
    """Take one thing out again, as it was."""
    try:
        with transaction(), once() as saved:
            found = _found(campaign, kind, public_id)
            service.put_back(campaign, found.record, actor=me(), now=clock.now())
            saved.leads_to(url_for("bin.index", slug=campaign.slug))
    except CampaignError as error:
        flash(str(error), "warning")
    else:
        flash(_("Put back: %(words)s", words=found.words), "success")
    return redirect(url_for("bin.index", slug=campaign.slug))


@bp.post("/campaigns/<slug>/bin/entry/<public_id>/destroy")
@for_campaign(Level.EDIT)
def destroy_entry(campaign: Campaign, public_id: str) -> Response:
    """Destroy an entry of one's own at once, as the end of its time in the bin would."""
    with transaction(), once() as saved:
        service.destroy_entry(_found(campaign, "entry", public_id).record, clock.now())
        saved.leads_to(url_for("bin.index", slug=campaign.slug))
    forget_deleted()
    flash(_("Destroyed for good."), "success")
    return redirect(url_for("bin.index", slug=campaign.slug))


def _removed(campaign: Campaign) -> list[queries.Removed]:
    now = clock.now()
    return queries.in_bin(campaign, me(), today=day_in(campaign.zone, now), now=now, kept=config().durations.bin_kept)


def _found(campaign: Campaign, kind: str, public_id: str) -> queries.Removed:
    for one in _removed(campaign):
        if one.kind == kind and one.record.public_id == public_id:
            return one
    abort(404)
