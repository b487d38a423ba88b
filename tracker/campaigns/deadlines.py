"""Deadline: what is due, when and whose."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import Model, PublicId, Removable, Versioned

# Days before the due date on which its owner is reminded (product.md).
REMINDED_AT = (14, 7, 2, 0)


class Deadline(PublicId, Versioned, Removable, Model):
    """What is due, when, whose; typed by somebody, or computed from a rule named in `computed_from`."""

    __tablename__ = "deadline"
    REPEATING = ("what",)  # what was promised, or is to be done after a meeting

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    demand_id: Mapped[int | None] = mapped_column(sa.ForeignKey("demand.id"))
    filer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("filer.id"))
    commitment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("commitment.id"))
    what: Mapped[str] = mapped_column(sa.String(255))
    due_on: Mapped[dt.date] = mapped_column(index=True)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"), index=True)
    computed_from: Mapped[str] = mapped_column(sa.String(120), default="")
    done_at: Mapped[dt.datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    created_at: Mapped[dt.datetime]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))

    campaign: Mapped[Campaign] = relationship()
    owner: Mapped[Account | None] = relationship(foreign_keys=[owner_id])


class DeadlineReminder(Model):
    """That a deadline's owner was reminded so many days before; once each, also with two beats."""

    __tablename__ = "deadline_reminder"
    __table_args__ = (sa.UniqueConstraint("deadline_id", "account_id", "due_on", "days_before"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deadline_id: Mapped[int] = mapped_column(sa.ForeignKey("deadline.id"))
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    due_on: Mapped[dt.date]  # a date that was moved is reminded of anew
    days_before: Mapped[int]
    email_id: Mapped[int | None] = mapped_column(sa.ForeignKey("email.id"))
    reminded_at: Mapped[dt.datetime]
