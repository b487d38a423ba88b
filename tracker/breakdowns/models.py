"""A public breakdown of a campaign's signers: what is shown of it, and as of when. Nothing of what is hidden."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.campaigns.models import Campaign
from tracker.db import Choice, Model, Versioned


class Dimension(enum.StrEnum):
    """By what people are counted."""

    TEAM = "team"
    CITY = "city"
    ROLE = "role"
    DOMAIN = "work_domain"  # of the address whose code they signed with; counted wherever domains were allowed

    @property
    def column(self) -> str:
        """Where a signatory's row has it."""
        return "office" if self is Dimension.ROLE else self.value


class Breakdown(Versioned, Model):
    """One campaign's people by one dimension.

    What was published last: the groups that are shown, each in full tens. Neither a hidden group's name nor its number
    is kept, and of those before it nothing: two batches side by side would tell what came between them.
    """

    __tablename__ = "breakdown"
    __table_args__ = (sa.UniqueConstraint("campaign_id", "dimension"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"))
    dimension: Mapped[Dimension] = mapped_column(Choice(Dimension))
    # Chosen by who leads the campaign. Turned off, what was published stays here unseen: turned on again, it must not
    # be replaced any sooner than if it had been read all the time.
    is_public: Mapped[bool] = mapped_column(default=False)
    looked_on: Mapped[dt.date | None]  # the day, in the campaign's zone, on which it was last looked whether to count

    # The batch: whoever was there before the midnight `counted_until`, as read at `counted_at`; None before the first.
    counted_until: Mapped[dt.datetime | None]
    counted_at: Mapped[dt.datetime | None]
    people: Mapped[int] = mapped_column(default=0)  # all that counted then; the page shows full tens
    groups: Mapped[str] = mapped_column(sa.Text, default="")  # JSON: [[name, at least], …], the largest first
    is_held: Mapped[bool] = mapped_column(default=False)  # somebody who was counted has gone since: nothing is shown

    campaign: Mapped[Campaign] = relationship()
