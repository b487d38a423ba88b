"""Engagement and Statement."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.campaigns.models import Demand, Target
from tracker.companies.models import Company
from tracker.db import Choice, Model, PublicId
from tracker.timeline.models import EntryBacked, EntryKind


class EngagementKind(enum.StrEnum):
    """What sort of contact it was."""

    MEETING = "meeting"
    CALL = "call"
    LETTER = "letter"


class Engagement(EntryBacked, PublicId, Model):
    """One dated contact with a target. What was said is the entry's words."""

    __tablename__ = "engagement"
    REDACTED = ("participants", "next_step")
    REPEATED = ("next_step",)
    REPEATED_AMONG = (EntryKind.DEADLINE, EntryKind.CORRECTION)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    target_id: Mapped[int | None] = mapped_column(sa.ForeignKey("target.id"), index=True)
    kind: Mapped[EngagementKind] = mapped_column(Choice(EngagementKind))
    # Under the Chatham House rule only the author and the entry's named readers see who took part (safety.md, 9).
    participants: Mapped[str] = mapped_column(sa.Text, default="")
    next_step: Mapped[str] = mapped_column(sa.Text, default="")
    recorded_at: Mapped[dt.datetime]

    target: Mapped[Target | None] = relationship()


class Channel(enum.StrEnum):
    """How a statement reached the world."""

    LETTER = "letter"
    PRESS = "press"
    WEBSITE = "website"
    FILING = "filing"
    MEETING = "meeting"
    SOCIAL_MEDIA = "social_media"
    INTERNAL = "internal"
    OTHER = "other"


statement_demand = sa.Table(
    "statement_demand",
    Model.metadata,
    sa.Column("statement_id", sa.ForeignKey("statement.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("demand_id", sa.ForeignKey("demand.id"), primary_key=True, index=True),
)


class Statement(EntryBacked, PublicId, Model):
    """What a target said, or that it had not answered by a date. Dated by its entry."""

    __tablename__ = "statement"
    REDACTED = ("speaker", "office", "quotation")
    FOUND_BY = ("quotation", "speaker", "office")

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"), index=True)  # who spoke, or was silent
    target_id: Mapped[int | None] = mapped_column(sa.ForeignKey("target.id"))
    is_silence: Mapped[bool] = mapped_column(default=False)  # it did not answer by the entry's date
    speaker: Mapped[str] = mapped_column(sa.String(255), default="")
    office: Mapped[str] = mapped_column(sa.String(255), default="")
    quotation: Mapped[str] = mapped_column(sa.Text, default="")  # the target's own words
    channel: Mapped[Channel | None] = mapped_column(Choice(Channel))
    recorded_at: Mapped[dt.datetime]

    company: Mapped[Company | None] = relationship()
    target: Mapped[Target | None] = relationship()
    demands: Mapped[list[Demand]] = relationship(secondary=statement_demand, order_by=Demand.position)
