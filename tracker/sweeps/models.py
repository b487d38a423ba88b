"""A sweep: conditions, and how far it is."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.campaigns.models import Campaign
from tracker.db import Choice, Model, PublicId
from tracker.signatures.models import Provenance


class SweepState(enum.StrEnum):
    """How far a sweep is."""

    COUNTING = "counting"  # the dry run: nobody is touched
    COUNTED = "counted"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    CANCELLED = "cancelled"


WORKING = frozenset({SweepState.COUNTING, SweepState.RUNNING, SweepState.UNDOING})


class Sweep(PublicId, Model):
    """Which signatures of a campaign are found invalid together. No address is in it, a mail domain at most."""

    __tablename__ = "signature_sweep"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    state: Mapped[SweepState] = mapped_column(Choice(SweepState), index=True)
    created_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]

    # All that are given must fit.
    since: Mapped[dt.datetime | None]  # recorded from this moment on …
    until: Mapped[dt.datetime | None]  # … and before this one
    provenance: Mapped[Provenance | None] = mapped_column(Choice(Provenance))
    domain: Mapped[str] = mapped_column(sa.String(255), default="")
    reason: Mapped[str] = mapped_column(sa.String(255))

    found: Mapped[int] = mapped_column(default=0)  # by the dry run
    looked_at: Mapped[int] = mapped_column(default=0)  # of the present phase
    to_look_at: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    last_id: Mapped[int] = mapped_column(default=0)  # of the signatures looked at; saved with what was done to them
    lease: Mapped[str] = mapped_column(sa.String(32), default="")
    leased_until: Mapped[dt.datetime | None]

    campaign: Mapped[Campaign] = relationship()
