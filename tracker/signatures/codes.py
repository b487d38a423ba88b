"""Single-use codes on slips of paper: who has one signs without an address, and nothing tells who was handed which.

A code is known by its keyed hash alone, and its row is destroyed when it is used: nothing joins a signature to a slip.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.campaigns.models import Campaign
from tracker.db import Model, PublicId, db

# Neither 0, O, 1, I, L nor U: read from paper and typed on a phone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH, RECEIPT_LENGTH = 10, 16  # 49 bits behind a limit by network; 78 bits for what lasts


class CodeBatch(PublicId, Model):
    """So many codes that were made at once. No name, no place: nothing that tells whom they were for."""

    __tablename__ = "code_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    made: Mapped[int]
    made_on: Mapped[dt.date]


class SigningCode(Model):
    """A code that nobody has used yet."""

    __tablename__ = "signing_code"
    __table_args__ = (sa.UniqueConstraint("campaign_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(sa.String(64))


def new_code(length: int = CODE_LENGTH) -> str:
    """A code as it is kept in mind: without the dashes."""
    return "".join(secrets.choice(ALPHABET) for _each in range(length))


def typed_code(text: str) -> str:
    """A code as somebody typed it: with dashes, blanks, in small letters."""
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def is_code(text: str, length: int) -> bool:
    """Whether it has a code's shape."""
    return len(text) == length and all(character in ALPHABET for character in text)


def in_groups(code: str) -> str:
    """A code as people read it: ABCDE-FGHJK."""
    size = 5 if len(code) == CODE_LENGTH else 4
    return "-".join(code[start : start + size] for start in range(0, len(code), size))


def codes_left(campaign: Campaign) -> int:
    """How many codes nobody has used. By campaign and never by batch: that would tell whose circle signed when."""
    return (
        db.session.scalar(
            sa.select(sa.func.count()).select_from(SigningCode).where(SigningCode.campaign_id == campaign.id)
        )
        or 0
    )


def codes_made(campaign: Campaign) -> int:
    """How many were ever made."""
    return (
        db.session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(CodeBatch.made), 0)).where(CodeBatch.campaign_id == campaign.id)
        )
        or 0
    )
