"""What the doctor says of disks and backups."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from tracker.config import Config
from tracker.db import db
from tracker.instance import Setting
from tracker.operations import keys, nightly, sealed_file
from tracker.operations.finding import BAD, GOOD, NOTE, Finding, ago, megabytes

DISK_LOW, DISK_FULL = 2 * 1024**3, 300 * 1024**2


def disk(config: Config) -> Iterator[Finding]:
    """Room where the instance lies, and where its backups do when that is another disk."""
    folders = [config.instance]
    if config.backups.are_made:
        folders.append(_existing(config.backups.folder))
    seen = set()
    for folder in folders:
        device = folder.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield _room(folder)


def _room(folder: Path) -> Finding:
    usage = shutil.disk_usage(folder)
    level = BAD if usage.free < DISK_FULL else NOTE if usage.free < DISK_LOW else GOOD
    words = f"{megabytes(usage.free)} of {megabytes(usage.total)} free at {folder}"
    return Finding(level, "disk", words + ("" if level == GOOD else "; make room soon: backups and databases need it"))


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def backups(config: Config, now: dt.datetime) -> Iterator[Finding]:
    """When the last one was made, how many there are, and until when older copies of keys can be read."""
    settings = config.backups
    if not settings.are_made:
        yield Finding(NOTE, "backups", "switched off by BACKUP_KEEP=0; see that something else makes them")
        return
    if problem := _unusable(config):
        yield Finding(BAD, "backups", problem)
    run, failed = nightly.last_run(), nightly.last_problem()
    if failed is not None:
        yield Finding(BAD, "backups", f"the last try failed ({failed.attempts} today): {failed.problem}")
    if run is not None and run.finished_at is not None:
        since = now - run.finished_at
        kept = len(list(settings.folder.glob("undersigned-*.backup"))) if settings.folder.is_dir() else 0
        how = "encrypted" if settings.passphrase_file else "not encrypted"
        words = f"the last one {ago(since)} ago: {run.rows} rows, {megabytes(run.size)}, {how}; {kept} are kept"
        if since > config.durations.backup_overdue:
            yield Finding(BAD, "backups", f"{words}; `tracker backup --nightly` makes one")
        else:
            yield Finding(GOOD, "backups", words)
        if kept == 0:
            yield Finding(BAD, "backups", f"there is none in {settings.folder} any more; was the folder moved?")
    elif failed is None:
        began = db.session.get(Setting, keys.PROBE)
        late = began is not None and now - began.changed_at > config.durations.backup_overdue
        words = "none yet; the beat makes one each night, `tracker backup --nightly` now"
        yield Finding(BAD if late else NOTE, "backups", words)
    if oldest := nightly.oldest_keys(settings):
        until = now + config.durations.key_copies_kept
        yield Finding(
            GOOD,
            "backups",
            f"copies of keys since {oldest:%Y-%m-%d}; one destroyed now can be read from them until {until:%Y-%m-%d}",
        )


def _unusable(config: Config) -> str | None:
    settings = config.backups
    for folder in (settings.folder, settings.keys_folder):
        if not os.access(_existing(folder), os.W_OK):
            return f"{folder} cannot be written; look at BACKUP_DIR and BACKUP_KEYS_DIR and at who owns them."
    if settings.passphrase_file is not None:
        try:
            sealed_file.passphrase_in(settings.passphrase_file)
        except sealed_file.Unopenable as error:
            return f"{error}."
    return None
