"""Organisations on a list: found by their names or added; each signs once, and its contact stays sealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from tracker.companies.models import Organisation
from tracker.companies.queries import organisation_named
from tracker.companies.service import find_or_add_organisation
from tracker.db import db
from tracker.importing.loading import among
from tracker.importing.models import Import, ImportOrganisation
from tracker.importing.rows import Row
from tracker.search_text import normalise
from tracker.signatures.models import Signatory
from tracker.signatures.service.saving import for_organisation


def not_here(row: Import, rows: Sequence[Row]) -> list[Row]:
    """Those whose organisation does not sign this campaign yet, each organisation once."""
    known = _known([normalise(each.person.name) for each in rows])
    mine = Signatory.campaign_id == row.campaign_id
    signing = sa.select(Signatory.organisation_id).where(mine, Signatory.organisation_id.in_(known.values()))
    here = set(db.session.scalars(signing))
    met = {text for text, number in known.items() if number in here}
    found = []
    for each in rows:
        text = normalise(each.person.name)
        if text not in met:
            met.add(text)
            found.append(each)
    return found


def recorded(row: Import, rows: Sequence[Row], now: dt.datetime) -> list[tuple[Row, int]]:
    """Each row with its organisation's id, and under its name; organisations that nobody knew are added, as this
    import's."""
    known = _known([normalise(each.person.name) for each in rows])
    found = []
    for each in rows:
        number = known.get(normalise(each.person.name))
        if number is None:
            number, name = _made_known(row, each.person.name, now)
        else:
            name = each.person.name
        shown = replace(each, person=replace(each.person, name=name), appearance=for_organisation(each.appearance))
        found.append((shown, number))
    return found


def _made_known(row: Import, name: str, now: dt.datetime) -> tuple[int, str]:
    known = organisation_named(name)
    organisation = known or find_or_add_organisation(name, now=now)
    if known is None:
        db.session.add(ImportOrganisation(import_id=row.id, organisation_id=organisation.id))
    return organisation.id, organisation.name


def _known(texts: Sequence[str]) -> dict[str, int]:
    """Organisations of these names, as they are searched."""
    present = Organisation.deleted_at.is_(None), Organisation.merged_into_id.is_(None)
    named = sa.select(Organisation.search_text, Organisation.id).where(among(Organisation.search_text, texts), *present)
    return {row.search_text: row.id for row in db.session.execute(named.order_by(Organisation.id.desc()))}
