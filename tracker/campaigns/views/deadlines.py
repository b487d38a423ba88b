"""What is due, when and whose."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import me
from tracker.accounts.models import Account
from tracker.campaigns import queries, service
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.forms import DeadlineForm
from tracker.campaigns.models import Campaign
from tracker.campaigns.views.blueprint import Answer, bp, conflicted, part_of
from tracker.db import db, transaction
from tracker.timeline.editing import Stale
from tracker.web.forms import choices_of
from tracker.web.once import once


@bp.route("/campaigns/<slug>/deadlines/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def new_deadline(campaign: Campaign) -> str | Answer | Response:
    """Note what is due; whose it is stands on yourself first."""
    form = DeadlineForm(owner=me().public_id)
    owners = _offer_owners(form, campaign)
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                service.add_deadline(
                    campaign,
                    what=form.what.data or "",
                    due_on=form.due_on.data,
                    owner=owners.get(form.owner.data or ""),
                    actor=me(),
                    now=clock.now(),
                )
                saved.leads_to(_dates(campaign))
        except service.CampaignError as error:
            form.fail(error)
        else:
            flash(_("Noted."), "success")
            return redirect(saved.where)
    status = 422 if form.is_submitted() else 200
    return render_template("campaigns/deadline.html", form=form, campaign=campaign, deadline=None), status


@bp.route("/campaigns/<slug>/deadlines/<public_id>/edit", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def edit_deadline(campaign: Campaign, public_id: str) -> str | Answer | Response:
    """Change words, date or owner."""
    deadline = part_of(campaign, Deadline, public_id)
    form = DeadlineForm(data=_values(deadline))
    owners = _offer_owners(form, campaign, deadline)
    if form.validate_on_submit():
        values = {
            "what": form.what.data,
            "due_on": form.due_on.data,
            "owner": owners.get(form.owner.data or ""),
        }
        try:
            with transaction(), once(form) as saved:
                service.edit_deadline(deadline, values, seen=form.version_number, actor=me(), now=clock.now())
                saved.leads_to(_dates(campaign))
        except (Stale, StaleDataError):
            db.session.refresh(deadline)
            theirs = DeadlineForm(formdata=None, data=_values(deadline))
            _offer_owners(theirs, campaign, deadline)
            return conflicted("campaigns/deadline.html", form, theirs, campaign=campaign, deadline=deadline)
        except service.CampaignError as error:
            form.fail(error)
        else:
            flash(_("Saved."), "success")
            return redirect(saved.where)
    status = 422 if form.is_submitted() else 200
    return render_template("campaigns/deadline.html", form=form, campaign=campaign, deadline=deadline), status


@bp.post("/campaigns/<slug>/deadlines/<public_id>/done")
@for_campaign(Level.EDIT)
def finish_deadline(campaign: Campaign, public_id: str) -> Response:
    """Tick it off, or open it again."""
    deadline = part_of(campaign, Deadline, public_id)
    done = request.form.get("done") == "yes"
    with transaction(), once() as saved:
        service.finish_deadline(deadline, done=done, actor=me(), now=clock.now())
        saved.leads_to(url_for("pages.home") if request.form.get("back") == "home" else _dates(campaign))
    flash(_("Done.") if done else _("Open again."), "success")
    return redirect(saved.where)


@bp.post("/campaigns/<slug>/deadlines/<public_id>/remove")
@for_campaign(Level.EDIT)
def remove_deadline(campaign: Campaign, public_id: str) -> Response:
    """Put it into the bin."""
    deadline = part_of(campaign, Deadline, public_id)
    with transaction(), once() as saved:
        service.remove_deadline(deadline, actor=me(), now=clock.now())
        saved.leads_to(_dates(campaign))
    flash(_("Removed; it can be put back from the bin."), "success")
    return redirect(saved.where)


def _dates(campaign: Campaign) -> str:
    return url_for("pages.campaign", slug=campaign.slug, _anchor="dates")


def _values(deadline: Deadline) -> dict[str, Any]:
    return {
        "version": deadline.version,
        "what": deadline.what,
        "due_on": deadline.due_on,
        "owner": deadline.owner.public_id if deadline.owner else "",
    }


def _offer_owners(form: DeadlineForm, campaign: Campaign, deadline: Deadline | None = None) -> dict[str, Account]:
    people = [member.account for member in queries.members_of(campaign) if member.account.active]
    for also in (deadline.owner if deadline else None, me()):
        if also is not None and also not in people:
            people.append(also)
    named = [(person.public_id, person.name or person.email) for person in people]
    form.owner.choices = choices_of([*named, ("", _("nobody’s yet"))])
    return {person.public_id: person for person in people}
