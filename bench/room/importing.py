"""One import and then one bare load, in a process of its own: `python -m bench.room.importing SLUG FILE`.

It stores the file, checks it and brings it in, as `tracker import signatories` does, and prints the seconds of each as
JSON, with the peak memory in MB until then. Then it writes the very same rows into tables of the same columns and
indexes (without triggers and foreign keys) in one transaction: by COPY from text, or by executemany from tuples.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.room.exporting import peak
from tracker import clock
from tracker.app import create_app
from tracker.campaigns.models import Campaign
from tracker.config import from_process
from tracker.db import db, transaction
from tracker.importing import running, service
from tracker.importing.models import DayOrder, Import, ImportState
from tracker.signatures.models import Appearance, Signatory, SignatoryTally, Signature

_TALLY = sa.func.sum(SignatoryTally.number)
TABLES = ("signatory", "signature", "signatory_token")


def main(slug: str, file: str) -> None:
    """Do both. People, signatures and tallies agree with what the import says, or nothing was measured."""
    app = create_app(from_process())
    with app.app_context():
        said = imported(slug, Path(file)) | {"peak": peak()}
        one = sa.select(sa.func.count())
        for query in (one.select_from(Signatory), one.select_from(Signature), sa.select(_TALLY)):
            assert db.session.scalar(query) == said["new"], "not everybody came"
        db.session.rollback()
        said["bare"] = bare(Path(file).parent)
    print(json.dumps(said))


def imported(slug: str, file: Path) -> dict[str, float]:
    """Seconds of each part, and how many are new."""
    began = time.perf_counter()
    campaign = db.session.scalars(sa.select(Campaign).where(Campaign.slug == slug)).one()
    with transaction():
        row = service.begin(campaign, _pieces(file), appearance=Appearance.COUNTED, actor=None, now=clock.now())
        key = row.id
    stored = time.perf_counter()
    with transaction():
        row = db.session.get_one(Import, key)
        service.check(row, row.columns, order=DayOrder.UNKNOWN, appearance=Appearance.NAMED, now=clock.now())
    running.work()
    checked = time.perf_counter()
    with transaction():
        service.start(db.session.get_one(Import, key), now=clock.now())
    running.work()
    ended = time.perf_counter()
    row = db.session.get_one(Import, key)
    assert row.state is ImportState.DONE, row.state
    return {"store": stored - began, "check": checked - stored, "run": ended - checked, "new": row.new}


def bare(folder: Path) -> float:
    """Seconds of the fastest load that the database offers."""
    with db.engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        if connection.dialect.name == "sqlite":
            return _executemany(raw)
        return _copy(raw, folder)


def _copy(raw: Any, folder: Path) -> float:
    seconds = 0.0
    with raw.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # which the app has, and nothing that it does itself comes near
        for table in TABLES:
            file = folder / f"{table}.copy"
            with file.open("wb") as out, cursor.copy(f"COPY {table} TO STDOUT") as copy:
                for some in copy:
                    out.write(some)
            cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING DEFAULTS INCLUDING INDEXES)")
        raw.commit()
        began = time.perf_counter()
        for table in TABLES:
            with (folder / f"{table}.copy").open("rb") as opened, cursor.copy(f"COPY bare_{table} FROM STDIN") as copy:
                while some := opened.read(1_000_000):
                    copy.write(some)
        raw.commit()
        seconds = time.perf_counter() - began
        cursor.execute("".join(f"DROP TABLE bare_{table};" for table in TABLES))
        raw.commit()
    return seconds


def _executemany(raw: Any) -> float:
    rows: dict[str, list[Any]] = {}
    for table in TABLES:
        rows[table] = raw.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - names from above
        of_it = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('table', 'index') AND sql IS NOT NULL"
        for (statement,) in raw.execute(of_it, (table,)).fetchall():
            raw.execute(_renamed(statement, table))
    raw.commit()
    raw.execute("PRAGMA foreign_keys=OFF")
    began = time.perf_counter()
    raw.execute("BEGIN IMMEDIATE")
    for table, found in rows.items():
        if found:
            raw.executemany(f"INSERT INTO bare_{table} VALUES ({', '.join('?' * len(found[0]))})", found)  # noqa: S608
    raw.commit()
    return time.perf_counter() - began


def _renamed(statement: str, table: str) -> str:
    """The same table or index under another name."""
    words = statement.replace(f"CREATE TABLE {table} ", f"CREATE TABLE bare_{table} ", 1)
    words = words.replace(f'CREATE TABLE "{table}"', f"CREATE TABLE bare_{table} ", 1)
    for kind in ("CREATE INDEX ", "CREATE UNIQUE INDEX "):
        words = words.replace(kind, f"{kind}bare_", 1).replace(f" ON {table} ", f" ON bare_{table} ", 1)
    return words


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while some := opened.read(1_000_000):
            yield some


if __name__ == "__main__":
    main(*sys.argv[1:])
