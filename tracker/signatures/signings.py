"""How outsiders sign a campaign by themselves: whether they may, what is asked, and who was asked to confirm."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.campaigns.models import Campaign, CampaignText, Stage
from tracker.db import Choice, Model, PublicId, Versioned, db
from tracker.timeline.queries import day_in


class Asked(enum.StrEnum):
    """Whether the form asks for something."""

    HIDDEN = "hidden"
    OPTIONAL = "optional"
    REQUIRED = "required"


# What the form asks of people beside name and address, if the organisers wish: columns of Signing and of Signatory.
ASKABLE = ("office", "affiliation", "team", "city")


class Signing(Versioned, Model):
    """That a campaign is, or was, open for signing on its page, and what its form asks."""

    __tablename__ = "signing"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"), unique=True)
    opened_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    closes_on: Mapped[dt.date | None]  # the last day, in the campaign's zone
    office: Mapped[Asked] = mapped_column(Choice(Asked), default=Asked.OPTIONAL)
    affiliation: Mapped[Asked] = mapped_column(Choice(Asked), default=Asked.OPTIONAL)
    team: Mapped[Asked] = mapped_column(Choice(Asked), default=Asked.HIDDEN, server_default=Asked.HIDDEN.value)
    city: Mapped[Asked] = mapped_column(Choice(Asked), default=Asked.HIDDEN, server_default=Asked.HIDDEN.value)
    takes_organisations: Mapped[bool] = mapped_column(default=False)
    offers_updates: Mapped[bool] = mapped_column(default=True)
    # Mail domains, with a blank between two, whose addresses may get a code to sign with (tracker/work_addresses).
    work_domains: Mapped[str] = mapped_column(sa.Text, default="", server_default="")

    campaign: Mapped[Campaign] = relationship()


class SigningRequest(PublicId, Model):
    """What somebody typed into the form, sealed, until the owner of the address confirms it with a button.

    It is no signature: it is counted and shown nowhere, and goes after a week. The link in the mail is made from its
    public id and the campaign's key, so that nothing in this table opens it.
    """

    __tablename__ = "signing_request"
    __table_args__ = (sa.UniqueConstraint("campaign_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(sa.String(64))  # keyed by the campaign: the same form sent twice is one row
    address_hash: Mapped[str] = mapped_column(sa.String(64), index=True)
    said_sealed: Mapped[str] = mapped_column(sa.Text)
    text_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaign_text.id", ondelete="CASCADE"))
    mailed_at: Mapped[dt.datetime]
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)

    campaign: Mapped[Campaign] = relationship()
    text: Mapped[CampaignText | None] = relationship()


class SigningState(enum.StrEnum):
    """Whether outsiders may sign."""

    NEVER = "never"  # nobody has opened it
    OPEN = "open"
    CLOSED = "closed"


def signing_of(campaign: Campaign) -> Signing | None:
    """How this campaign is signed by outsiders, if it ever was."""
    return db.session.scalar(sa.select(Signing).where(Signing.campaign_id == campaign.id))


def state_of(signing: Signing | None, campaign: Campaign, *, now: dt.datetime) -> SigningState:
    """Whether outsiders may sign now. Never once the campaign is concluded, merged into another or removed, nor
    when the key is gone that knows a signer again."""
    if signing is None or signing.opened_at is None:
        return SigningState.NEVER
    is_over = (
        signing.closed_at is not None
        or campaign.look_up_ended_at is not None
        or campaign.stage is Stage.CONCLUDED
        or campaign.merged_into_id is not None
        or campaign.deleted_at is not None
        or (signing.closes_on is not None and day_in(campaign.zone, now) > signing.closes_on)
    )
    return SigningState.CLOSED if is_over else SigningState.OPEN
