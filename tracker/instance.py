"""What one running instance remembers about itself: settings that survive a restart, and signs of life."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Model, db

SENDING_PAUSED = "sending_paused"  # the reason in words while all sending rests; absent otherwise


class Setting(Model):
    """One remembered fact about this instance."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    value: Mapped[str] = mapped_column(sa.Text)
    changed_at: Mapped[dt.datetime]


class Heartbeat(Model):
    """When a process was last known to be alive; written by the process itself."""

    __tablename__ = "heartbeat"

    part: Mapped[str] = mapped_column(sa.String(64), primary_key=True)  # worker or beat
    beaten_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime]
    detail: Mapped[str] = mapped_column(sa.String(255), default="")


class BackupRun(Model):
    """One night's backup: who is at it, what became of it. A day has one row, so that two beats make one backup."""

    __tablename__ = "backup_run"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    attempts: Mapped[int] = mapped_column(default=0)
    # Until then nobody else tries; also how long a failed attempt rests.
    lease_until: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    file: Mapped[str] = mapped_column(sa.String(255), default="")
    rows: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(sa.BigInteger, default=0)  # bytes of both files
    problem: Mapped[str] = mapped_column(sa.Text, default="")  # why the last attempt failed


def setting(name: str) -> str | None:
    """The remembered value, or None."""
    return db.session.scalar(sa.select(Setting.value).where(Setting.name == name))


def remember(name: str, value: str | None, *, now: dt.datetime) -> None:
    """Keep a value, or forget it when it is None. Inside a transaction."""
    row = db.session.get(Setting, name)
    if value is None:
        if row is not None:
            db.session.delete(row)
    elif row is None:
        db.session.add(Setting(name=name, value=value, changed_at=now))
    else:
        row.value, row.changed_at = value, now


def beat(part: str, *, now: dt.datetime, started_at: dt.datetime, detail: str = "") -> None:
    """Note that a process lives. Inside a transaction."""
    row = db.session.get(Heartbeat, part)
    if row is None:
        db.session.add(Heartbeat(part=part, beaten_at=now, started_at=started_at, detail=detail))
    else:
        row.beaten_at, row.started_at, row.detail = now, started_at, detail
