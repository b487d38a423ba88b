"""What is kept of codes to work addresses: never an address, and nothing that joins one to a signature (docs/adr)."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Model


class WorkCode(Model):
    """A code that was asked for and can still be used, for minutes. Using it destroys the row; so does its end."""

    __tablename__ = "work_code"
    __table_args__ = (sa.UniqueConstraint("campaign_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(sa.String(64))  # both hashes are keyed by the campaign
    address_hash: Mapped[str] = mapped_column(sa.String(64))
    domain: Mapped[str] = mapped_column(sa.String(255))
    email_id: Mapped[int | None] = mapped_column(sa.ForeignKey("email.id", ondelete="SET NULL"), index=True)
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)


class WorkSigner(Model):
    """That somebody with this address signed: it signs once. A hash keyed by the campaign, and nothing beside it.

    No day, no domain, no number, no signature; and in the order of the hashes, so that neither the row nor its place
    tells whose signature it belongs to. On SQLite the key is the place; on PostgreSQL the rows are written anew
    (forgetting.py). Destroyed at the campaign's end together with the key.
    """

    __tablename__ = "work_signer"
    __table_args__ = {"sqlite_with_rowid": False}

    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    address_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
