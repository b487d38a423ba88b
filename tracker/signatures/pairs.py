"""Two signatories that are perhaps one, and what a person decided about them. Holds numbers, nobody's words."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship, selectinload

from tracker.campaigns.models import Campaign
from tracker.db import Choice, Model, PublicId, db
from tracker.signatures.models import Signatory


class PairState(enum.StrEnum):
    """What was decided."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"  # remembered: never proposed again


class Evidence(enum.StrEnum):
    """What speaks for it beside the name, which alone is never enough."""

    ORGANISATION = "organisation"
    ROLE = "role"
    LINK = "link"  # the same profile: certain, unless somebody typed it into the wrong row
    PERSON = "person"  # somebody of the team put the two side by side; nothing was looked for
    WAYS = "ways"  # nobody else has this name, and they came by different ways: a slip, a mail, a list


class SignatoryPair(PublicId, Model):
    """Two signatories of one campaign, the earlier one first."""

    __tablename__ = "signatory_pair"
    __table_args__ = (
        sa.UniqueConstraint("one_id", "other_id"),
        sa.Index("ix_signatory_pair_campaign_id", "campaign_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"))
    one_id: Mapped[int] = mapped_column(sa.ForeignKey("signatory.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("signatory.id", ondelete="CASCADE"), index=True)
    evidence: Mapped[Evidence] = mapped_column(Choice(Evidence))
    likeness: Mapped[int]  # of the names, of 100
    state: Mapped[PairState] = mapped_column(Choice(PairState), default=PairState.OPEN)
    found_at: Mapped[dt.datetime]
    decided_at: Mapped[dt.datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    # The row that was merged into the other, so that taking it back parts these two and nobody else.
    merged_id: Mapped[int | None] = mapped_column(sa.ForeignKey("signatory.id", ondelete="CASCADE"), index=True)

    one: Mapped[Signatory] = relationship(foreign_keys=[one_id])
    other: Mapped[Signatory] = relationship(foreign_keys=[other_id])


class LikenessSearch(Model):
    """The search for such pairs in one campaign: asked for, how far it is, and what it saw last."""

    __tablename__ = "likeness_search"

    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    asked_at: Mapped[dt.datetime | None]  # None: nothing is to be done
    passes: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)  # passes behind it; saved in the same transaction as their pairs
    found: Mapped[int] = mapped_column(default=0)
    looked_at: Mapped[int] = mapped_column(default=0)  # signatories
    looked_until: Mapped[int] = mapped_column(default=0)  # the newest signatory of the last whole search, by id
    ended_at: Mapped[dt.datetime | None]
    lease: Mapped[str] = mapped_column(sa.String(32), default="")
    leased_until: Mapped[dt.datetime | None]


def open_pairs(campaign: Campaign) -> sa.Select[SignatoryPair]:
    """What waits for a person: both are here still, and neither was merged meanwhile; the likest first."""
    one, other = aliased(Signatory), aliased(Signatory)
    here = [sa.and_(row.deleted_at.is_(None), row.merged_into_id.is_(None)) for row in (one, other)]
    return (
        sa.select(SignatoryPair)
        .join(SignatoryPair.one.of_type(one))
        .join(SignatoryPair.other.of_type(other))
        .where(SignatoryPair.campaign_id == campaign.id, SignatoryPair.state == PairState.OPEN, *here)
        .order_by(SignatoryPair.likeness.desc(), SignatoryPair.id)
    )


def number_open(campaign: Campaign) -> int:
    """How many wait."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(open_pairs(campaign).subquery())) or 0


def page_of_pairs(wanted: sa.Select[SignatoryPair], limit: int, offset: int = 0) -> list[SignatoryPair]:
    """Some of them, with both signatories and what they signed."""
    both = [
        selectinload(way).options(selectinload(Signatory.signatures), selectinload(Signatory.organisation))
        for way in (SignatoryPair.one, SignatoryPair.other)
    ]
    return list(db.session.scalars(wanted.limit(limit).offset(offset).options(*both)))


def decided_pairs(campaign: Campaign) -> sa.Select[SignatoryPair]:
    """What was decided and can be taken back, latest first."""
    decided = SignatoryPair.state != PairState.OPEN
    return (
        sa.select(SignatoryPair)
        .where(SignatoryPair.campaign_id == campaign.id, decided)
        .order_by(SignatoryPair.decided_at.desc(), SignatoryPair.id.desc())
    )


def pair_by_public_id(campaign: Campaign, public_id: str) -> SignatoryPair | None:
    """One pair of this campaign."""
    return db.session.scalar(
        sa.select(SignatoryPair).where(SignatoryPair.campaign_id == campaign.id, SignatoryPair.public_id == public_id)
    )


def search_of(campaign: Campaign) -> LikenessSearch | None:
    """How far the search is, if it was ever asked for."""
    return db.session.get(LikenessSearch, campaign.id)


def pair_of(one: Signatory, other: Signatory) -> SignatoryPair | None:
    """These two, if anybody or anything paired them before, in whichever order."""
    first, second = sorted((one.id, other.id))
    return db.session.scalar(
        sa.select(SignatoryPair).where(SignatoryPair.one_id == first, SignatoryPair.other_id == second)
    )
