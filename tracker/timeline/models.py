"""TimelineEntry, Source, Revision, Redaction."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from tracker.accounts.models import Account
from tracker.db import Choice, Model, Precision, PublicId, UtcDateTime, Versioned
from tracker.files import FileKind


class EntryKind(enum.StrEnum):
    """What sort of fact an entry records; gives it its mark."""

    CAMPAIGN_LOGGED = "campaign_logged"
    CAMPAIGN_OPENED = "campaign_opened"  # became visible to more people
    STAGE = "stage"
    TEXT = "text"
    DEMAND = "demand"
    SIGNATURES = "signatures"
    REPORTED_COUNT = "reported_count"
    STATEMENT = "statement"
    OUTCOME = "outcome"
    COMMITMENT = "commitment"
    ENGAGEMENT = "engagement"
    RESOLUTION = "resolution"
    DISPOSITION = "disposition"
    VOTE = "vote"
    DEADLINE = "deadline"
    NOTE = "note"
    CORRECTION = "correction"
    UPDATE = "update"
    RELATION = "relation"  # to another campaign


class EntryVisibility(enum.StrEnum):
    """Who may read an entry, widest first; never wider than its campaign (product.md, "Who sees what")."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    MEMBERS = "members"
    NOT_FOR_ATTRIBUTION = "not_for_attribution"  # members; the words may be used, who took part may not
    OFF_THE_RECORD = "off_the_record"  # the author and the named readers only


CONFIDENTIAL = frozenset({EntryVisibility.NOT_FOR_ATTRIBUTION, EntryVisibility.OFF_THE_RECORD})


class SourceKind(enum.StrEnum):
    """What sort of evidence a source is."""

    PRIMARY = "primary"
    PRESS = "press"
    ANONYMOUS = "anonymous"


