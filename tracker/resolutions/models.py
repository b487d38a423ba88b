"""Resolution, Filer, Disposition, Vote."""

from __future__ import annotations

import datetime as dt
import decimal
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.companies.models import Company, Organisation
from tracker.db import Choice, Model, Precision, PublicId, Removable, Versioned
from tracker.timeline.models import EntryBacked, EntryKind, Source


class Resolution(EntryBacked, PublicId, Versioned, Removable, Model):
    """A shareholder resolution, told of by the entry of its filing."""

    __tablename__ = "resolution"
    REDACTED = ("title", "resolved_clause")
    FOUND_BY = ("title", "resolved_clause")
    REPEATED = ("title",)
    REPEATED_BY = ("votes", "dispositions")
    REPEATED_AMONG = (EntryKind.RESOLUTION, EntryKind.CORRECTION)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(255))
    resolved_clause: Mapped[str] = mapped_column(sa.Text, default="")
    filed_on: Mapped[dt.date | None]
    filed_precision: Mapped[Precision | None] = mapped_column(Choice(Precision))
    received_on: Mapped[dt.date | None]  # by the company
    meeting_on: Mapped[dt.date | None]
    meeting_precision: Mapped[Precision | None] = mapped_column(Choice(Precision))
    item_number: Mapped[str] = mapped_column(sa.String(16), default="")
    refiled_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("resolution.id"))
    recorded_at: Mapped[dt.datetime]

    company: Mapped[Company] = relationship()
    filers: Mapped[list[Filer]] = relationship(back_populates="resolution", order_by="Filer.id")
    dispositions: Mapped[list[Disposition]] = relationship(back_populates="resolution", order_by="Disposition.id")
    votes: Mapped[list[Vote]] = relationship(back_populates="resolution", order_by="Vote.id")


class FilerRole(enum.StrEnum):
    """Lead: exactly one. Co-filer: any number."""

    LEAD = "lead"
    CO_FILER = "co_filer"


class Filer(PublicId, Versioned, Removable, Model):
    """A proponent's part in a resolution."""

    __tablename__ = "filer"
    __table_args__ = (
        sa.UniqueConstraint("resolution_id", "organisation_id"),
        sa.Index(
            "uq_filer_resolution_id_lead",
            "resolution_id",
            unique=True,
            sqlite_where=sa.text("role = 'lead' AND deleted_at IS NULL"),
            postgresql_where=sa.text("role = 'lead' AND deleted_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resolution_id: Mapped[int] = mapped_column(sa.ForeignKey("resolution.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    role: Mapped[FilerRole] = mapped_column(Choice(FilerRole))
    created_at: Mapped[dt.datetime]

    resolution: Mapped[Resolution] = relationship(back_populates="filers")
    organisation: Mapped[Organisation] = relationship()


class DispositionKind(enum.StrEnum):
    """What happened to a resolution between filing and meeting."""

    CHALLENGED = "challenged"
    CHALLENGE_REFUSED = "challenge_refused"  # the staff did not let the company leave it out
    OMITTED = "omitted"
    WITHDRAWN = "withdrawn"
    IN_PROXY = "in_proxy"
    NOT_PRESENTED = "not_presented"


class Disposition(EntryBacked, PublicId, Model):
    """One step in what became of a resolution, before any vote. Never updated in place."""

    __tablename__ = "disposition"

    id: Mapped[int] = mapped_column(primary_key=True)
    resolution_id: Mapped[int] = mapped_column(sa.ForeignKey("resolution.id"), index=True)
    kind: Mapped[DispositionKind] = mapped_column(Choice(DispositionKind))
    recorded_at: Mapped[dt.datetime]

    resolution: Mapped[Resolution] = relationship(back_populates="dispositions")


class Vote(EntryBacked, PublicId, Model):
    """A vote on a resolution: the four raw counts where they are known, and every published percentage."""

    __tablename__ = "vote"
    REDACTED_PARTS = ("percentages",)

    id: Mapped[int] = mapped_column(primary_key=True)
    resolution_id: Mapped[int] = mapped_column(sa.ForeignKey("resolution.id"), index=True)
    for_shares: Mapped[int | None] = mapped_column(sa.BigInteger)
    against_shares: Mapped[int | None] = mapped_column(sa.BigInteger)
    abstained_shares: Mapped[int | None] = mapped_column(sa.BigInteger)
    broker_non_votes: Mapped[int | None] = mapped_column(sa.BigInteger)
    recorded_at: Mapped[dt.datetime]

    resolution: Mapped[Resolution] = relationship(back_populates="votes")
    percentages: Mapped[list[VotePercentage]] = relationship(back_populates="vote", order_by="VotePercentage.id")

    @property
    def percentage_as_the_sec_counts(self) -> decimal.Decimal | None:
        """Per cent FOR of FOR and AGAINST (Staff Legal Bulletin 14, F.4); None unless both counts are known."""
        if self.for_shares is None or self.against_shares is None or not self.for_shares + self.against_shares:
            return None
        share = decimal.Decimal(100 * self.for_shares) / (self.for_shares + self.against_shares)
        return share.quantize(decimal.Decimal("0.01"), decimal.ROUND_HALF_UP)


class Denominator(enum.StrEnum):
    """What a percentage FOR is a share of."""

    FOR_AND_AGAINST = "for_and_against"  # as the SEC counts (Staff Legal Bulletin 14, F.4)
    WITH_ABSTENTIONS = "with_abstentions"  # abstentions counted as against
    OUTSTANDING = "outstanding"  # all shares that could vote
    INDEPENDENT = "independent"  # without the shares of insiders
    NOT_STATED = "not_stated"


class VotePercentage(Model):
    """A percentage as somebody published it, with its denominator and its source."""

    __tablename__ = "vote_percentage"
    REDACTED = ("published_by",)

    id: Mapped[int] = mapped_column(primary_key=True)
    vote_id: Mapped[int] = mapped_column(sa.ForeignKey("vote.id", ondelete="CASCADE"), index=True)
    value: Mapped[decimal.Decimal] = mapped_column(sa.Numeric(6, 3))  # per cent FOR
    denominator: Mapped[Denominator] = mapped_column(Choice(Denominator))
    published_by: Mapped[str] = mapped_column(sa.String(255), default="")
    source_id: Mapped[int | None] = mapped_column(sa.ForeignKey("source.id"))
    recorded_at: Mapped[dt.datetime]

    vote: Mapped[Vote] = relationship(back_populates="percentages")
    source: Mapped[Source | None] = relationship()
