"""How companies and organisations are found: by the names they bear or bore. Whoever is signed in may."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import sqlalchemy as sa

from tracker.companies.models import Company, CompanyName, Organisation
from tracker.db import db
from tracker.search.keeping import ASIDE, NAME, SENTENCE, Document, register

COMPANY, ORGANISATION = "company", "organisation"


def _companies() -> sa.Select[int]:
    return sa.select(Company.id).where(Company.deleted_at.is_(None), Company.merged_into_id.is_(None))


def _company_documents(ids: Collection[int]) -> dict[int, Document]:
    names: dict[int, list[str]] = defaultdict(list)
    borne = sa.select(CompanyName.company_id, CompanyName.name).where(CompanyName.company_id.in_(ids))
    for key, name in db.session.execute(borne.order_by(CompanyName.id)):
        names[key].append(name)
    found = db.session.scalars(_companies().where(Company.id.in_(ids)).with_only_columns(Company))
    return {
        one.id: Document(
            COMPANY,
            one.name,
            fields=[(NAME, one.ticker), (SENTENCE, "; ".join(names[one.id])), (ASIDE, one.sector)],
            hidden=f"{one.cik or ''} {(one.cik or '').lstrip('0')}",
        )
        for one in found
    }


def _organisations() -> sa.Select[int]:
    return sa.select(Organisation.id).where(Organisation.deleted_at.is_(None), Organisation.merged_into_id.is_(None))


def _organisation_documents(ids: Collection[int]) -> dict[int, Document]:
    found = db.session.execute(
        _organisations().where(Organisation.id.in_(ids)).with_only_columns(Organisation.id, Organisation.name)
    )
    return {key: Document(ORGANISATION, name) for key, name in found}


register(Company, ids=_companies, documents=_company_documents)
register(Organisation, ids=_organisations, documents=_organisation_documents)