class Source(PublicId, Versioned, Model):
    """Evidence. Many sources are not on the web, so only the citation is required."""

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True)
    citation: Mapped[str] = mapped_column(sa.Text)
    url: Mapped[str] = mapped_column(sa.Text, default="")
    title: Mapped[str] = mapped_column(sa.Text, default="")
    publisher: Mapped[str] = mapped_column(sa.String(255), default="")
    published_on: Mapped[dt.date | None]
    published_precision: Mapped[Precision | None] = mapped_column(Choice(Precision))
    seen_on: Mapped[dt.date | None]
    archive_url: Mapped[str] = mapped_column(sa.Text, default="")
    quotation: Mapped[str] = mapped_column(sa.Text, default="")
    kind: Mapped[SourceKind] = mapped_column(Choice(SourceKind), default=SourceKind.PRESS)
    recorded_at: Mapped[dt.datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    redacted_at: Mapped[dt.datetime | None]


entry_source = sa.Table(
    "entry_source",
    Model.metadata,
    sa.Column("entry_id", sa.ForeignKey("timeline_entry.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("source_id", sa.ForeignKey("source.id"), primary_key=True, index=True),
    # When it joined an entry that stood already; empty: it came with the entry.
    sa.Column("added_at", UtcDateTime),
)

entry_reader = sa.Table(
    "entry_reader",
    Model.metadata,
    sa.Column("entry_id", sa.ForeignKey("timeline_entry.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("account_id", sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, index=True),
)


entry_attachment = sa.Table(
    "entry_attachment",
    Model.metadata,
    sa.Column("entry_id", sa.ForeignKey("timeline_entry.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("attachment_id", sa.ForeignKey("attachment.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Attachment(PublicId, Model):
    """A file that belongs to what was recorded: without its metadata, sealed with the campaign's own key.

    A correction shows the files of what it corrects, so one may belong to several entries.
    """

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    kind: Mapped[FileKind] = mapped_column(Choice(FileKind))
    size: Mapped[int]  # bytes
    # Sealed: a file's name, or the sum of one that somebody has, tells as much as the file. Empty once redacted.
    name_sealed: Mapped[str] = mapped_column(sa.Text)
    sha256_sealed: Mapped[str] = mapped_column(sa.Text)
    # Whoever may read an entry may have the file; otherwise only members may, and named readers.
    is_open: Mapped[bool] = mapped_column(default=False)
    recorded_at: Mapped[dt.datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    redacted_at: Mapped[dt.datetime | None]
    redaction_reason: Mapped[str] = mapped_column(sa.Text, default="")


class AttachmentChunk(Model):
    """A part of a file's bytes, sealed for its place. In the database, so that one backup and every machine has it."""

    __tablename__ = "attachment_chunk"

    attachment_id: Mapped[int] = mapped_column(
        sa.ForeignKey("attachment.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)


class TimelineEntry(PublicId, Versioned, Model):
    """One fact in a campaign's history, as one sentence with its evidence."""

    __tablename__ = "timeline_entry"
    SEARCHED = ("headline", "words")
    __table_args__ = (
        # A history in its order, with what decides who may read an entry and what its filters count.
        sa.Index(
            "ix_timeline_entry_history",
            *("campaign_id", "occurred_on", "recorded_at", "id"),
            *("visibility", "kind", "actor_id", "public_from", "deleted_at"),
        ),
        sa.Index("ix_timeline_entry_recorded_at", "recorded_at"),
        sa.Index("ix_timeline_entry_campaign_id_recorded_at", "campaign_id", "recorded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"))
    kind: Mapped[EntryKind] = mapped_column(Choice(EntryKind))
    # The table of the record that this entry tells of (it points here by its entry_id); empty for a note.
    record_type: Mapped[str] = mapped_column(sa.String(64), default="")
    headline: Mapped[str] = mapped_column(sa.Text)  # one sentence, plain text; names no signatory
    words: Mapped[str] = mapped_column(sa.Text, default="")  # Markdown
    occurred_on: Mapped[dt.date]
    occurred_precision: Mapped[Precision] = mapped_column(Choice(Precision), default=Precision.DAY)
    recorded_at: Mapped[dt.datetime]
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    visibility: Mapped[EntryVisibility] = mapped_column(Choice(EntryVisibility))
    # Public only from this day on, in the campaign's zone; members see it at once.
    public_from: Mapped[dt.date | None]
    # When its own visibility was last widened; with recorded_at and public_from: when somebody could first see it.
    opened_at: Mapped[dt.datetime | None]
    # Off for imports and backfill, so that they flood no digest.
    announce: Mapped[bool] = mapped_column(default=True)
    # When anybody but the author could first see it; from then on it is corrected, not changed.
    exposed_at: Mapped[dt.datetime | None]
    corrects_id: Mapped[int | None] = mapped_column(sa.ForeignKey("timeline_entry.id"), index=True)
    correction_reason: Mapped[str] = mapped_column(sa.Text, default="")
    deleted_at: Mapped[dt.datetime | None]
    redacted_at: Mapped[dt.datetime | None]
    redaction_reason: Mapped[str] = mapped_column(sa.Text, default="")
    search_text: Mapped[str] = mapped_column(sa.Text, default="")  # headline and words, normalised by us

    actor: Mapped[Account | None] = relationship()
    sources: Mapped[list[Source]] = relationship(secondary=entry_source, order_by=Source.id)
    readers: Mapped[list[Account]] = relationship(secondary=entry_reader)
    attachments: Mapped[list[Attachment]] = relationship(secondary=entry_attachment, order_by=Attachment.id)
    corrects: Mapped[TimelineEntry | None] = relationship(remote_side=[id], back_populates="corrections")
    corrections: Mapped[list[TimelineEntry]] = relationship(
        back_populates="corrects", order_by="TimelineEntry.recorded_at"
    )


class EntryBacked:
    """A record that a timeline entry tells of: its date, visibility, sources and actor are the entry's.

    Subclasses name in REDACTED the text columns that a redaction destroys, in FOUND_BY those by which whoever may read
    the entry finds it; in REPEATED those of which other sentences are composed: those of the records in REPEATED_BY, of
    entries of the kinds REPEATED_AMONG that tell of no record, and of the campaign's rows that name columns REPEATING.
    """

    REDACTED: tuple[str, ...] = ()
    REPEATED: tuple[str, ...] = ()
    REPEATED_BY: tuple[str, ...] = ()
    REPEATED_AMONG: tuple[EntryKind, ...] = ()
    FOUND_BY: tuple[str, ...] = ()
    FOUND_WITH = ("entry_id",)

    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("timeline_entry.id"), unique=True)

    @declared_attr
    def entry(cls) -> Mapped[TimelineEntry]:
        return relationship(TimelineEntry, foreign_keys=[cls.entry_id])  # type: ignore[list-item]


class Revision(PublicId, Model):
    """Who changed which field from what to what, and when. Of a sealed field it says only that it changed."""

    __tablename__ = "revision"
    __table_args__ = (sa.Index("ix_revision_record_type_record_id", "record_type", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str] = mapped_column(sa.String(64))
    record_id: Mapped[int]
    campaign_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    field: Mapped[str] = mapped_column(sa.String(64))
    old_value: Mapped[str | None] = mapped_column(sa.Text)
    new_value: Mapped[str | None] = mapped_column(sa.Text)
    is_sealed: Mapped[bool] = mapped_column(default=False)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    recorded_at: Mapped[dt.datetime]

    actor: Mapped[Account | None] = relationship()


class Redaction(Model):
    """That words were destroyed: when, by whom and why, never what."""

    __tablename__ = "redaction"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str] = mapped_column(sa.String(64))
    record_public_id: Mapped[str] = mapped_column(sa.String(16))
    campaign_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.Text)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    redacted_at: Mapped[dt.datetime]

    actor: Mapped[Account | None] = relationship()
