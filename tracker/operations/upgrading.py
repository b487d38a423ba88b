"""Bringing the databases to this version with a way back: back up, migrate, try; whatever fails, put back.

`tracker up` does it before anything starts, `tracker upgrade` where the parts are started one by one. A migration is a
transaction, but several are several, and there are two databases: only a backup undoes them all.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import current_app

from tracker import __version__
from tracker.db import KEYS, db
from tracker.instance import remember, setting
from tracker.operations import backup, keys, migrate, putting_back
from tracker.operations.edge import Refusal
from tracker.settings import config

PROGRAM = "program"  # the setting with the version that ran last

IN_USE = (
    "The database is of an older version (schema {found}, needed {known}), and {count} other connections use it. Stop "
    "web, worker and beat first, then run `tracker upgrade` again (or say --anyway)."
)
UNDONE = (
    "The upgrade failed: {reason}\n"
    "Everything was put back: the databases are as they were (schema {found}), nobody was signed out, and the backup "
    "is kept in {path}. Install {program} again and start it; it fits these databases, this version does not."
)
STUCK = (
    "The upgrade failed: {reason}\n"
    "Putting it back failed too: {second}\n"
    "Everything is in {path} and {keys_path}. Install {program} again, and with it `tracker restore` these two files "
    "into a new instance (docs/server.md, “When an upgrade fails”)."
)


@dataclass(frozen=True)
class Upgraded:
    """What was done."""

    found: str
    schema: str
    backup: Path | None  # None: there was nothing to lose


def upgrade(*, now: dt.datetime, anyway: bool = False) -> Upgraded | None:
    """Bring both databases to this version's schema; None when they are. For a process that has them to itself.

    Raises Refusal: when they are newer or in use, with nothing changed; when it failed, with everything put back.
    """
    migrate.refuse_newer_schema()
    before, known = migrate.found(), migrate.wanted()
    if set(before.values()) == {known}:
        return None
    found = before["main"]
    if found == migrate.NEVER:
        migrate.upgrade()
        return Upgraded(found, known, None)
    count = 0 if anyway else others()
    if count:
        raise Refusal(IN_USE.format(found=found, known=known, count=count))
    path, keys_path = _save(found, now)
    program = f"Undersigned {setting(PROGRAM)}" if setting(PROGRAM) else "the version that ran before"
    try:
        migrate.upgrade()
        refuse_unless_it_serves()
    except BaseException as error:  # also a signal, and the exit by which Flask-Migrate says no
        reason = _reason(error)
        try:
            putting_back.put_back(path, keys_path)
        except Exception as second:
            words = {"reason": reason, "second": _reason(second), "path": path, "keys_path": keys_path}
            raise Refusal(STUCK.format(program=program, **words)) from error
        raise Refusal(UNDONE.format(reason=reason, found=found, path=path, program=program)) from error
    return Upgraded(found, known, path)


def note_program(*, now: dt.datetime) -> None:
    """Remember which version runs, for the words of a failed upgrade. Inside a transaction."""
    if setting(PROGRAM) != __version__:
        remember(PROGRAM, __version__, now=now)


def _save(found: str, now: dt.datetime) -> tuple[Path, Path]:
    settings = config().backups
    path = settings.folder / f"undersigned-{now:%Y%m%dT%H%M%SZ}-before-{migrate.wanted()}.backup"
    keys_path = backup.keys_file(path, settings.keys_folder)
    try:
        for folder in (path.parent, keys_path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(
            f"Nothing is upgraded without a backup, and {path.parent} cannot be written: {error.strerror}."
        ) from None
    backup.make(path, now=now, keys=keys_path, leave_out=())
    db.session.remove()
    return path, keys_path


def others() -> int:
    """How many connections but ours use the databases; PostgreSQL tells, on SQLite the instance's lock does."""
    db.session.remove()
    count = 0
    for engine in db.engines.values():
        engine.dispose()
        if engine.dialect.name == "postgresql":
            with engine.connect() as connection:
                count += connection.scalar(
                    sa.text(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                        "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
                    )
                )
            engine.dispose()
    return count


def refuse_unless_it_serves() -> None:
    """The key opens what is sealed, every table can be asked for what the models say, and the program answers.
    Raises Refusal, and what the database raises."""
    if problem := keys.wrong(setting(keys.PROBE)):
        raise Refusal(problem)
    for bind in (KEYS, None):
        with db.engines[bind].connect() as connection:
            for table in db.metadatas[bind].sorted_tables:
                connection.execute(sa.select(table).limit(1)).all()
    host = urlsplit(config().public_base_url).netloc
    status = current_app.test_client().get("/readyz", headers={"Host": host}).status_code
    if status != 200:
        raise Refusal(f"After migrating, /readyz answered {status}.")


def _reason(error: BaseException) -> str:
    if isinstance(error, Refusal):
        return error.message
    if isinstance(error, sa.exc.DBAPIError):
        return f"{migrate.reason(error)}."
    if isinstance(error, SystemExit):
        return "the migration was refused; the line above says why."
    return f"{type(error).__name__}: {error}"
