"""What is asked of the database about companies and organisations."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from tracker.companies.models import Company, CompanyName, Organisation
from tracker.companies.reference import reference_companies, reference_matches
from tracker.db import db
from tracker.search_text import normalise


@dataclass(frozen=True)
class Suggestion:
    """A company that may be meant."""

    name: str
    ticker: str
    cik: str
    slug: str  # empty for one of the reference list that nobody has named yet

    @property
    def detail(self) -> str:
        """What tells it from others of a like name."""
        return " · ".join(part for part in (self.ticker, f"CIK {self.cik}" if self.cik else "") if part)


def company_by_slug(slug: str) -> Company | None:
    """The company at this address, unless it was removed."""
    return db.session.scalar(sa.select(Company).where(Company.slug == slug, Company.deleted_at.is_(None)))


def companies_matching(text: str = "") -> sa.Select[Company]:
    """Known companies with these letters in a name they bear or bore, ticker or CIK; all for no letters; by name."""
    found = sa.select(Company).where(Company.deleted_at.is_(None), Company.merged_into_id.is_(None))
    if wanted := normalise(text):
        found = found.where(Company.search_text.contains(wanted, autoescape=True))
    return found.order_by(Company.name, Company.id)


def company_named(text: str) -> Company | None:
    """The known company that this text names exactly: by CIK, name, former name or ticker."""
    wanted = normalise(text)
    if not wanted:
        return None
    hits = db.session.scalars(companies_matching(text)).all()
    by_number = [c for c in hits if c.cik and text.strip().isdigit() and c.cik == text.strip().zfill(10)]
    by_name = [c for c in hits if normalise(c.name) == wanted]
    by_former = [c for c in hits if wanted in {normalise(name.name) for name in c.names}]
    by_ticker = [c for c in hits if c.ticker and c.ticker == text.strip()]
    return next(iter([*by_number, *by_name, *by_ticker, *by_former]), None)


def suggestions(text: str, limit: int = 10) -> list[Suggestion]:
    """Companies that may be meant by these letters: known ones first, then those of the reference list."""
    known = db.session.scalars(companies_matching(text).limit(limit)).all()
    found = [Suggestion(c.name, c.ticker, c.cik or "", c.slug) for c in known]
    ciks = {c.cik for c in known}
    others = [c for c in reference_matches(text, limit + len(found)) if c.cik not in ciks]
    # A company somebody already added may bear another name here than on the list.
    added = set(db.session.scalars(sa.select(Company.cik).where(Company.cik.in_([c.cik for c in others]))))
    found += [Suggestion(c.name, ", ".join(c.tickers), c.cik, "") for c in others if c.cik not in added]
    return found[:limit]


def suggestions_to_begin_with(limit: int = 100) -> list[Suggestion]:
    """Known companies for a list that works without JavaScript."""
    return [
        Suggestion(c.name, c.ticker, c.cik or "", c.slug) for c in db.session.scalars(companies_matching().limit(limit))
    ]


def near_names(text: str, limit: int = 6) -> list[Suggestion]:
    """Companies one may have meant by a name that is none of theirs: some word of their name begins with it."""
    wanted = normalise(text)
    if len(wanted) < 2 or company_named(text) or reference_named(text):
        return []
    return [s for s in suggestions(text, 20) if f" {normalise(s.name)}".find(f" {wanted}") >= 0][:limit]


def reference_named(text: str) -> str | None:
    """The CIK of the reference company that this text names exactly: by CIK, name or ticker in capitals."""
    typed, wanted = text.strip(), normalise(text)
    if typed.isdigit():
        return typed.zfill(10) if typed.zfill(10) in reference_companies() else None
    for company in reference_companies().values():
        if normalise(company.name) == wanted or typed in company.tickers:
            return company.cik
    return None


def names_of(company: Company) -> list[CompanyName]:
    """The names it has borne, latest first."""
    return sorted(company.names, key=lambda name: (name.to_on is None, name.to_on or name.from_on), reverse=True)


def organisation_by_slug(slug: str) -> Organisation | None:
    """The organisation at this address, unless it was removed."""
    return db.session.scalar(
        sa.select(Organisation).where(Organisation.slug == slug, Organisation.deleted_at.is_(None))
    )


def organisations_matching(text: str = "") -> sa.Select[Organisation]:
    """Organisations with these letters in their name; all for no letters; by name."""
    found = sa.select(Organisation).where(Organisation.deleted_at.is_(None), Organisation.merged_into_id.is_(None))
    if wanted := normalise(text):
        found = found.where(Organisation.search_text.contains(wanted, autoescape=True))
    return found.order_by(Organisation.name, Organisation.id)


def organisation_named(text: str) -> Organisation | None:
    """The organisation that this text names exactly, or named until it was merged into this one."""
    wanted = normalise(text)
    if not wanted:
        return None
    named = sa.select(Organisation).where(Organisation.deleted_at.is_(None), Organisation.search_text == wanted)
    found = db.session.scalars(named.order_by(Organisation.merged_into_id.is_not(None), Organisation.id)).first()
    seen: set[int] = set()
    while found is not None and found.merged_into_id is not None and found.id not in seen:
        seen.add(found.id)
        found = db.session.get_one(Organisation, found.merged_into_id)
    return found


def removed_organisation(text: str) -> Organisation | None:
    """The one of this very name that was removed, the last of them."""
    wanted = normalise(text)
    removed = sa.select(Organisation).where(Organisation.deleted_at.is_not(None), Organisation.search_text == wanted)
    return db.session.scalars(removed.order_by(Organisation.id.desc())).first()
