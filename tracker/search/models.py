"""What is found (SearchDocument), by which words (SearchPosting), and all words there are (SearchWord).

All three can be made anew from the rest at any time (`tracker reindex`); a backup leaves them out.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Model
from tracker.search.words import LONGEST

# Byte by byte, as SQLite compares anyway: else a range of words would depend on the server's language.
_KEY = sa.String(LONGEST).with_variant(sa.String(LONGEST, collation="C"), "postgresql")


class SearchDocument(Model):
    """One record that can be found."""

    __tablename__ = "search_document"
    __table_args__ = (
        sa.UniqueConstraint("record_type", "record_id"),
        # Those of some kinds, without reading their text.
        sa.Index("ix_search_document_kind", "kind", "campaign_id", "record_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str] = mapped_column(sa.String(64))  # its table
    record_id: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(32))  # what readers call it; see tracker.finding.kinds
    campaign_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    entry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("timeline_entry.id", ondelete="CASCADE"), index=True)
    dated_on: Mapped[dt.date | None]
    # Its words in a row, one space around each and " | " between its fields: for phrases.
    text: Mapped[str] = mapped_column(sa.Text)
    # Of everything above and of the weights: tells whether it must be written anew.
    fingerprint: Mapped[str] = mapped_column(sa.String(32))


class SearchPosting(Model):
    """That a word stands in a document, and where it weighs most."""

    __tablename__ = "search_posting"
    __table_args__ = {"sqlite_with_rowid": False}

    word: Mapped[str] = mapped_column(_KEY, primary_key=True)
    document_id: Mapped[int] = mapped_column(
        sa.ForeignKey("search_document.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    weight: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)


class SearchWord(Model):
    """A word that some document has; read by whom a mistyped one may have been meant by, after asking what it finds."""

    __tablename__ = "search_word"
    __table_args__ = {"sqlite_with_rowid": False}

    word: Mapped[str] = mapped_column(_KEY, primary_key=True)
    length: Mapped[int] = mapped_column(sa.SmallInteger, index=True)
