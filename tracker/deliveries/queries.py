"""Deliveries and updates of a campaign, and who wishes to hear."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.deliveries.models import Delivery, SignerUpdate
from tracker.signatures.models import COUNTED, Signatory, Signature
from tracker.signatures.news import on_receipts
from tracker.signatures.queries import newest_signature, present


def deliveries_of(campaign: Campaign) -> list[Delivery]:
    """The newest first."""
    found = sa.select(Delivery).where(Delivery.campaign_id == campaign.id, Delivery.deleted_at.is_(None))
    newest = found.order_by(Delivery.delivered_on.desc(), Delivery.id.desc())
    return list(db.session.scalars(newest.options(joinedload(Delivery.text))))


def updates_of(campaign: Campaign) -> list[SignerUpdate]:
    """The newest first."""
    found = sa.select(SignerUpdate).where(SignerUpdate.campaign_id == campaign.id)
    return list(db.session.scalars(found.order_by(SignerUpdate.id.desc())))


@on_receipts
def newest_words(campaign: Campaign) -> list[str]:
    """The newest updates, in words, for whoever signed."""
    found = sa.select(SignerUpdate.words).where(SignerUpdate.campaign_id == campaign.id)
    return list(db.session.scalars(found.order_by(SignerUpdate.id.desc()).limit(3)))


def hearers(campaign_id: int) -> sa.Select[Signatory]:
    """Those whose signature counts, who wished to hear of news and left an address."""
    return (
        sa.select(Signatory)
        .join(Signature, Signature.signatory_id == Signatory.id)
        .where(
            Signatory.campaign_id == campaign_id,
            present(),
            Signatory.address_sealed.is_not(None),
            Signatory.stands_as.in_(COUNTED),
            newest_signature(),
            Signature.wishes_updates.is_(True),
        )
    )


def number_of_hearers(campaign: Campaign) -> int:
    """How many."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(hearers(campaign.id).subquery())) or 0
