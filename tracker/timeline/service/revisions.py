"""Revisions: who changed which field from what to what."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.db import db
from tracker.timeline.models import Revision, TimelineEntry


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


def revise(
    entry: TimelineEntry,
    field: str,
    old: str | None,
    new: str | None,
    actor: Account | None,
    now: dt.datetime,
    *,
    is_sealed: bool = False,
) -> None:
    record_revision(
        record_type=TimelineEntry.__tablename__,
        record_id=entry.id,
        campaign_id=entry.campaign_id,
        field=field,
        old_value=old,
        new_value=new,
        actor=actor,
        now=now,
        is_sealed=is_sealed,
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def set_with_revision(entry: TimelineEntry, field: str, value: object, actor: Account, now: dt.datetime) -> None:
    old = getattr(entry, field)
    if old != value:
        revise(entry, field, _text(old), _text(value), actor, now)
        setattr(entry, field, value)


def carry_revisions(old: TimelineEntry, new: TimelineEntry, actor: Account | None, now: dt.datetime) -> None:
    """The same fact told anew keeps the history of its wording."""
    db.session.execute(
        sa.update(Revision)
        .where(Revision.record_type == TimelineEntry.__tablename__, Revision.record_id == old.id)
        .values(record_id=new.id)
    )
    for field in ("headline", "words", "occurred_on", "occurred_precision", "visibility", "public_from"):
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            revise(new, field, _text(before), _text(after), actor, now)
