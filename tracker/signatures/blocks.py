"""Mail domains and networks from which nobody signs a campaign by mail. Whoever is kept out is answered as everybody
else. Slips are not asked: each signs once, was handed over in person, and a workplace may be behind one network."""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.campaigns.models import Campaign
from tracker.db import Choice, Model, PublicId, db


class BlockKind(enum.StrEnum):
    """What is kept out."""

    DOMAIN = "domain"
    NETWORK = "network"


class SigningBlock(PublicId, Model):
    """One mail domain (and all below it), or one network."""

    __tablename__ = "signing_block"
    __table_args__ = (sa.UniqueConstraint("campaign_id", "kind", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"))
    kind: Mapped[BlockKind] = mapped_column(Choice(BlockKind))
    value: Mapped[str] = mapped_column(sa.String(255))
    created_at: Mapped[dt.datetime]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))


def blocks_of(campaign: Campaign) -> list[SigningBlock]:
    """All of them, in order."""
    found = sa.select(SigningBlock).where(SigningBlock.campaign_id == campaign.id)
    return list(db.session.scalars(found.order_by(SigningBlock.kind, SigningBlock.value)))


def block_by_public_id(campaign: Campaign, public_id: str) -> SigningBlock | None:
    """One of this campaign."""
    found = sa.select(SigningBlock).where(SigningBlock.campaign_id == campaign.id)
    return db.session.scalar(found.where(SigningBlock.public_id == public_id))


BLOCKS = sa.select(SigningBlock.kind, SigningBlock.value).where(
    SigningBlock.campaign_id == sa.bindparam("campaign_id", type_=sa.Integer)
)


def is_blocked(blocks: Iterable[tuple[BlockKind, str]], address: str, network: str | None) -> bool:
    """Whether one of these keeps out this address or network. The network is looked at and forgotten."""
    domain = _domain_of(address)
    try:
        asker = ipaddress.ip_address(network or "")
    except ValueError:
        asker = None
    if isinstance(asker, ipaddress.IPv6Address) and asker.ipv4_mapped:
        asker = asker.ipv4_mapped
    found = False
    for kind, value in blocks:  # all of them, whichever fits, so that the time tells nothing
        if kind is BlockKind.DOMAIN:
            found |= domain == value or domain.endswith(f".{value}")
        elif asker is not None:
            found |= asker in ipaddress.ip_network(value)
    return found


def _domain_of(address: str) -> str:
    domain = address.rpartition("@")[2].strip().lower()
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain
