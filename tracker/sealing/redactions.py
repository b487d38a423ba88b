"""Which records were redacted, kept in the key store, so that a restored older copy is redacted again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.db import KEYS, db
from tracker.sealing.models import RedactionMark


@dataclass(frozen=True)
class MarkedRedaction:
    """One mark; `record` is `table:public id`."""

    record: str
    reason: str
    redacted_at: dt.datetime


def mark_redaction(record: str, reason: str, now: dt.datetime) -> None:
    """Remember that a record, `table:public id`, was redacted; committed at once. A second mark changes nothing."""
    table = RedactionMark.__table__
    with db.engines[KEYS].begin() as connection:
        if connection.execute(sa.select(table.c.record).where(table.c.record == record)).one_or_none() is None:
            connection.execute(sa.insert(RedactionMark).values(record=record, reason=reason, redacted_at=now))


def mark_redactions(records: Sequence[str], reason: str, now: dt.datetime) -> None:
    """The same for many; what is marked already stays as it is."""
    table = RedactionMark.__table__
    with db.engines[KEYS].begin() as connection:
        for start in range(0, len(records), 500):
            some = list(records[start : start + 500])
            there = set(connection.scalars(sa.select(table.c.record).where(table.c.record.in_(some))))
            rows = [{"record": one, "reason": reason, "redacted_at": now} for one in some if one not in there]
            if rows:
                connection.execute(sa.insert(RedactionMark), rows)


def marked_redactions() -> list[MarkedRedaction]:
    """Every redaction ever made, oldest first."""
    table = RedactionMark.__table__
    with db.engines[KEYS].begin() as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.redacted_at)).all()
    return [MarkedRedaction(row.record, row.reason, row.redacted_at) for row in rows]
