"""What the folder of mails shows of the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.db import db
from tracker.mail.models import Email


def mails() -> sa.Select[Email]:
    """Every mail with its words, the latest first."""
    return sa.select(Email).order_by(Email.id.desc()).options(joinedload(Email.body))


def mail_by_public_id(public_id: str) -> Email | None:
    """One mail."""
    return db.session.scalar(sa.select(Email).where(Email.public_id == public_id))
