"""For those who lead a campaign: which numbers by team, city and role outsiders read."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.accounts.access import me
from tracker.breakdowns import queries, service
from tracker.breakdowns.forms import BreakdownsForm
from tracker.breakdowns.service import BreakdownError
from tracker.breakdowns.suppressing import FLOOR
from tracker.breakdowns.words import DIMENSIONS, GROUPS, NOTHING
from tracker.campaigns.access import Level, for_campaign, stays
from tracker.campaigns.models import Campaign, Visibility
from tracker.jobs import COUNT_GROUPS, nudge
from tracker.timeline.in_place import save_form
from tracker.words import _

bp = Blueprint("breakdowns", __name__)


@bp.route("/campaigns/<slug>/signing/numbers", methods=["GET", "POST"])
@for_campaign(Level.LEAD)
@stays
def edit(campaign: Campaign) -> ResponseReturnValue:
    """Choose them, with what outsiders read now beside it."""
    shown = queries.public_breakdowns(campaign)
    form = BreakdownsForm(data={"dimensions": [one.dimension.value for one in shown]})
    if form.validate_on_submit():
        saved = save_form(
            form,
            lambda: service.choose_public(campaign, form.wanted, actor=me(), now=clock.now()),
            leads_to=url_for("breakdowns.edit", slug=campaign.slug),
            refused=BreakdownError,
            said=_("Saved."),
            then=lambda: nudge(COUNT_GROUPS),
        )
        if saved is not None:
            return saved
    return render_template(
        "breakdowns/edit.html",
        campaign=campaign,
        form=form,
        shown=shown,
        floor=FLOOR,
        titles=DIMENSIONS,
        groups=GROUPS,
        nothing=NOTHING,
        is_reachable=campaign.visibility in (Visibility.PUBLIC, Visibility.LINK),
    ), 422 if form.errors else 200
