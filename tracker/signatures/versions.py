"""Who signed the text as it is now, and who an earlier one that was changed in substance since; and who was asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Set
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from tracker.campaigns.models import Campaign, CampaignText
from tracker.db import Model, db
from tracker.signatures.models import COUNTED, Signatory, Signature
from tracker.signatures.one_person import has_merged
from tracker.signatures.queries import FEW, Counts, present


class TextAsking(Model):
    """That those who signed an earlier text are asked whether they sign this one too; how far that is."""

    __tablename__ = "text_asking"

    text_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign_text.id", ondelete="CASCADE"), primary_key=True)
    after_id: Mapped[int] = mapped_column(default=0)  # signatories up to this one were asked; saved with their mails
    mailed: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str] = mapped_column(sa.String(32), default="")
    leased_until: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]

    text: Mapped[CampaignText] = relationship()


@dataclass(frozen=True)
class Versions:
    """Of those who count: how many signed the text as it is now, and how many only an earlier one."""

    now: int
    earlier: int

    @property
    def is_few_now(self) -> bool:
        """Whether outsiders are told only that they are few."""
        return 0 < self.now < FEW

    @property
    def is_few_earlier(self) -> bool:
        """The same of those who signed an earlier text alone."""
        return 0 < self.earlier < FEW


def changed_in_substance(campaign_id: int) -> CampaignText | None:
    """The latest version that was changed in substance, unless that is the first one of all."""
    found = db.session.scalar(
        sa.select(CampaignText)
        .where(CampaignText.campaign_id == campaign_id, CampaignText.is_substantive, CampaignText.number > 1)
        .order_by(CampaignText.number.desc())
        .limit(1)
    )
    return found


def texts_as_now(campaign: Campaign) -> set[int] | None:
    """The versions of the text that say in substance what it says now; None when it was never changed in substance."""
    changed = (
        sa.select(sa.func.max(CampaignText.number))
        .where(CampaignText.campaign_id == campaign.id, CampaignText.is_substantive, CampaignText.number > 1)
        .scalar_subquery()
    )
    since = sa.select(CampaignText.id).where(CampaignText.campaign_id == campaign.id, CampaignText.number >= changed)
    return set(db.session.scalars(since)) or None


def versions_of(campaign: Campaign, counts: Counts, as_now: Set[int] | None) -> Versions | None:
    """Both numbers, which add up to those that count; None when the text was never changed in substance. `as_now`:
    what `texts_as_now` says."""
    if as_now is None or not counts.here:
        return None
    later = aliased(Signature)
    number = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(Signature)
        .join(Signature.signatory)
        .where(
            Signature.text_id.in_(as_now),
            Signature.status.in_(COUNTED),
            present(),
            ~sa.exists().where(later.signatory_id == Signature.signatory_id, later.id > Signature.id),
        )
    )
    return Versions(number or 0, counts.here - (number or 0))


def signed_earlier(text: CampaignText, after_id: int, limit: int) -> list[Signatory]:
    """Some of those who signed by themselves, with an address of their own or perhaps
    one of a row they count for, a text before this change; by their numbers."""
    later, signed = aliased(Signature), aliased(CampaignText)
    return list(
        db.session.scalars(
            sa.select(Signatory)
            .join(Signature, Signature.signatory_id == Signatory.id)
            .join(signed, signed.id == Signature.text_id)
            .where(
                Signatory.campaign_id == text.campaign_id,
                Signatory.id > after_id,
                sa.or_(Signatory.address_sealed.is_not(None), has_merged()),
                present(),
                Signature.confirmed_at.is_not(None),
                Signature.status.in_(COUNTED),
                signed.number < text.number,
                ~sa.exists().where(later.signatory_id == Signature.signatory_id, later.id > Signature.id),
            )
            .order_by(Signatory.id)
            .limit(limit)
        )
    )
