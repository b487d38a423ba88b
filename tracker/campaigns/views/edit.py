"""Edit what a campaign is; put it into the bin."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import me
from tracker.campaigns import queries, service
from tracker.campaigns.access import Level, for_campaign, level_for
from tracker.campaigns.forms import CampaignForm, SubjectForm
from tracker.campaigns.issues import issues_like
from tracker.campaigns.models import Campaign, SubjectRole
from tracker.campaigns.views.blueprint import Answer, bp, conflicted
from tracker.companies.service import CompanyError, find_or_add_company, find_or_add_organisation
from tracker.db import db, transaction
from tracker.timeline.editing import Stale
from tracker.web.conflict import nobody_changed
from tracker.web.once import once


@bp.route("/campaigns/<slug>/edit", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def edit(campaign: Campaign) -> str | Answer | Response:
    """Title, address, summary and the like; below, whom it asks."""
    form = CampaignForm(data=_values(campaign))
    if form.validate_on_submit():
        try:
            where = _saved(form, campaign)
        except (Stale, StaleDataError):
            return conflicted("campaigns/edit.html", form, _theirs(campaign), **_around(campaign))
        except service.CampaignError as error:
            form.fail(error)
        else:
            flash(_("Saved."), "success")
            return redirect(where)
    status = 422 if form.is_submitted() else 200
    return render_template("campaigns/edit.html", form=form, **_around(campaign)), status


def _values(campaign: Campaign) -> dict[str, Any]:
    return {
        "version": campaign.version,
        "title": campaign.title,
        "slug": campaign.slug,
        "summary": campaign.summary,
        "began_on": (campaign.began_on, campaign.began_precision) if campaign.began_on else None,
        "goal": campaign.goal,
        "issues": ", ".join(issue.name for issue in campaign.issues),
        "zone": campaign.zone,
        "is_protected": campaign.is_protected,
        "allows_public_names": campaign.allows_public_names,
    }


def _theirs(campaign: Campaign) -> CampaignForm:
    """The form as it would be opened now."""
    db.session.refresh(campaign)
    return CampaignForm(formdata=None, data=_values(campaign))


def _saved(form: CampaignForm, campaign: Campaign, *, tries: int = 3) -> str:
    """Save, and where it leads. Its stage, its visibility or whom it asks count as saves as well: whoever changed only
    those meanwhile is nobody to choose against. Raises Stale or StaleDataError when it is somebody."""
    try:
        with transaction(), once(form) as saved:
            _save(form, campaign)
            saved.leads_to(url_for("pages.campaign", slug=campaign.slug))
    except (Stale, StaleDataError):
        theirs = _theirs(campaign)
        if tries == 1 or form.version_number is None or not nobody_changed(form, theirs):
            raise
        form.follow(theirs)
        return _saved(form, campaign, tries=tries - 1)
    return saved.where


def _save(form: CampaignForm, campaign: Campaign) -> None:
    began = form.began_on.data
    service.edit_campaign(
        campaign,
        {
            "title": form.title.data,
            "summary": form.summary.data or "",
            "began_on": began.date if began else None,
            "began_precision": began.precision if began else None,
            "goal": form.goal.data,
            "zone": form.zone.data,
            "is_protected": form.is_protected.data,
            "allows_public_names": form.allows_public_names.data,
        },
        slug=form.slug.data or "",
        issues=(form.issues.data or "").split(","),
        seen=form.version_number,
        actor=me(),
        now=clock.now(),
    )


def _around(campaign: Campaign) -> dict[str, Any]:
    return {
        "campaign": campaign,
        "subjects": queries.subjects_of(campaign),
        "known_issues": issues_like("", me(), limit=40),
        "targets": queries.targets_of(campaign),
        "may_lead": level_for(me(), campaign) >= Level.LEAD,
    }


@bp.route("/campaigns/<slug>/subjects/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def new_subject(campaign: Campaign) -> str | Answer | Response:
    """Name a company or organisation that is asked, or asked about."""
    form = SubjectForm()
    if form.validate_on_submit():
        now = clock.now()
        try:
            with transaction(), once(form) as saved:
                is_company = form.what.data == "company"
                service.add_subject(
                    campaign,
                    SubjectRole(form.role.data),
                    company=find_or_add_company(form.name.data or "", now=now) if is_company else None,
                    organisation=None if is_company else find_or_add_organisation(form.name.data or "", now=now),
                    actor=me(),
                    now=now,
                )
                saved.leads_to(url_for("campaigns.edit", slug=campaign.slug))
        except (service.CampaignError, CompanyError) as error:
            form.fail(error)
        else:
            flash(_("Added."), "success")
            return redirect(saved.where)
    status = 422 if form.is_submitted() else 200
    return render_template("campaigns/subject.html", form=form, campaign=campaign), status


@bp.post("/campaigns/<slug>/subjects/<int:number>/remove")
@for_campaign(Level.EDIT)
def remove_subject(campaign: Campaign, number: int) -> Response:
    """Take one away again; `number` is its place in the list, from 1."""
    try:
        with transaction(), once() as saved:
            subjects = queries.subjects_of(campaign)
            if 0 < number <= len(subjects):
                service.remove_subject(campaign, subjects[number - 1].id, actor=me(), now=clock.now())
            saved.leads_to(url_for("campaigns.edit", slug=campaign.slug))
    except service.CampaignError as error:
        flash(str(error), "warning")
    else:
        flash(_("Removed."), "success")
    return redirect(url_for("campaigns.edit", slug=campaign.slug))


@bp.post("/campaigns/<slug>/remove")
@for_campaign(Level.LEAD)
def remove(campaign: Campaign) -> Response:
    """Put the campaign into the bin."""
    with transaction(), once() as saved:
        service.remove_campaign(campaign, actor=me(), now=clock.now())
        saved.leads_to(url_for("campaigns.removed"))
    flash(_("The campaign is in the bin; it can be put back from there."), "success")
    return redirect(saved.where)
