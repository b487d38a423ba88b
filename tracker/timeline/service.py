"""Append, correct, redact. The one way a fact gets into a campaign's history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from tracker.accounts.models import Account
from tracker.db import Precision, db
from tracker.timeline.models import (
    EntryKind,
    EntryVisibility,
    Revision,
    Source,
    TimelineEntry,
)


def append_entry(
    *,
    campaign_id: int,
    kind: EntryKind,
    headline: str,
    occurred_on: dt.date,
    now: dt.datetime,
    actor: Account | None,
    visibility: EntryVisibility,
    precision: Precision = Precision.DAY,
    words: str = "",
    record_type: str = "",
    sources: Sequence[Source] = (),
    readers: Sequence[Account] = (),
    public_from: dt.date | None = None,
    announce: bool = True,
    corrects: TimelineEntry | None = None,
    correction_reason: str = "",
) -> TimelineEntry:
    """Record one fact as one sentence. Inside a transaction; the caller's change and the entry commit together.

    `headline` names no signatory. A record that the entry tells of points at it by `entry_id` (see EntryBacked).
    """
    entry = TimelineEntry(
        campaign_id=campaign_id,
        kind=kind,
        record_type=record_type,
        headline=headline,
        words=words,
        occurred_on=occurred_on,
        occurred_precision=precision,
        recorded_at=now,
        actor=actor,
        visibility=visibility,
        public_from=public_from,
        announce=announce,
        corrects=corrects,
        correction_reason=correction_reason,
        sources=list(sources),
        readers=list(readers),
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def record_revision(
    *,
    record_type: str,
    record_id: int,
    field: str,
    old_value: str | None,
    new_value: str | None,
    actor: Account | None,
    now: dt.datetime,
    campaign_id: int | None = None,
    is_sealed: bool = False,
) -> None:
    """Keep who changed which field from what to what. A sealed field's values are never written down."""
    if old_value == new_value and not is_sealed:
        return
    db.session.add(
        Revision(
            record_type=record_type,
            record_id=record_id,
            campaign_id=campaign_id,
            field=field,
            old_value=None if is_sealed else old_value,
            new_value=None if is_sealed else new_value,
            is_sealed=is_sealed,
            actor=actor,
            recorded_at=now,
        )
    )
