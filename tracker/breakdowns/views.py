"""For those who lead a campaign: which numbers by team, city and role outsiders read."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
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
from tracker.db import transaction
from tracker.jobs import COUNT_GROUPS, nudge
from tracker.web.once import once
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
        try:
            with transaction(), once(form) as saved:
                service.choose_public(campaign, form.wanted, actor=me(), now=clock.now())
                saved.leads_to(url_for("breakdowns.edit", slug=campaign.slug))
        except BreakdownError as error:
            form.fail(error)
        else:
            nudge(COUNT_GROUPS)
            flash(str(_("Saved.")), "success")
            return redirect(saved.where)
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
