"""Whom a list brought is taken back, some hundreds a transaction; so are the organisations that it made known."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.companies.models import Organisation
from tracker.companies.unused import remove_unused_organisations
from tracker.db import db, one_of
from tracker.importing.models import Import
from tracker.postgresql import checked_by_one_plan
from tracker.signatures.models import Signatory, Signature, SignatureStatus

UNDONE_AT_ONCE = 500


def undo_some(row: Import, *, now: dt.datetime) -> int:
    """Take back some of whom this import brought; 0 when only those are left who changed since (they are counted)."""
    others = sa.select(Signature.id).where(
        Signature.signatory_id == Signatory.id,
        sa.or_(Signature.version > 1, Signature.status != SignatureStatus.LISTED),
    )
    merged = sa.orm.aliased(Signatory)
    untouched = sa.select(Signatory.id, Signatory.organisation_id, Signatory.created_at).where(
        Signatory.import_id == row.id,
        Signatory.version == 1,
        Signatory.deleted_at.is_(None),
        Signatory.merged_into_id.is_(None),
        ~others.exists(),
        ~sa.select(merged.id).where(merged.merged_into_id == Signatory.id).exists(),
    )
    found = db.session.execute(untouched.limit(UNDONE_AT_ONCE)).all()
    if not found:
        kept = sa.select(sa.func.count()).select_from(Signatory).where(Signatory.import_id == row.id)
        row.kept = db.session.scalar(kept) or 0
        return 0
    numbers = [each.id for each in found]
    options = {"synchronize_session": False}
    with checked_by_one_plan(db.session.connection()):
        for model, column in ((Signature, Signature.signatory_id), (Signatory, Signatory.id)):
            db.session.execute(sa.delete(model).where(one_of(column, numbers)), execution_options=options)
    # An organisation that the list made known was made in the very transaction in which its signatory was.
    moments = {each.organisation_id: each.created_at for each in found if each.organisation_id is not None}
    made = [
        number
        for number, at in db.session.execute(
            sa.select(Organisation.id, Organisation.created_at).where(Organisation.id.in_(moments))
        )
        if at == moments[number]
    ]
    if made:
        actor = db.session.get(Account, row.actor_id) if row.actor_id else None
        row.organisations_gone += remove_unused_organisations(made, actor=actor, now=now)
    return len(numbers)
