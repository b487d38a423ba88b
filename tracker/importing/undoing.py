"""Whom a list brought is taken back, some hundreds a transaction; so are the organisations that it made known."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.companies.unused import remove_unused_organisations
from tracker.db import db, one_of
from tracker.importing.models import Import, ImportOrganisation
from tracker.postgresql import checked_by_one_plan
from tracker.signatures.models import Signatory, Signature, SignatureStatus

UNDONE_AT_ONCE = 500
_WITHOUT_SESSION = {"synchronize_session": False}


def undo_some(row: Import) -> int:
    """Take back some of whom this import brought; 0 when only those are left who changed since (they are counted)."""
    others = sa.select(Signature.id).where(
        Signature.signatory_id == Signatory.id,
        sa.or_(Signature.version > 1, Signature.status != SignatureStatus.LISTED),
    )
    merged = sa.orm.aliased(Signatory)
    untouched = sa.select(Signatory.id).where(
        Signatory.import_id == row.id,
        Signatory.version == 1,
        Signatory.deleted_at.is_(None),
        Signatory.merged_into_id.is_(None),
        ~others.exists(),
        ~sa.select(merged.id).where(merged.merged_into_id == Signatory.id).exists(),
    )
    numbers = list(db.session.scalars(untouched.limit(UNDONE_AT_ONCE)))
    if not numbers:
        kept = sa.select(sa.func.count()).select_from(Signatory).where(Signatory.import_id == row.id)
        row.kept = db.session.scalar(kept) or 0
        return 0
    with checked_by_one_plan(db.session.connection()):
        for model, column in ((Signature, Signature.signatory_id), (Signatory, Signatory.id)):
            db.session.execute(sa.delete(model).where(one_of(column, numbers)), execution_options=_WITHOUT_SESSION)
    return len(numbers)


def undo_some_organisations(row: Import, *, now: dt.datetime) -> int:
    """Afterwards: remove some of the organisations that it made known and nothing else names by now; how many were
    looked at, 0 when there are no more."""
    mine = sa.select(ImportOrganisation.id, ImportOrganisation.organisation_id).where(
        ImportOrganisation.import_id == row.id
    )
    found = {each.id: each.organisation_id for each in db.session.execute(mine.limit(UNDONE_AT_ONCE))}
    if found:
        looked_at = sa.delete(ImportOrganisation).where(one_of(ImportOrganisation.id, [*found]))
        db.session.execute(looked_at, execution_options=_WITHOUT_SESSION)
        actor = db.session.get(Account, row.actor_id) if row.actor_id else None
        row.organisations_gone += remove_unused_organisations([*found.values()], actor=actor, now=now)
    return len(found)
