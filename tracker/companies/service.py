"""What happens to companies and organisations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.companies.models import Company, CompanyName, Organisation, OrganisationKind
from tracker.companies.queries import company_named, organisation_named, reference_named, removed_organisation
from tracker.companies.reference import reference_companies
from tracker.db import db
from tracker.search_text import normalise
from tracker.slugs import free_slug
from tracker.timeline.editing import edit_fields, refuse_stale
from tracker.timeline.service import record_revision
from tracker.words import LazyString, _


class CompanyError(Exception):
    """Why a company or organisation was not saved, in words; `field` is what caused it."""

    def __init__(self, words: LazyString, field: str = "") -> None:
        super().__init__(words)
        self.field = field


def find_or_add_company(name_or_cik: str, *, now: dt.datetime) -> Company:
    """The company that is named: a known one, one of the reference list (added with what the list says), or a new one.

    Raises CompanyError for an empty name and for a CIK that nobody knows.
    """
    text = " ".join(name_or_cik.split())
    if not text:
        raise CompanyError(_("Name the company."), "company")
    if known := company_named(text):
        return known
    if cik := reference_named(text):
        if added := db.session.scalar(sa.select(Company).where(Company.cik == cik)):
            return added
        listed = reference_companies()[cik]
        return _add_company(
            listed.name, ticker=listed.ticker, cik=cik, sector=listed.sector, country=listed.country, now=now
        )
    if text.isdigit():
        raise CompanyError(_("No company with this CIK is known here; write its name."), "company")
    return _add_company(text, now=now)


def _add_company(
    name: str, *, now: dt.datetime, ticker: str = "", cik: str | None = None, sector: str = "", country: str = ""
) -> Company:
    company = Company(
        slug=free_slug(name, taken=_company_has, fallback="company"),
        name=name[:255],
        ticker=ticker,
        cik=cik,
        sector=sector,
        country=country,
        created_at=now,
    )
    db.session.add(company)
    db.session.flush()
    return company


def _company_has(slug: str) -> bool:
    return db.session.scalar(sa.select(Company.id).where(Company.slug == slug)) is not None


def edit_company(
    company: Company, values: Mapping[str, Any], *, seen: int | None, actor: Account, now: dt.datetime
) -> None:
    """Change what is recorded of a company. The name it bore until now is kept among its names.

    Raises Stale when somebody else saved first, CompanyError when another company has the name or the CIK.
    """
    refuse_stale(company, seen)
    name, cik = values["name"], values.get("cik")
    if not name:
        raise CompanyError(_("A company needs a name."), "name")
    others = sa.select(Company).where(Company.id != company.id, Company.deleted_at.is_(None))
    if cik and db.session.scalar(others.where(Company.cik == cik)):
        raise CompanyError(_("Another company here has this CIK."), "cik")
    if any(normalise(other.name) == normalise(name) for other in db.session.scalars(others)):
        raise CompanyError(_("Another company here has this name."), "name")
    former = company.name
    changed = edit_fields(company, values, record_type="company", actor=actor, now=now)
    if "name" in changed and normalise(former) not in {normalise(known.name) for known in company.names}:
        company.names.append(CompanyName(name=former))


def add_company_name(
    company: Company,
    name: str,
    *,
    from_on: dt.date | None,
    to_on: dt.date | None,
    actor: Account,
    now: dt.datetime,
) -> None:
    """Add a name the company has borne, or is known by. Raises CompanyError when it is there already."""
    if not name:
        raise CompanyError(_("Write the name."), "name")
    if normalise(name) in {normalise(known.name) for known in company.names}:
        raise CompanyError(_("This name is there already."), "name")
    if from_on and to_on and to_on < from_on:
        raise CompanyError(_("A name cannot end before it began."), "to_on")
    added = CompanyName(name=name, from_on=from_on, to_on=to_on)
    company.names.append(added)
    _name_revision(company, None, added.as_words, actor, now)


def remove_company_name(company: Company, name_id: int, *, actor: Account, now: dt.datetime) -> None:
    """Take a name away again."""
    for known in company.names:
        if known.id == name_id:
            company.names.remove(known)
            _name_revision(company, known.as_words, None, actor, now)
            return


def _name_revision(company: Company, old: str | None, new: str | None, actor: Account, now: dt.datetime) -> None:
    record_revision(
        record_type="company",
        record_id=company.id,
        field="names",
        old_value=old,
        new_value=new,
        actor=actor,
        now=now,
    )


def find_or_add_organisation(
    name: str, *, now: dt.datetime, kind: OrganisationKind = OrganisationKind.OTHER
) -> Organisation:
    """The organisation of this name: one that is known, one that went with a list and comes back, or a new one.

    Raises CompanyError for an empty name.
    """
    text = " ".join(name.split())
    if not text:
        raise CompanyError(_("Name the organisation."), "organisation")
    if known := organisation_named(text):
        return known
    if removed := removed_organisation(text):
        removed.deleted_at = None
        return removed
    return add_organisation(text, kind=kind, now=now)


def add_organisation(
    name: str, *, kind: OrganisationKind, now: dt.datetime, country: str = "", custodian: str = ""
) -> Organisation:
    """Add an organisation. Raises CompanyError when one of this name is there."""
    if not name:
        raise CompanyError(_("An organisation needs a name."), "name")
    if organisation_named(name):
        raise CompanyError(_("An organisation of this name is there already."), "name")
    organisation = Organisation(
        slug=free_slug(name, taken=_organisation_has, fallback="organisation"),
        name=name[:255],
        kind=kind,
        country=country,
        custodian=custodian,
        created_at=now,
    )
    db.session.add(organisation)
    db.session.flush()
    return organisation


def _organisation_has(slug: str) -> bool:
    return db.session.scalar(sa.select(Organisation.id).where(Organisation.slug == slug)) is not None


def edit_organisation(
    organisation: Organisation, values: Mapping[str, Any], *, seen: int | None, actor: Account, now: dt.datetime
) -> None:
    """Change what is recorded of an organisation. Raises Stale, or CompanyError when another has the name."""
    refuse_stale(organisation, seen)
    if not values["name"]:
        raise CompanyError(_("An organisation needs a name."), "name")
    other = organisation_named(values["name"])
    if other is not None and other.id != organisation.id:
        raise CompanyError(_("Another organisation here has this name."), "name")
    edit_fields(organisation, values, record_type="organisation", actor=actor, now=now)
