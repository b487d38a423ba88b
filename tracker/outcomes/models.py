"""Outcome and Commitment."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.campaigns.models import Demand
from tracker.companies.models import Company
from tracker.db import Choice, Model, Precision, PublicId
from tracker.timeline.models import EntryBacked, EntryKind


class OutcomeStatus(enum.StrEnum):
    """What became of a demand; "unanswered" also when nothing is known."""

    UNANSWERED = "unanswered"
    REFUSED = "refused"
    PARTLY_MET = "partly_met"
    MET = "met"
    REVERSED = "reversed"
    REPLACED = "replaced"


OPEN = frozenset({OutcomeStatus.UNANSWERED, OutcomeStatus.PARTLY_MET})
WON = frozenset({OutcomeStatus.MET, OutcomeStatus.PARTLY_MET})
LOST = frozenset({OutcomeStatus.REFUSED, OutcomeStatus.REVERSED})


class Attribution(enum.StrEnum):
    """Whose doing an outcome is said to be: a recorded claim, never a fact."""

    NOT_CLAIMED = "not_claimed"
    CLAIMED_BY_ORGANISERS = "claimed_by_organisers"
    CREDITED_BY_TARGET = "credited_by_target"
    CREDITED_BY_PRESS = "credited_by_press"
    DISPUTED = "disputed"


class Outcome(EntryBacked, PublicId, Model):
    """What became of one demand from a date on. The latest that stands is the demand's status; earlier ones remain."""

    __tablename__ = "outcome"
    REDACTED = ("attribution_words",)
    FOUND_BY = ("attribution_words",)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    demand_id: Mapped[int] = mapped_column(sa.ForeignKey("demand.id"), index=True)
    status: Mapped[OutcomeStatus] = mapped_column(Choice(OutcomeStatus))
    attribution: Mapped[Attribution] = mapped_column(Choice(Attribution), default=Attribution.NOT_CLAIMED)
    attribution_words: Mapped[str] = mapped_column(sa.Text, default="")
    replaced_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("demand.id"))
    recorded_at: Mapped[dt.datetime]

    demand: Mapped[Demand] = relationship(foreign_keys=[demand_id])
    replaced_by: Mapped[Demand | None] = relationship(foreign_keys=[replaced_by_id])


class Implementation(enum.StrEnum):
    """How far a commitment has been carried out."""

    NOT_KNOWN = "not_known"
    NOT_STARTED = "not_started"
    PARTLY = "partly"
    FULLY = "fully"
    ABANDONED = "abandoned"


class Commitment(EntryBacked, PublicId, Model):
    """What the target promised, and by when."""

    __tablename__ = "commitment"
    REDACTED = ("words",)
    FOUND_BY = ("words",)
    REPEATED = ("words",)
    REPEATED_BY = ("grades",)
    REPEATED_AMONG = (EntryKind.DEADLINE, EntryKind.CORRECTION)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    demand_id: Mapped[int | None] = mapped_column(sa.ForeignKey("demand.id"), index=True)
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"), index=True)
    words: Mapped[str] = mapped_column(sa.Text)
    due_on: Mapped[dt.date | None]
    due_precision: Mapped[Precision | None] = mapped_column(Choice(Precision))
    recorded_at: Mapped[dt.datetime]

    demand: Mapped[Demand | None] = relationship()
    company: Mapped[Company | None] = relationship()
    grades: Mapped[list[CommitmentGrade]] = relationship(back_populates="commitment", order_by="CommitmentGrade.id")


class CommitmentGrade(EntryBacked, Model):
    """How far a commitment had been carried out at a date, with evidence; the latest stands."""

    __tablename__ = "commitment_grade"

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(sa.ForeignKey("commitment.id"), index=True)
    implementation: Mapped[Implementation] = mapped_column(Choice(Implementation))
    recorded_at: Mapped[dt.datetime]

    commitment: Mapped[Commitment] = relationship(back_populates="grades")
