"""How campaigns stand to each other: CampaignLink, CampaignMerge, and the entries that tell of another campaign."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.campaigns.models import Campaign
from tracker.db import Choice, Model, PublicId
from tracker.timeline.models import EntryBacked


class LinkKind(enum.StrEnum):
    """How one campaign stands to another."""

    FOLLOWS = "follows"
    SUPPORTS = "supports"
    ESCALATES = "escalates"


# What leads somewhere: no campaign comes after itself. Two may support each other.
DIRECTED = frozenset({LinkKind.FOLLOWS, LinkKind.ESCALATES})


class CampaignLink(Model):
    """That one campaign follows, supports or escalates another, from when until when.

    A link that is made anew is the same row again; the entries in the history tell of each time.
    """

    __tablename__ = "campaign_link"
    __table_args__ = (
        sa.UniqueConstraint("from_id", "to_id", "kind"),
        sa.CheckConstraint("from_id <> to_id", name="two_campaigns"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"))
    to_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    kind: Mapped[LinkKind] = mapped_column(Choice(LinkKind))
    recorded_at: Mapped[dt.datetime]
    removed_at: Mapped[dt.datetime | None]


class CampaignMerge(EntryBacked, PublicId, Model):
    """That one campaign was merged into another, from when until when, and why (ADR 021).

    Nothing else moves: every row keeps its campaign, and whoever may read both reads them as one. The entry stands in
    the history of the campaign that remains.
    """

    __tablename__ = "campaign_merge"
    REDACTED = ("reason",)
    __table_args__ = (
        # One at a time: a campaign that was merged is merged again only after that was undone.
        sa.Index(
            "uq_campaign_merge_campaign_id_while_it_lasts",
            "campaign_id",
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        ),
        sa.CheckConstraint("campaign_id <> into_id", name="two_campaigns"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"))
    into_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.Text)
    merged_at: Mapped[dt.datetime]
    merged_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    undone_at: Mapped[dt.datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))

    campaign: Mapped[Campaign] = relationship(foreign_keys=[campaign_id])
    into: Mapped[Campaign] = relationship(foreign_keys=[into_id])


class CampaignMention(EntryBacked, Model):
    """The other campaign that an entry tells of. The entry's words never name it: who may read it today is told."""

    __tablename__ = "campaign_mention"

    id: Mapped[int] = mapped_column(primary_key=True)
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
