"""Name, describe, merge and remove issue areas. Their own pages compose more: see pages/issues.py."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import me, requires, signed_in
from tracker.accounts.models import Role
from tracker.campaigns import issues, service
from tracker.campaigns.models import Issue
from tracker.campaigns.relation_forms import IssueForm, IssueMergeForm
from tracker.campaigns.views.blueprint import Answer, bp
from tracker.db import db, transaction
from tracker.timeline.changes_page import changes_page
from tracker.timeline.editing import Stale
from tracker.web.conflict import clash
from tracker.web.once import once

may_edit = requires(Role.ADMINISTRATOR, Role.ORGANISER)


@bp.get("/issues/suggest")
@signed_in
def suggest_issues() -> str:
    """Names of issue areas that may be meant, as options for a datalist."""
    text = next((request.args[name] for name in ("q", "issues", "other") if name in request.args), "")
    return render_template("issues/_options.html", found=issues.issues_like(text.rpartition(",")[2], me()))


@bp.route("/issues/new", methods=["GET", "POST"])
@may_edit
def new_issue() -> str | Answer | Response:
    """Give an issue area a page."""
    form = IssueForm()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                made = service.open_issue(
                    form.name.data or "", form.description.data or "", actor=me(), now=clock.now()
                )
                saved.leads_to(url_for("pages.issue", slug=made.slug))
        except service.CampaignError as error:
            form.fail(error)
        else:
            flash(_("Here it is. Name it on a campaign’s edit page, and the campaign stands here."), "success")
            return redirect(saved.where)
    return render_template("issues/new.html", form=form), 422 if form.is_submitted() else 200


@bp.route("/issues/<slug>/edit", methods=["GET", "POST"])
@may_edit
def edit_issue(slug: str) -> str | Answer | Response:
    """Rename and describe it; below, merge it or put it into the bin."""
    issue = issue_or_404(slug)
    form = IssueForm(data=_values(issue))
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                service.edit_issue(
                    issue_or_404(slug),
                    name=form.name.data or "",
                    description=form.description.data or "",
                    seen=form.version_number,
                    actor=me(),
                    now=clock.now(),
                )
                saved.leads_to(url_for("pages.issue", slug=issue.slug))
        except (Stale, StaleDataError):
            db.session.refresh(issue)
            conflict = clash(form, IssueForm(formdata=None, data=_values(issue)))
            return _edit_page(issue, form, conflict=conflict), 409
        except service.CampaignError as error:
            form.fail(error)
        else:
            flash(_("Saved."), "success")
            return redirect(saved.where)
    return _edit_page(issue, form), 422 if form.is_submitted() else 200


def _values(issue: Issue) -> dict[str, Any]:
    return {"version": issue.version, "name": issue.name, "description": issue.description}


def _edit_page(issue: Issue, form: IssueForm, *, merge_form: IssueMergeForm | None = None, **context: Any) -> str:
    return render_template(
        "issues/edit.html",
        issue=issue,
        form=form,
        merge_form=merge_form or IssueMergeForm(formdata=None),
        known=[one for one in issues.issues_like("", me(), limit=100) if one.id != issue.id],
        merges=issues.merges_of_issue(issue),
        **changes_page(issue, service.issue_change_may_be_restored),
        **context,
    )


@bp.post("/issues/<slug>/merge")
@may_edit
def merge_issue(slug: str) -> Answer | Response:
    """Let another issue area stand for this one."""
    issue = issue_or_404(slug)
    form = IssueMergeForm()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                here = issue_or_404(slug)
                meant = issues.issue_named(form.other.data or "")
                into = issues.visible_issue(meant.slug, me()) if meant is not None else None
                if into is None:
                    raise service.CampaignError(_("No issue area has this name."), "other")
                service.merge_issues(here, into, actor=me(), now=clock.now())
                saved.leads_to(url_for("pages.issue", slug=into.slug))
                name = here.name
        except service.CampaignError as error:
            form.fail(error)
        else:
            flash(_("“%(name)s” is this one now. It can be undone on its edit page.", name=name), "success")
            return redirect(saved.where)
    return _edit_page(issue, IssueForm(formdata=None, data=_values(issue)), merge_form=form), 422


@bp.post("/issues/<slug>/merges/<public_id>/undo")
@may_edit
def undo_issue_merge(slug: str, public_id: str) -> Response:
    """Take what was merged into it out again."""
    with transaction(), once() as saved:
        issue = issue_or_404(slug)
        merge = next((one for one in issues.merges_of_issue(issue) if one.public_id == public_id), None) or abort(404)
        service.undo_issue_merge(merge, actor=me(), now=clock.now())
        saved.leads_to(url_for("pages.issue", slug=merge.issue.slug))
        name = merge.issue.name
    flash(_("“%(name)s” stands by itself again.", name=name), "success")
    return redirect(saved.where)


@bp.post("/issues/<slug>/remove")
@may_edit
def remove_issue(slug: str) -> Response:
    """Put it into the bin."""
    with transaction(), once() as saved:
        service.remove_issue(issue_or_404(slug), actor=me(), now=clock.now())
        saved.leads_to(url_for("pages.issues", _anchor="removed"))
    flash(_("The issue area is in the bin; it can be put back from there."), "success")
    return redirect(saved.where)


@bp.post("/issues/<slug>/put-back")
@may_edit
def put_back_issue(slug: str) -> Response:
    """Take it out of the bin again."""
    with transaction(), once() as saved:
        found = next((one for one in issues.removed_issues(me()) if one.slug == slug), None) or abort(404)
        service.put_back_issue(found, actor=me(), now=clock.now())
        saved.leads_to(url_for("pages.issue", slug=found.slug))
    flash(_("Here it is again, as it was."), "success")
    return redirect(saved.where)


def issue_or_404(slug: str) -> Issue:
    """The issue area at this address, if it is there for whoever asks."""
    return issues.visible_issue(slug, me()) or abort(404)
