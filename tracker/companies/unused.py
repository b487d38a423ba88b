"""Organisations that came with a list and go with it again, unless anything else names them by now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.companies.merges import OrganisationDifference, OrganisationMerge
from tracker.companies.merging import references
from tracker.companies.models import Organisation
from tracker.db import db
from tracker.timeline.models import Revision
from tracker.timeline.service import record_revision

REMOVED = "removed"  # what its Revision says


def remove_unused_organisations(ids: Collection[int], *, actor: Account | None, now: dt.datetime) -> int:
    """Remove those of these that nobody changed or merged and nothing refers to; how many.

    Each leaves a Revision, and comes back as it was when somebody names it again (`find_or_add_organisation`).
    """
    unused = sa.select(Organisation).where(
        Organisation.id.in_(ids),
        Organisation.deleted_at.is_(None),
        Organisation.merged_into_id.is_(None),
        ~sa.exists().where(
            Revision.record_type == Organisation.__tablename__,
            Revision.record_id == Organisation.id,
            Revision.field != REMOVED,
        ),
    )
    decided = (
        *(OrganisationMerge.__table__.c[name] for name in ("kept_id", "merged_id")),
        *(OrganisationDifference.__table__.c[name] for name in ("one_id", "other_id")),
    )
    for column in (*references(), *decided):
        unused = unused.where(~sa.exists().where(column == Organisation.id))
    gone = list(db.session.scalars(unused.order_by(Organisation.id).with_for_update()))
    for organisation in gone:
        organisation.deleted_at = now
        record_revision(
            record_type=Organisation.__tablename__, record_id=organisation.id, field=REMOVED, old_value=None,
            new_value=organisation.name, actor=actor, now=now,
        )  # fmt: skip
    return len(gone)
