"""Who can grant a demand."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import me
from tracker.campaigns import service
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.forms import TargetForm
from tracker.campaigns.models import Campaign, Target, TargetKind
from tracker.campaigns.views.blueprint import Answer, bp, conflicted, part_of
from tracker.companies.service import find_or_add_company
from tracker.db import db, transaction
from tracker.timeline.editing import Stale
from tracker.web.once import once


@bp.route("/campaigns/<slug>/targets/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def new_target(campaign: Campaign) -> str | Answer | Response:
    """Name one more who can grant a demand."""
    form = TargetForm()
    if form.validate_on_submit():
        now = clock.now()
        try:
            with transaction(), once(form) as saved:
                service.add_target(campaign, **_typed(form, now), actor=me(), now=now)
                saved.leads_to(url_for("campaigns.edit", slug=campaign.slug))
        except service.CampaignError as error:
            form.fail(error)
        else:
            flash(_("Added."), "success")
            return redirect(saved.where)
    status = 422 if form.is_submitted() else 200
    return render_template("campaigns/target.html", form=form, campaign=campaign, target=None), status


@bp.route("/campaigns/<slug>/targets/<public_id>/edit", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def edit_target(campaign: Campaign, public_id: str) -> str | Answer | Response:
    """Change who it is."""
    target = part_of(campaign, Target, public_id)
    form = TargetForm(data=_values(target))
    if form.validate_on_submit():
        now = clock.now()
        try:
            with transaction(), once(form) as saved:
                service.edit_target(target, _typed(form, now), seen=form.version_number, actor=me(), now=now)
                saved.leads_to(url_for("campaigns.edit", slug=campaign.slug))
        except (Stale, StaleDataError):
            db.session.refresh(target)
            theirs = TargetForm(formdata=None, data=_values(target))
            return conflicted("campaigns/target.html", form, theirs, campaign=campaign, target=target)
        except service.CampaignError as error:
            form.fail(error)
        else:
            flash(_("Saved."), "success")
            return redirect(saved.where)
    status = 422 if form.is_submitted() else 200
    return render_template("campaigns/target.html", form=form, campaign=campaign, target=target), status


@bp.post("/campaigns/<slug>/targets/<public_id>/remove")
@for_campaign(Level.EDIT)
def remove_target(campaign: Campaign, public_id: str) -> Response:
    """Take one away that nothing is asked of."""
    target = part_of(campaign, Target, public_id)
    try:
        with transaction(), once() as saved:
            service.remove_target(target, actor=me(), now=clock.now())
            saved.leads_to(url_for("campaigns.edit", slug=campaign.slug))
    except service.CampaignError as error:
        flash(str(error), "warning")
    else:
        flash(_("Removed; it can be put back from the bin."), "success")
    return redirect(url_for("campaigns.edit", slug=campaign.slug))


def _values(target: Target) -> dict[str, Any]:
    return {
        "version": target.version,
        "kind": target.kind.value,
        "name": target.name,
        "office": target.office,
        "company": target.company.name if target.company else "",
    }


def _typed(form: TargetForm, now: dt.datetime) -> dict[str, Any]:
    kind = TargetKind(form.kind.data)
    named = form.company.data or (form.name.data if kind is TargetKind.COMPANY else "")
    return {
        "kind": kind,
        "name": form.name.data,
        "office": form.office.data or "",
        "company": find_or_add_company(named, now=now) if named else None,
    }
