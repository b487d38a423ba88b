"""The key store: a database of its own, so that a stolen main database, or its backup, tells no name.

Rows are read and written by their own short connections, never by the session: a key must be safe before the first
value sealed with it is committed, and an orphaned key harms nobody.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import KEYS, Model


class CampaignKey(Model):
    """A campaign's own keys, wrapped by DATA_KEY. Destroying a key erases what it sealed."""

    __tablename__ = "campaign_key"
    __bind_key__ = KEYS

    campaign: Mapped[str] = mapped_column(sa.String(32), primary_key=True)  # its public id; "/files" behind it
    data_key: Mapped[str | None] = mapped_column(sa.Text)  # sealed; None once destroyed
    hash_key: Mapped[str | None] = mapped_column(sa.Text)  # sealed; None once destroyed
    created_at: Mapped[dt.datetime]
    data_key_destroyed_at: Mapped[dt.datetime | None]
    hash_key_destroyed_at: Mapped[dt.datetime | None]


class RetiredHashKey(Model):
    """What an earlier DATA_KEY made hashes of addresses with. Addresses not to mail are known by such a hash alone, so
    it outlives the key: what was sealed with that key is not to be opened by it. Sealed by DATA_KEY."""

    __tablename__ = "retired_hash_key"
    __bind_key__ = KEYS

    key_id: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    hash_key: Mapped[str] = mapped_column(sa.Text)
    retired_at: Mapped[dt.datetime]


class RedactionMark(Model):
    """That a record was redacted, kept apart from it, so that a restored older copy is redacted again."""

    __tablename__ = "redaction_mark"
    __bind_key__ = KEYS

    record: Mapped[str] = mapped_column(sa.String(64), primary_key=True)  # table:public id
    reason: Mapped[str] = mapped_column(sa.Text)
    redacted_at: Mapped[dt.datetime]
