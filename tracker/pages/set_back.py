"""Set back what was changed of what all campaigns share: a company, an organisation, an issue area."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, url_for
from sqlalchemy.orm.exc import StaleDataError

from tracker import clock
from tracker.accounts.access import me, requires
from tracker.accounts.models import Role
from tracker.campaigns.issues import ISSUE
from tracker.campaigns.service import CampaignError, issue_change_may_be_restored, restore_issue
from tracker.campaigns.views.issues import issue_or_404
from tracker.companies import restoring as companies
from tracker.companies.queries import company_by_slug, organisation_by_slug
from tracker.companies.service import CompanyError
from tracker.db import db, transaction
from tracker.pages.blueprint import bp
from tracker.pages.changes import RestoreForm
from tracker.timeline.editing import Stale, as_words
from tracker.timeline.in_place import Answer
from tracker.timeline.models import Revision
from tracker.web.diff import diff
from tracker.web.once import once
from tracker.words import _

may_edit = requires(Role.ADMINISTRATOR, Role.ORGANISER)


@dataclass(frozen=True)
class Shared:
    """One kind of what campaigns share: how it is found, what may be set back, by which service, and its pages."""

    record_type: str
    at: Callable[[str], Any]  # by the address; None, or a 404 of its own, when it is not there
    may_be_restored: Callable[[Revision], bool]
    words_now: Callable[[Revision, Any], str]
    restore: Callable[..., None]
    index: tuple[str, Any]  # endpoint and title of the list
    show: str
    edit: str


COMPANY = Shared(
    companies.COMPANY, company_by_slug, companies.may_be_restored, companies.words_now, companies.restore_company,
    ("companies.index", _("Companies")), "pages.company", "companies.edit",
)  # fmt: skip
ORGANISATION = Shared(
    companies.ORGANISATION, organisation_by_slug, companies.may_be_restored, companies.words_now,
    companies.restore_organisation, ("companies.organisations", _("Organisations")), "companies.organisation",
    "companies.edit_organisation",
)  # fmt: skip
ISSUE_AREA = Shared(
    ISSUE, issue_or_404, issue_change_may_be_restored,
    lambda revision, issue: as_words(getattr(issue, revision.field)) or "", restore_issue,
    ("pages.issues", _("Issue areas")), "pages.issue", "campaigns.edit_issue",
)  # fmt: skip


@bp.route("/companies/<slug>/changes/<public_id>/restore", methods=["GET", "POST"])
@may_edit
def restore_company(slug: str, public_id: str) -> Answer:
    """Set back what was changed of a company."""
    return _set_back(COMPANY, slug, public_id)


@bp.route("/organisations/<slug>/changes/<public_id>/restore", methods=["GET", "POST"])
@may_edit
def restore_organisation(slug: str, public_id: str) -> Answer:
    """Set back what was changed of an organisation."""
    return _set_back(ORGANISATION, slug, public_id)


@bp.route("/issues/<slug>/changes/<public_id>/restore", methods=["GET", "POST"])
@may_edit
def restore_issue_area(slug: str, public_id: str) -> Answer:
    """Set back what was changed of an issue area."""
    return _set_back(ISSUE_AREA, slug, public_id)


def _found(kind: Shared, slug: str, public_id: str) -> tuple[Any, Revision]:
    record = kind.at(slug) or abort(404)
    revision = db.session.scalar(
        sa.select(Revision).where(
            Revision.public_id == public_id,
            Revision.record_type == kind.record_type,
            Revision.record_id == record.id,
        )
    )
    if revision is None or not kind.may_be_restored(revision):
        abort(404)
    return record, revision


def _set_back(kind: Shared, slug: str, public_id: str) -> Answer:
    record, revision = _found(kind, slug, public_id)
    form = RestoreForm(version=record.version)
    status = 200
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                record, revision = _found(kind, slug, public_id)
                kind.restore(revision, record, seen=form.version_number, actor=me(), now=clock.now())
                db.session.flush()
                saved.leads_to(url_for(kind.edit, slug=record.slug, _anchor="changes"))
        except (Stale, StaleDataError):
            record, revision = _found(kind, slug, public_id)
            form.follow(RestoreForm(formdata=None, version=record.version))
            form.form_errors.append(str(_("Somebody else saved this meanwhile; this is how it stands now.")))
            status = 409
        except (CompanyError, CampaignError) as error:
            record, revision = _found(kind, slug, public_id)
            form.form_errors.append(str(error))
            status = 422
        else:
            flash(str(_("It is as it was before.")), "success")
            return redirect(saved.where)
    endpoint, title = kind.index
    page = render_template(
        "pages/restore.html",
        form=form,
        revision=revision,
        found=diff(kind.words_now(revision, record), revision.old_value or ""),
        is_gone=False,
        crumbs=[
            (title, url_for(endpoint)),
            (record.name, url_for(kind.show, slug=record.slug)),
            (_("Edit"), url_for(kind.edit, slug=record.slug)),
        ],
        back=url_for(kind.edit, slug=record.slug),
    )
    return page, status
