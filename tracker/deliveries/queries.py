"""Deliveries and updates of a campaign, and who wishes to hear."""

from __future__ import annotations

from collections.abc import Set

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.deliveries.models import Delivery, SignerUpdate
from tracker.signatures.models import COUNTED, Signatory, Signature
from tracker.signatures.news import on_receipts
from tracker.signatures.one_person import has_merged, newest_of, reached_by, who_counts
from tracker.signatures.queries import newest_signature, present


def deliveries_of(campaign: Campaign) -> list[Delivery]:
    """The newest first."""
    found = sa.select(Delivery).where(Delivery.campaign_id == campaign.id, Delivery.deleted_at.is_(None))
    newest = found.order_by(Delivery.delivered_on.desc(), Delivery.id.desc())
    return list(db.session.scalars(newest.options(joinedload(Delivery.text))))


def delivery_by_public_id(campaign: Campaign, public_id: str) -> Delivery | None:
    """One of this campaign, unless it was recorded by mistake."""
    found = sa.select(Delivery).where(Delivery.campaign_id == campaign.id, Delivery.public_id == public_id)
    return db.session.scalar(found.where(Delivery.deleted_at.is_(None)))


def updates_of(campaign: Campaign) -> list[SignerUpdate]:
    """The newest first."""
    found = sa.select(SignerUpdate).where(SignerUpdate.campaign_id == campaign.id)
    return list(db.session.scalars(found.order_by(SignerUpdate.id.desc())))


@on_receipts
def newest_words(campaign: Campaign) -> list[str]:
    """The newest updates, in words, for whoever signed."""
    found = sa.select(SignerUpdate.words).where(SignerUpdate.campaign_id == campaign.id, SignerUpdate.words != "")
    return list(db.session.scalars(found.order_by(SignerUpdate.id.desc()).limit(3)))


def hearers(campaign_id: int) -> sa.Select[Signatory]:
    """Those whose signature counts, who wished to hear of news and left an address; and those without an address who
    count for another row, which may have both (`heard_through` says)."""
    return (
        sa.select(Signatory)
        .join(Signature, Signature.signatory_id == Signatory.id)
        .where(
            Signatory.campaign_id == campaign_id,
            present(),
            Signatory.stands_as.in_(COUNTED),
            newest_signature(),
            sa.or_(_hears_by_itself(), sa.and_(Signatory.address_sealed.is_(None), has_merged())),
        )
    )


def heard_through(signatory: Signatory) -> Signatory | None:
    """The row of a hearer through which they hear; None for who does not."""
    row = reached_by(signatory)
    if row is None or row is signatory:
        return row
    wishes = [newest.wishes_updates for each in (signatory, row) if (newest := newest_of(each)) is not None]
    return row if any(wishes) else None


def hearing(campaign: Campaign, hashes: Set[str]) -> set[str]:
    """Those among these keyed hashes of addresses at which a hearer is reached."""
    found = hearers(campaign.id).where(_hears_by_itself(), Signatory.address_hash.in_(hashes))
    still = set(db.session.scalars(found.with_only_columns(Signatory.address_hash)))
    merged = sa.select(Signatory).where(
        Signatory.campaign_id == campaign.id,
        Signatory.merged_into_id.is_not(None),
        Signatory.deleted_at.is_(None),
        Signatory.address_hash.in_(hashes - still),
    )
    for row in db.session.scalars(merged):
        hears = hearers(campaign.id).where(Signatory.id == who_counts(row).id)
        if (one := db.session.scalar(hears)) is not None and heard_through(one) is row:
            still.add(str(row.address_hash))
    return {one for one in still if one}


def number_of_hearers(campaign: Campaign) -> int:
    """How many."""
    found, itself = hearers(campaign.id), _hears_by_itself()
    number = db.session.scalar(sa.select(sa.func.count()).select_from(found.where(itself).subquery())) or 0
    return number + sum(heard_through(each) is not None for each in db.session.scalars(found.where(~itself)))


def _hears_by_itself() -> sa.ColumnElement[bool]:
    return sa.and_(Signatory.address_sealed.is_not(None), Signature.wishes_updates.is_(True))
