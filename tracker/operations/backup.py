"""`tracker backup FILE`, `tracker backup --nightly`: both databases, whole and consistent, while everything runs.

The keys go to FILE.keys, never into FILE (safety.md, 2): keep them apart and for a shorter time, since destroying a
campaign's keys erases its people only when the last copy of them is gone. Neither file can be read without DATA_KEY,
which is in neither. Mails waiting in a folder are not part of a backup.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

import click
import sqlalchemy as sa

from tracker import __version__, clock
from tracker.db import KEYS, db
from tracker.operations import archive, migrate, sealed_file
from tracker.operations.archive import Content, Manifest
from tracker.operations.edge import Refusal, in_app

# Who is signed in, and who was alive, is true of one running instance only; the index of searching is made anew.
# So is the tally of signatories, by the rows that it counts. A code to a work address is over before anybody restores.
SEARCH_INDEX = ("search_document", "search_posting", "search_word")
LEFT_OUT = ("sign_in", "heartbeat", "backup_run", *SEARCH_INDEX, "signatory_tally", "work_code")


def keys_file(path: Path, folder: Path | None = None) -> Path:
    """Where the keys of a backup lie: beside it, or in a folder of their own."""
    return (folder or path.parent) / (path.name + ".keys")


def make(
    path: Path, *, now: dt.datetime, keys: Path | None = None, leave_out: Iterable[str] = LEFT_OUT
) -> tuple[Manifest, Manifest]:
    """Write and check both files. The keys are read last: whatever key a row of the main file needs is among them.

    The databases may be of an older version than this program, each of its own. Raises Refusal when a file is there
    already or cannot be written; then neither is there.
    """
    keys = keys or keys_file(path)
    pair, schemas = secrets.token_hex(8), migrate.found()
    manifests = {}
    partials = [final.with_name(final.name + ".partial") for final in (path, keys)]
    try:
        for kind, bind, final in (("main", None, path), ("keys", KEYS, keys)):
            if final.exists():
                raise Refusal(f"{final} is there already; choose another name.")
            partial = final.with_name(final.name + ".partial")
            partial.unlink(missing_ok=True)
            os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

            def describe(tables: dict[str, Content], kind: str = kind) -> Manifest:
                return Manifest(kind, pair, __version__, schemas[kind], now.isoformat(), tables)

            with db.engines[bind].connect() as connection:
                snapshot(connection)
                archive.write(partial, connection, leave_out=leave_out, describe=describe)
            manifests[kind] = archive.read_manifest(partial, kind)
        for final in (keys, path):
            _settle(final.with_name(final.name + ".partial"), final)
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}.") from None
    except sealed_file.Unopenable as error:
        raise Refusal(f"{error}.") from None
    finally:
        for partial in partials:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
    return manifests["main"], manifests["keys"]


def snapshot(connection: sa.Connection) -> None:
    """See one moment only, however long it takes; writers go on meanwhile."""
    if connection.dialect.name == "postgresql":
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
        connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    else:
        # BEGIN was emitted; on a write-ahead log the first read fixes what is seen.
        connection.execute(sa.text("SELECT count(*) FROM sqlite_master"))


def _settle(partial: Path, final: Path) -> None:
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.rename(final)
    folder = os.open(final.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--nightly", is_flag=True, help="Into BACKUP_DIR, keeping BACKUP_KEEP of them, unless today's is there.")
@in_app
def command(file: Path | None, nightly: bool) -> None:
    """Write both databases to FILE and FILE.keys, consistent and checked, while everything runs."""
    if nightly == (file is not None):
        raise click.UsageError("Name a FILE, or say --nightly.")
    if file is None:
        from tracker.operations.nightly import back_up

        click.echo(back_up(clock.now(), at_once=True) or "Today's backup is there already, or is being made.")
        return
    main, keys = make(file, now=clock.now())
    click.echo(
        f"{main.rows} rows in {file}; {keys.rows} rows of keys in {keys_file(file)}.\n"
        "Keep the keys apart from the rest. Both are of use only with this instance's DATA_KEY."
    )
