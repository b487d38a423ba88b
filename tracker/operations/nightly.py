"""The nightly backup: one a day whoever asks, a kept number of them, copies of keys for a shorter time.

A row a day is the claim (two beats make one backup); a failed attempt rests and is tried again. The copies of the keys
lie in a folder of their own and go by their age even while backups fail: how long a destroyed key can still be read is
a promise (safety.md, 2).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from tracker import clock
from tracker.config import Backups
from tracker.db import db, insert_missing, transaction
from tracker.instance import BackupRun
from tracker.operations import backup
from tracker.operations.edge import Refusal
from tracker.settings import config

FIRST_HOUR = 2  # UTC: past midnight in Europe, before the working day
LEASE = dt.timedelta(minutes=30)  # longer than Celery lets a task run
NAME = "undersigned-{:%Y%m%dT%H%M%SZ}.backup"
UPGRADES_KEPT = 3  # backups that upgrades made; beside the nightly ones
_NAMED = re.compile(r"undersigned-(\d{8}T\d{6}Z)(-before-\w+)?\.backup(\.keys)?(\.partial)?")

logger = logging.getLogger("tracker.nightly")


def back_up(now: dt.datetime, *, at_once: bool = False) -> str | None:
    """Make today's backup unless it is there, being made, or before its hour; what was done, in a sentence.

    Raises Refusal when it failed; the row says so too, for the doctor.
    """
    settings = config().backups
    if not settings.are_made:
        if at_once:
            raise Refusal("BACKUP_KEEP is 0: nightly backups are switched off.")
        return None
    clear(settings, now)
    if now.hour < FIRST_HOUR and not at_once:
        return None
    with transaction():
        if not claim(now, at_once=at_once):
            return None
    path = settings.folder / NAME.format(now)
    try:
        for folder in (settings.folder, settings.keys_folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys = backup.keys_file(path, settings.keys_folder)
        main, _ = backup.make(path, now=now, keys=keys)
        size = path.stat().st_size + keys.stat().st_size
    except (Refusal, OSError, sa.exc.SQLAlchemyError) as error:
        problem = _words(error)
        logger.error("The nightly backup failed: %s", problem)
        with transaction():
            _settle(now, problem=problem, lease_until=clock.now() + config().durations.backup_retry)
        raise Refusal(f"The nightly backup failed: {problem}") from None
    with transaction():
        _settle(now, problem="", finished_at=clock.now(), file=path.name, rows=main.rows, size=size)
    clear(settings, now)
    return f"{main.rows} rows in {path}; their keys in {keys}."


def _words(error: Exception) -> str:
    if isinstance(error, Refusal):
        return error.message
    if isinstance(error, OSError):
        return f"{error.filename or 'A file'} cannot be written: {error.strerror}."
    return f"The database failed ({type(error).__name__})."


def claim(now: dt.datetime, *, at_once: bool = False) -> bool:
    """Take today's row; False when it is done or another's. `at_once` does not wait for a failed attempt's rest."""
    insert_missing(BackupRun, [{"day": now.date()}])
    resting = sa.and_(BackupRun.lease_until.is_not(None), BackupRun.lease_until > now)
    if at_once:
        resting = sa.and_(resting, BackupRun.problem == "")
    taken = db.session.execute(
        sa.update(BackupRun)
        .where(BackupRun.day == now.date(), BackupRun.finished_at.is_(None), sa.not_(resting))
        .values(lease_until=now + LEASE, attempts=BackupRun.attempts + 1, problem="")
        .returning(BackupRun.day)
    )
    return taken.first() is not None


def _settle(now: dt.datetime, **values: object) -> None:
    db.session.execute(sa.update(BackupRun).where(BackupRun.day == now.date()).values(**values))


def clear(settings: Backups, now: dt.datetime) -> None:
    """Remove the oldest beyond the kept number, the copies of keys whose time is over, and what a crash left behind."""
    names = set()
    for kind, count in (("backup", settings.keep), ("upgrade", UPGRADES_KEPT)):
        newest = sorted((path for path, _, found in _files(settings.folder) if found == kind), reverse=True)
        names |= {path.name for path in newest[:count]}
        for path in newest[count:]:
            path.unlink(missing_ok=True)
    for folder in {settings.folder, settings.keys_folder}:
        for path, made, kind in _files(folder):
            too_old = kind == "keys" and made + config().durations.key_copies_kept <= now
            orphaned = kind == "keys" and path.name.removesuffix(".keys") not in names and made + LEASE < now
            if too_old or orphaned or (kind == "partial" and made + LEASE < now):
                path.unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[tuple[Path, dt.datetime, str]]:
    """Our files in a folder, when each was made, and what it is: backup, upgrade, keys or partial."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for path in list(folder.iterdir()):
            if match := _NAMED.fullmatch(path.name):
                made = dt.datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
                kinds = ((match[4], "partial"), (match[3], "keys"), (match[2], "upgrade"))
                yield path, made, next((kind for there, kind in kinds if there), "backup")


def oldest_keys(settings: Backups) -> dt.datetime | None:
    """When the oldest copy of keys that is still there was made."""
    return min((made for _, made, kind in _files(settings.keys_folder) if kind == "keys"), default=None)


def last_run() -> BackupRun | None:
    """The newest row that succeeded."""
    query = sa.select(BackupRun).where(BackupRun.finished_at.is_not(None)).order_by(BackupRun.day.desc()).limit(1)
    return db.session.scalar(query)


def last_problem() -> BackupRun | None:
    """The newest row, when its last attempt failed."""
    row = db.session.scalar(sa.select(BackupRun).order_by(BackupRun.day.desc()).limit(1))
    return row if row is not None and row.problem else None
