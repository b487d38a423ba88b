"""Signatories that were found to be one: the row that counts, and the rows merged into it, kept as they were."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import aliased, selectinload

from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.signatures.models import Provenance, Signatory, Signature


def who_counts(signatory: Signatory) -> Signatory:
    """The row that counts for this one: itself, unless it was merged into another."""
    seen = {signatory.id}
    while signatory.merged_into_id is not None and signatory.merged_into_id not in seen:
        seen.add(signatory.merged_into_id)
        signatory = db.session.get_one(Signatory, signatory.merged_into_id)
    return signatory


def merged_into(signatory: Signatory) -> list[Signatory]:
    """The rows that this one counts for, merged into it or into one that was, with their signatures; by age."""
    found = sa.select(Signatory.id).where(Signatory.merged_into_id == signatory.id).cte("merged", recursive=True)
    further = aliased(Signatory)
    found = found.union(sa.select(further.id).where(further.merged_into_id == found.c.id))
    return list(
        db.session.scalars(
            sa.select(Signatory)
            .where(Signatory.id.in_(sa.select(found.c.id)), Signatory.id != signatory.id)
            .order_by(Signatory.id)
            .options(selectinload(Signatory.signatures).joinedload(Signature.text))
        )
    )


def newest_of(signatory: Signatory) -> Signature | None:
    """What its own row signed last."""
    return max(signatory.signatures, key=lambda one: one.id, default=None)


def wrote_it(signatory: Signatory) -> bool:
    """Whether the words of this row are its signer's own: nobody else writes others in their place."""
    return any(signature.provenance is Provenance.SIGNER for signature in signatory.signatures)


def has_merged() -> sa.ColumnElement[bool]:
    """The condition that a signatory counts for another row as well."""
    other = aliased(Signatory)
    return sa.exists().where(other.merged_into_id == Signatory.id)


def reached_by(signatory: Signatory) -> Signatory | None:
    """The row whose address reaches this signer: its own, else the newest of those it counts for. A link in a mail is
    that row's, since each receipt shows the words of its own row alone (ADR 35)."""
    if signatory.address_sealed is not None:
        return signatory
    rows = [row for row in merged_into(signatory) if row.address_sealed is not None and row.deleted_at is None]
    return rows[-1] if rows else None


def is_merged(campaign: Campaign, public_id: str) -> bool:
    """Whether this was a signatory of the campaign until another one counted for both."""
    merged = sa.select(Signatory.id).where(
        Signatory.campaign_id == campaign.id,
        Signatory.public_id == public_id,
        Signatory.merged_into_id.is_not(None),
        Signatory.deleted_at.is_(None),
    )
    return db.session.scalar(merged) is not None


def has_link(campaign: Campaign, link_hash: str | None) -> bool:
    """Whether somebody of this campaign has the profile with this hash."""
    known = sa.select(Signatory.id).where(Signatory.campaign_id == campaign.id, Signatory.link_hash == link_hash)
    return db.session.scalar(known.limit(1)) is not None
