"""The list of addresses that must not be written to: whether one is on it, and taking it off.

The list knows keyed hashes only, so an address can be looked up by whoever knows it, and none can be read from it.
Inside a transaction of the caller.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.db import db
from tracker.mail.bounces import COMPLAINED
from tracker.mail.models import Bounce, Suppression
from tracker.sealing import keyring


@dataclass(frozen=True)
class Listed:
    """Since when and why an address is not written to; the earliest, if it was hashed by several keys."""

    since: dt.datetime
    reason: str

    @property
    def is_complaint(self) -> bool:
        """Whether its owner said that they do not want our mail."""
        return self.reason == COMPLAINED


def listed(address: str) -> Listed | None:
    """How an address stands on the list; None when it is not there."""
    rows = db.session.scalars(
        sa.select(Suppression)
        .where(Suppression.recipient_hash.in_(keyring().address_hashes(address)))
        .order_by(Suppression.recorded_at)
    ).all()
    if not rows:
        return None
    # A complaint weighs more than what came before it.
    reason = next((row.reason for row in rows if row.reason == COMPLAINED), rows[0].reason)
    return Listed(rows[0].recorded_at, reason)


def take_off(address: str) -> bool:
    """Let an address be written to again, its earlier bounces forgotten; whether it was on the list."""
    hashes = keyring().address_hashes(address)
    gone = db.session.scalars(
        sa.delete(Suppression).where(Suppression.recipient_hash.in_(hashes)).returning(Suppression.recipient_hash)
    ).all()
    db.session.execute(sa.delete(Bounce).where(Bounce.recipient_hash.in_(hashes)))
    return bool(gone)


def how_many() -> int:
    """How many addresses are on the list."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Suppression)) or 0
