"""Changing fields of a record: refused when somebody else saved it first, and each change leaves a Revision."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Any, Protocol

from tracker.accounts.models import Account
from tracker.timeline.service import record_revision


class Stale(Exception):
    """Somebody else saved this record after the reader opened it."""


class Editable(Protocol):
    """What counts its saves."""

    id: Any
    version: Any


def refuse_stale(record: Editable, seen: int | None) -> None:
    """Raise Stale unless the reader saw the newest version."""
    if seen != record.version:
        raise Stale


def edit_fields(
    record: Editable,
    values: Mapping[str, Any],
    *,
    record_type: str,
    actor: Account | None,
    now: dt.datetime,
    campaign_id: int | None = None,
) -> list[str]:
    """Set the fields that differ, keep who changed what, and name the fields that changed."""
    changed = []
    for field, new in values.items():
        old = getattr(record, field)
        if old == new:
            continue
        setattr(record, field, new)
        record_revision(
            record_type=record_type,
            record_id=record.id,
            field=field,
            old_value=as_words(old),
            new_value=as_words(new),
            actor=actor,
            now=now,
            campaign_id=campaign_id,
        )
        changed.append(field)
    return changed


def as_words(value: Any) -> str | None:
    """A value as a Revision keeps it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Account):
        return value.name or value.email
    return str(getattr(value, "name", value))
