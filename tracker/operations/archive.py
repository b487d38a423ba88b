"""The format of a backup: a ZIP with a JSON line for each row, the same on SQLite and PostgreSQL, and a manifest.

Tables are read as the database itself describes them, not by our models, so that an older backup can be restored into
its own schema and then brought forward. Rows come in the order of their primary keys and values are written in one way
only: the same rows give the same SHA-256 on either database, before and after a restore.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tracker.operations import sealed_file
from tracker.settings import config

FORMAT = 1
MANIFEST = "manifest.json"
VERSION_TABLE = "alembic_version"
# Rows that are held at a time; parts of files are large (timeline.AttachmentChunk).
BATCH, BATCH_OF_BYTES = 500, 4


class ArchiveError(Exception):
    """The file is not a whole backup; the message says what is wrong with it."""


@dataclass(frozen=True)
class Content:
    """What the manifest says of one table."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What is in a backup file."""

    kind: str  # main or keys
    pair: str  # the same in both files of one backup
    program: str
    schema: str
    made_at: str
    tables: dict[str, Content]

    @property
    def rows(self) -> int:
        """Rows in all."""
        return sum(content.rows for content in self.tables.values())


def reflect(connection: sa.Connection) -> list[sa.Table]:
    """All tables of a database but Alembic's, by name: columns and primary key, which is all that rows need.

    `MetaData.reflect` asks for indexes and references too, and takes ten times as long.
    """
    inspector, metadata = sa.inspect(connection), sa.MetaData()
    keys = inspector.get_multi_pk_constraint()
    tables = {}
    for place, columns in inspector.get_multi_columns().items():
        held = [sa.Column(one["name"], one["type"], nullable=one["nullable"]) for one in columns]
        key = sa.PrimaryKeyConstraint(*keys[place]["constrained_columns"])
        tables[place[1]] = sa.Table(place[1], metadata, *held, key)
    return [tables[name] for name in sorted(tables) if name != VERSION_TABLE]


def write(
    path: Path,
    connection: sa.Connection,
    *,
    leave_out: Iterable[str],
    describe: Callable[[dict[str, Content]], Manifest],
) -> Manifest:
    """Write every table as the connection's transaction sees it, and last the manifest, which is returned."""
    tables = {}
    with (
        sealed_file.create(path, config().backups.passphrase_file) as out,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
    ):
        for table in reflect(connection):
            if table.name not in leave_out:
                tables[table.name] = _write_table(archive, connection, table)
        manifest = describe(tables)
        archive.writestr(MANIFEST, json.dumps(_plain(manifest), indent=1))
    return manifest


def _plain(manifest: Manifest) -> dict[str, Any]:
    plain = dict(vars(manifest))
    plain["tables"] = {name: vars(content) for name, content in manifest.tables.items()}
    return {"format": FORMAT, **plain}


def _write_table(archive: zipfile.ZipFile, connection: sa.Connection, table: sa.Table) -> Content:
    digest, rows = hashlib.sha256(), 0
    with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as out:
        for line in lines(connection, table):
            digest.update(line)
            out.write(line)
            rows += 1
    return Content(rows, digest.hexdigest())


def lines(connection: sa.Connection, table: sa.Table) -> Iterator[bytes]:
    """The rows of a table as JSON lines, in the order of the primary key."""
    order: list[sa.ColumnElement[Any]] = [
        sa.collate(column, "C")
        if isinstance(column.type, sa.String) and connection.dialect.name == "postgresql"
        else column
        for column in table.primary_key
    ]
    names = [column.name for column in table.columns]
    result = connection.execute(sa.select(table).order_by(*order), execution_options={"yield_per": _batch(table)})
    for row in result:
        values = {name: _to_json(value) for name, value in zip(names, row, strict=True)}
        yield json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _batch(table: sa.Table) -> int:
    return BATCH_OF_BYTES if any(isinstance(column.type, sa.LargeBinary) for column in table.columns) else BATCH


def content(connection: sa.Connection, table: sa.Table) -> Content:
    """What a table holds now, to compare with a manifest."""
    digest, rows = hashlib.sha256(), 0
    for line in lines(connection, table):
        digest.update(line)
        rows += 1
    return Content(rows, digest.hexdigest())


def _to_json(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        aware = value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
        return aware.isoformat(timespec="microseconds")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, dt.timedelta):
        raise TypeError("A backup has no form for intervals; keep seconds in a number.")
    return value


def from_json(kind: sa.types.TypeEngine[Any], value: Any, *, sqlite: bool) -> Any:
    """The value again, as the column's type wants it."""
    if value is None:
        return None
    if isinstance(kind, sa.DateTime):
        moment = dt.datetime.fromisoformat(value)
        return moment.replace(tzinfo=None) if sqlite else moment
    if isinstance(kind, sa.Date):
        return dt.date.fromisoformat(value)
    if isinstance(kind, sa.Time):
        return dt.time.fromisoformat(value)
    if isinstance(kind, sa.Numeric) and isinstance(value, str):
        return Decimal(value)
    if isinstance(kind, sa.LargeBinary):
        return base64.b64decode(value)
    return value


@contextlib.contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The files in a backup, decrypted where it is encrypted. Raises ArchiveError, and what zipfile and files raise."""
    try:
        with sealed_file.opened(path, config().backups.passphrase_file) as file, zipfile.ZipFile(file) as archive:
            yield archive
    except sealed_file.Unopenable as error:
        raise ArchiveError(f"{path} cannot be used: {error}.") from None


def read_manifest(path: Path, kind: str) -> Manifest:
    """The manifest of a backup file, after every table in it was compared with its sum. Raises ArchiveError."""
    try:
        with opened(path) as archive:
            plain = json.loads(archive.read(MANIFEST))
            if plain.pop("format") != FORMAT or plain["kind"] != kind:
                raise ArchiveError(f"{path} is a backup of another kind or format.")
            tables = {name: Content(**content) for name, content in plain.pop("tables").items()}
            for name, content in tables.items():
                if _sum(archive, name) != content:
                    raise ArchiveError(f"{path} is damaged: the table {name} is not what was written.")
    except FileNotFoundError:
        raise ArchiveError(f"There is no file {path}.") from None
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}.") from None
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError) as error:
        raise ArchiveError(f"{path} is not a whole backup ({type(error).__name__}).") from None
    return Manifest(tables=tables, **plain)


def _sum(archive: zipfile.ZipFile, name: str) -> Content:
    digest, rows = hashlib.sha256(), 0
    with archive.open(f"tables/{name}.jsonl") as file:
        for line in file:
            digest.update(line)
            rows += 1
    return Content(rows, digest.hexdigest())


def read_rows(path: Path, table: sa.Table, *, sqlite: bool) -> Iterator[list[dict[str, Any]]]:
    """The rows of one table, in batches ready to be inserted."""
    kinds = {column.name: column.type for column in table.columns}
    rows: list[dict[str, Any]] = []
    batch = _batch(table)
    with opened(path) as archive, archive.open(f"tables/{table.name}.jsonl") as file:
        for line in file:
            plain = json.loads(line)
            rows.append({name: from_json(kinds[name], value, sqlite=sqlite) for name, value in plain.items()})
            if len(rows) == batch:
                yield rows
                rows = []
    if rows:
        yield rows
