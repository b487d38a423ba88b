"""Organisations that were found to be one, or to be two: what was decided, and all that is needed to take it back."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.companies.models import Organisation
from tracker.companies.names import core
from tracker.companies.queries import organisations_matching
from tracker.db import Model, PublicId, db

MOST_GROUPS = 50


class OrganisationMerge(PublicId, Model):
    """One organisation became part of another. What named it names the other since; which rows did, stands here."""

    __tablename__ = "organisation_merge"

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    merged_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    moved: Mapped[dict[str, list[int]]] = mapped_column(sa.JSON)  # "table.column": the ids of its rows
    merged_at: Mapped[dt.datetime]
    merged_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    undone_at: Mapped[dt.datetime | None]

    kept: Mapped[Organisation] = relationship(foreign_keys=[kept_id])
    merged: Mapped[Organisation] = relationship(foreign_keys=[merged_id])


class OrganisationDifference(Model):
    """These two have like names and are two; nobody is asked about them again."""

    __tablename__ = "organisation_difference"

    one_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True)
    decided_at: Mapped[dt.datetime]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))


def like_organisations() -> list[list[Organisation]]:
    """Those whose names differ by their form alone, `Google Inc.` and `Google`, in groups; the earliest first.

    A group of which each two were found to be different is left out. Each name is looked at once.
    """
    groups: defaultdict[str, list[Organisation]] = defaultdict(list)
    for one in db.session.scalars(organisations_matching().order_by(None).order_by(Organisation.id)):
        groups[core(one.name)].append(one)
    different = {
        (row.one_id, row.other_id) for row in db.session.scalars(sa.select(OrganisationDifference))
    }  # fmt: skip
    found = []
    for name in sorted(name for name, group in groups.items() if name and len(group) > 1):
        group = groups[name]
        pairs = {(one.id, other.id) for at, one in enumerate(group) for other in group[at + 1 :]}
        if not pairs <= different:
            found.append(group)
    return found[:MOST_GROUPS]


def merges_standing(limit: int = 50) -> list[OrganisationMerge]:
    """What can be taken back, latest first."""
    return list(
        db.session.scalars(
            sa.select(OrganisationMerge)
            .where(OrganisationMerge.undone_at.is_(None))
            .order_by(OrganisationMerge.id.desc())
            .limit(limit)
        )
    )


def merge_by_public_id(public_id: str) -> OrganisationMerge | None:
    """One merge, standing or taken back."""
    return db.session.scalar(sa.select(OrganisationMerge).where(OrganisationMerge.public_id == public_id))


def organisations_by_public_ids(public_ids: Sequence[str]) -> list[Organisation]:
    """These organisations, those that are there."""
    return list(db.session.scalars(sa.select(Organisation).where(Organisation.public_id.in_(public_ids))))


def who_remains(organisation: Organisation) -> Organisation:
    """The organisation that this one is part of now: itself, unless it was merged."""
    seen = {organisation.id}
    while organisation.merged_into_id is not None and organisation.merged_into_id not in seen:
        seen.add(organisation.merged_into_id)
        organisation = db.session.get_one(Organisation, organisation.merged_into_id)
    return organisation


def parts_of(organisation: Organisation) -> list[int]:
    """The ids of an organisation and of all that became part of it, directly or by one that did."""
    found = sa.select(Organisation.id).where(Organisation.id == organisation.id).cte("parts", recursive=True)
    found = found.union(sa.select(Organisation.id).where(Organisation.merged_into_id == found.c.id))
    return list(db.session.scalars(sa.select(found.c.id)))
