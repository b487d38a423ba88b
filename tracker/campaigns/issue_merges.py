"""That one issue area was merged into another, and what it takes to undo it exactly."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.campaigns.models import Issue
from tracker.db import Model, PublicId


class IssueMerge(PublicId, Model):
    """That one issue area was merged into another: its address leads there, its campaigns bear the other's name."""

    __tablename__ = "issue_merge"
    __table_args__ = (
        sa.Index(
            "uq_issue_merge_issue_id_while_it_lasts",
            "issue_id",
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        ),
        sa.CheckConstraint("issue_id <> into_id", name="two_issues"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(sa.ForeignKey("issue.id"))
    into_id: Mapped[int] = mapped_column(sa.ForeignKey("issue.id"), index=True)
    merged_at: Mapped[dt.datetime]
    merged_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    undone_at: Mapped[dt.datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))

    issue: Mapped[Issue] = relationship(foreign_keys=[issue_id])
    into: Mapped[Issue] = relationship(foreign_keys=[into_id])
    campaigns: Mapped[list[IssueMergeCampaign]] = relationship()


class IssueMergeCampaign(Model):
    """A campaign whose issue area changed by a merge."""

    __tablename__ = "issue_merge_campaign"

    merge_id: Mapped[int] = mapped_column(sa.ForeignKey("issue_merge.id", ondelete="CASCADE"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), primary_key=True, index=True)
    bore_both: Mapped[bool]  # it bore the other name too, and keeps it when the merge is undone
