"""What is asked: add, edit, order, take back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import me
from tracker.campaigns import queries, service
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.forms import DemandEditForm, DemandForm, RemovalForm
from tracker.campaigns.models import Campaign, Demand, DemandKind, Target
from tracker.campaigns.views.blueprint import Answer, bp, conflicted, part_of
from tracker.db import db, transaction
from tracker.timeline.editing import Stale
from tracker.timeline.models import EntryVisibility
from tracker.timeline.queries import day_in
from tracker.web.forms import choices_of
from tracker.web.once import once


@bp.route("/campaigns/<slug>/demands/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def new_demand(campaign: Campaign) -> str | Answer | Response:
    """Ask for one thing more."""
    now = clock.now()
    form = DemandForm(occurred_on=(day_in(campaign.zone, now), "day"))
    _offer_targets(form, campaign)
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                service.add_demand(
                    campaign,
                    form.ask.data or "",
                    kind=DemandKind(form.kind.data) if form.kind.data else None,
                    target=_target(campaign, form.target.data),
                    told=form.told(now=now, actor=me()),
                    actor=me(),
                    now=now,
                )
                saved.leads_to(_asks(campaign))
        except service.CampaignError as error:
            form.fail(error)
        else:
            flash(_("Added."), "success")
            return redirect(saved.where)
    status = 422 if form.is_submitted() else 200
    return render_template("campaigns/new_demand.html", form=form, campaign=campaign), status


@bp.route("/campaigns/<slug>/demands/<public_id>/edit", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def edit_demand(campaign: Campaign, public_id: str) -> str | Answer | Response:
    """Change how it is put, or of whom it is asked."""
    demand = part_of(campaign, Demand, public_id)
    form = DemandEditForm(data=_values(demand))
    _offer_targets(form, campaign)
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                values = {
                    "words": " ".join((form.words.data or "").split()),
                    "kind": DemandKind(form.kind.data) if form.kind.data else None,
                    "target": _target(campaign, form.target.data),
                    "detail": form.detail.data or "",
                }
                service.edit_demand(demand, values, seen=form.version_number, actor=me(), now=clock.now())
                saved.leads_to(_asks(campaign))
        except (Stale, StaleDataError):
            db.session.refresh(demand)
            theirs = DemandEditForm(formdata=None, data=_values(demand))
            _offer_targets(theirs, campaign)
            return conflicted("campaigns/edit_demand.html", form, theirs, campaign=campaign, demand=demand)
        except service.CampaignError as error:
            form.fail(error)
        else:
            flash(_("Saved."), "success")
            return redirect(saved.where)
    status = 422 if form.is_submitted() else 200
    return render_template("campaigns/edit_demand.html", form=form, campaign=campaign, demand=demand), status


@bp.post("/campaigns/<slug>/demands/<public_id>/move")
@for_campaign(Level.EDIT)
def move_demand(campaign: Campaign, public_id: str) -> Response:
    """One place up or down."""
    demand = part_of(campaign, Demand, public_id)
    with transaction(), once() as saved:
        service.move_demand(demand, up=request.form.get("direction") == "up", actor=me(), now=clock.now())
        saved.leads_to(_asks(campaign))
    return redirect(saved.where)


@bp.route("/campaigns/<slug>/demands/<public_id>/remove", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def remove_demand(campaign: Campaign, public_id: str) -> str | Answer | Response:
    """Take it back, with a reason."""
    demand = part_of(campaign, Demand, public_id)
    form = RemovalForm()
    if form.validate_on_submit():
        with transaction(), once(form) as saved:
            service.remove_demand(
                demand,
                reason=form.reason.data or "",
                visibility=EntryVisibility.PUBLIC,
                actor=me(),
                now=clock.now(),
            )
            saved.leads_to(_asks(campaign))
        flash(_("Taken back. The history keeps it; from the bin it can be put back."), "success")
        return redirect(saved.where)
    status = 422 if form.is_submitted() else 200
    return render_template("campaigns/remove_demand.html", form=form, campaign=campaign, demand=demand), status


def _asks(campaign: Campaign) -> str:
    return url_for("pages.campaign", slug=campaign.slug, _anchor="asks")


def _values(demand: Demand) -> dict[str, Any]:
    return {
        "version": demand.version,
        "words": demand.words,
        "kind": demand.kind.value if demand.kind else "",
        "target": demand.target.public_id if demand.target else "",
        "detail": demand.detail,
    }


def _offer_targets(form: Any, campaign: Campaign) -> None:
    named = [(t.public_id, f"{t.name}, {t.office}" if t.office else t.name) for t in queries.targets_of(campaign)]
    form.target.choices = choices_of([*named, ("", _("nobody named"))])


def _target(campaign: Campaign, public_id: str | None) -> Target | None:
    return part_of(campaign, Target, public_id) if public_id else None
