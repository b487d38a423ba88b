"""Suggest and edit companies and organisations. Their own pages compose more: see pages/."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import me, requires, signed_in
from tracker.accounts.models import Role
from tracker.companies import queries, service
from tracker.companies.forms import CompanyForm, CompanyNameForm, OrganisationForm
from tracker.companies.models import Company, Organisation, OrganisationKind
from tracker.companies.reference import ten_digits
from tracker.companies.restoring import may_be_restored
from tracker.companies.words import ORGANISATION_KINDS
from tracker.db import db, transaction
from tracker.timeline.changes_page import changes_page
from tracker.timeline.editing import Stale
from tracker.web.conflict import clash
from tracker.web.once import once

bp = Blueprint("companies", __name__)
Answer = tuple[str, int]
may_edit = requires(Role.ADMINISTRATOR, Role.ORGANISER)


@bp.get("/companies/suggest")
@signed_in
def suggest() -> str | Response:
    """Companies that may be meant: options for a datalist, or JSON for who asks for it."""
    # The type-ahead sends the field itself; its name is `company` or `name` in the forms that use it.
    text = next((request.args[name] for name in ("q", "company", "name") if name in request.args), "")
    found = queries.suggestions(text) if text else queries.suggestions_to_begin_with(10)
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify([{"name": s.name, "ticker": s.ticker, "cik": s.cik, "slug": s.slug} for s in found])
    return render_template("companies/_options.html", found=found)


@bp.route("/companies/<slug>/edit", methods=["GET", "POST"])
@may_edit
def edit(slug: str) -> str | Answer | Response:
    """Name, ticker, CIK, sector, country."""
    company = _company(slug)
    form = CompanyForm(data=_company_values(company))
    if form.validate_on_submit():
        values = {
            "name": form.name.data,
            "ticker": form.ticker.data or "",
            "cik": ten_digits(form.cik.data) if form.cik.data else None,
            "sector": form.sector.data or "",
            "country": form.country.data or "",
        }
        try:
            with transaction(), once(form) as saved:
                service.edit_company(company, values, seen=form.version_number, actor=me(), now=clock.now())
                saved.leads_to(url_for("pages.company", slug=company.slug))
        except (Stale, StaleDataError):
            db.session.refresh(company)
            conflict = clash(form, CompanyForm(formdata=None, data=_company_values(company)))
            return _edit_page(company, form, CompanyNameForm(formdata=None), conflict=conflict), 409
        except service.CompanyError as error:
            form.fail(error)
        else:
            flash(_("Saved."), "success")
            return redirect(saved.where)
    return _edit_page(company, form, CompanyNameForm(formdata=None)), 422 if form.is_submitted() else 200


def _edit_page(company: Company, form: CompanyForm, names: CompanyNameForm, **context: Any) -> str:
    return render_template(
        "companies/edit.html",
        company=company,
        form=form,
        name_form=names,
        names=queries.names_of(company),
        **changes_page(company, may_be_restored),
        **context,
    )


@bp.post("/companies/<slug>/names")
@may_edit
def add_name(slug: str) -> Answer | Response:
    """A name it has borne, or is known by."""
    company = _company(slug)
    form = CompanyNameForm()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                service.add_company_name(
                    company,
                    form.name.data or "",
                    from_on=form.from_on.data,
                    to_on=form.to_on.data,
                    actor=me(),
                    now=clock.now(),
                )
                saved.leads_to(url_for("companies.edit", slug=company.slug))
        except service.CompanyError as error:
            form.fail(error)
        else:
            flash(_("Added."), "success")
            return redirect(saved.where)
    return _edit_page(company, CompanyForm(formdata=None, data=_company_values(company)), form), 422


@bp.post("/companies/<slug>/names/<int:number>/remove")
@may_edit
def remove_name(slug: str, number: int) -> Response:
    """Take a name away again; `number` is its place in the list, from 1."""
    company = _company(slug)
    with transaction(), once() as saved:
        names = queries.names_of(company)
        if 0 < number <= len(names):
            service.remove_company_name(company, names[number - 1].id, actor=me(), now=clock.now())
        saved.leads_to(url_for("companies.edit", slug=company.slug))
    flash(_("Removed."), "success")
    return redirect(saved.where)


@bp.get("/organisations")
@signed_in
def organisations() -> str:
    """Every organisation, by name."""
    text = request.args.get("q", "")
    found = db.session.scalars(queries.organisations_matching(text)).all()
    return render_template(
        "companies/organisations.html",
        organisations=found,
        q=text,
        kinds=ORGANISATION_KINDS,
        may_edit=me().role in (Role.ADMINISTRATOR, Role.ORGANISER),
    )


@bp.route("/organisations/new", methods=["GET", "POST"])
@may_edit
def new_organisation() -> str | Answer | Response:
    """Add an organisation."""
    form = OrganisationForm()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                organisation = service.add_organisation(**_organisation_typed(form), now=clock.now())
                saved.leads_to(url_for("companies.organisation", slug=organisation.slug))
        except service.CompanyError as error:
            form.fail(error)
        else:
            flash(_("Added."), "success")
            return redirect(saved.where)
    status = 422 if form.is_submitted() else 200
    return render_template("companies/organisation_form.html", form=form, organisation=None), status


@bp.route("/organisations/<slug>/edit", methods=["GET", "POST"])
@may_edit
def edit_organisation(slug: str) -> str | Answer | Response:
    """Change what is recorded of an organisation."""
    organisation = queries.organisation_by_slug(slug) or abort(404)
    form = OrganisationForm(data=_organisation_values(organisation))
    conflict = None
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                service.edit_organisation(
                    organisation,
                    _organisation_typed(form),
                    seen=form.version_number,
                    actor=me(),
                    now=clock.now(),
                )
                saved.leads_to(url_for("companies.organisation", slug=organisation.slug))
        except (Stale, StaleDataError):
            db.session.refresh(organisation)
            theirs = OrganisationForm(formdata=None, data=_organisation_values(organisation))
            conflict, status = clash(form, theirs), 409
        except service.CompanyError as error:
            form.fail(error)
        else:
            flash(_("Saved."), "success")
            return redirect(saved.where)
    page = render_template(
        "companies/organisation_form.html",
        form=form,
        organisation=organisation,
        conflict=conflict,
        **changes_page(organisation, may_be_restored),
    )
    return page, status


def _company(slug: str) -> Company:
    return queries.company_by_slug(slug) or abort(404)


def _company_values(company: Company) -> dict[str, Any]:
    return {name: getattr(company, name) for name in ("version", "name", "ticker", "cik", "sector", "country")}


def _organisation_values(organisation: Organisation) -> dict[str, Any]:
    values = {name: getattr(organisation, name) for name in ("version", "name", "country", "custodian")}
    return {**values, "kind": organisation.kind.value}


def _organisation_typed(form: OrganisationForm) -> dict[str, Any]:
    return {
        "name": form.name.data,
        "kind": OrganisationKind(form.kind.data),
        "country": form.country.data or "",
        "custodian": form.custodian.data or "",
    }
