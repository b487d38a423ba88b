"""Two key stores become one at a restore: what was destroyed or redacted in either stays so (safety.md, 2 and 12)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tracker.accounts.service import blank_again
from tracker.deliveries.redacted_news import redact_news_again
from tracker.deliveries.redacting import destroy_what_was_told
from tracker.digests.sending import withdraw_deadline, withdraw_entry, withdraw_source
from tracker.operations import archive
from tracker.sealing import marked_redactions
from tracker.signatures.service import erase_again
from tracker.timeline.service import apply_redactions


def merge(connection: sa.Connection, path: Path) -> None:
    """Add the backup's keys and redaction marks to the store, inside the connection's transaction."""
    sqlite = connection.dialect.name == "sqlite"
    for table in archive.reflect(connection):
        key = next(iter(table.primary_key))
        here = {row[key.name]: dict(row) for row in connection.execute(sa.select(table)).mappings()}
        for rows in archive.read_rows(path, table, sqlite=sqlite):
            for row in rows:
                known = here.get(row[key.name])
                if known is None:
                    connection.execute(sa.insert(table).values(row))
                elif table.name == "campaign_key":
                    connection.execute(sa.update(table).where(key == row[key.name]).values(_poorer(known, row)))


def _poorer(known: dict[str, Any], restored: dict[str, Any]) -> dict[str, Any]:
    """Of each key, the restored one, unless either side knows that it was destroyed: then none, and since when."""
    merged = dict(restored)
    for name in ("data_key", "hash_key"):
        moment = f"{name}_destroyed_at"
        destroyed = [row[moment] for row in (known, restored) if row[moment] is not None]
        if destroyed:
            merged[name], merged[moment] = None, min(destroyed)
    return merged


def redact_again(*, now: dt.datetime) -> int:
    """Apply every known redaction and erasure to the restored rows; how many were needed. Inside a transaction."""
    marks = marked_redactions()
    again = apply_redactions(
        now,
        also=[withdraw_entry, destroy_what_was_told],
        cited=[withdraw_source],
        noted=[withdraw_deadline],
    )
    again += redact_news_again(marks, now=now) + blank_again(marks)
    return again + erase_again(marks, now=now)
