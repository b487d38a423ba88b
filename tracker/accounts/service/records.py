"""That somebody saw or exported contact data: written once, edited by nobody (safety.md, 7); a reason that names
somebody is emptied (safety.md, 2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa

from tracker.accounts.models import AccessRecord, Account, Reading
from tracker.db import db
from tracker.sealing import MarkedRedaction, mark_redaction

RECORD = AccessRecord.__tablename__


def record_access(
    account: Account | None,
    *,
    campaign_id: int | None,
    reading: Reading,
    count: int,
    reason: str = "",
    now: dt.datetime,
) -> AccessRecord:
    """Write down that this account (None: the command line) read or exported so many people's contact data, in the
    transaction that shows it."""
    record = AccessRecord(
        account_id=account.id if account is not None else None,
        campaign_id=campaign_id,
        reading=reading,
        count=count,
        reason=reason,
        recorded_at=now,
    )
    db.session.add(record)
    return record


def blank_reason(record: AccessRecord, *, actor: Account, now: dt.datetime) -> None:
    """Empty a reason that names somebody, for good; who read, when and how many stays, and that it was emptied.
    Twice is once.

    The mark in the key store is committed first, as with a redaction: a restored copy has it emptied again. Call
    `db.forget_deleted()` after the commit.
    """
    if record.blanked_at is not None or not record.reason:
        return
    mark_redaction(_mark(record), "", now)
    record.reason, record.blanked_at, record.blanked_by_id = "", now, actor.id


def blank_again(marks: Iterable[MarkedRedaction]) -> int:
    """Empty what a restored copy brought back; how many that was."""
    again = 0
    for mark in marks:
        table, _colon, rest = mark.record.partition(":")
        if table != RECORD:
            continue
        found = sa.select(AccessRecord).where(AccessRecord.id == int(rest.partition("@")[0]))
        record = db.session.scalar(found.where(AccessRecord.blanked_at.is_(None)))
        if record is not None and _mark(record) == mark.record:
            record.reason, record.blanked_at = "", mark.redacted_at
            again += 1
    db.session.flush()
    return again


def _mark(record: AccessRecord) -> str:
    """Numbers begin anew in a new instance, so the moment goes with it."""
    return f"{RECORD}:{record.id}@{record.recorded_at:%Y%m%d%H%M%S%f}"
