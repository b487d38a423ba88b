"""The database: the base of every model, the types it uses, and the one door to a commit."""

from __future__ import annotations

import datetime as dt
import enum
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from tracker import postgresql as postgresql_server
from tracker import sqlite as sqlite_file

KEYS = "keys"  # the bind of the key store (safety.md, 2)


class UtcDateTime(sa.types.TypeDecorator[dt.datetime]):
    """An aware moment, kept as UTC. Refuses a naive one, whose zone nobody could tell later."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs a zone; use tracker.clock.now().")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Choice(sa.types.TypeDecorator[enum.StrEnum]):
    """A StrEnum stored by value. The application, not the database, knows the set, so that a word can be added."""

    impl = sa.String(32)
    cache_ok = True

    def __init__(self, kind: type[enum.StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> enum.StrEnum | None:
        return None if value is None else self.kind(value)


class Base(DeclarativeBase):
    """Every model's base: names for constraints, so that a migration can drop what it made."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# Not as `type_annotation_map` on Base: Flask-SQLAlchemy copies class and registry, and SQLAlchemy refuses both.
Base.registry.update_type_annotation_map({dt.datetime: UtcDateTime})


db = SQLAlchemy(model_class=Base, disable_autonaming=True)

# Flask-SQLAlchemy builds its model class at run time, which a type checker cannot follow.
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


class Precision(enum.StrEnum):
    """How exactly an uncertain date is known: the stored date is the first day of the month or year."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


def new_public_id() -> str:
    """Sixteen random URL-safe characters; tells nothing about order or time (house.md, 4b)."""
    return secrets.token_urlsafe(12)


class PublicId:
    """A random name for URLs, beside the integer key that never leaves the house."""

    public_id: Mapped[str] = mapped_column(sa.String(16), unique=True, default=new_public_id)


class Versioned:
    """Counts saves, so that a second editor is told instead of overwriting the first."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


class Removable:
    """Goes to the bin first; rows are destroyed later."""

    deleted_at: Mapped[dt.datetime | None]


_writing: ContextVar[bool] = ContextVar("writing", default=False)


class NestedTransaction(RuntimeError):
    """transaction() was entered inside another: only an edge may open one."""


@contextmanager
def transaction() -> Iterator[None]:
    """Commit once at the end, roll back on any exception, refuse to nest.

    First ends the reader's transaction (what was loaded before is loaded anew inside), then on SQLite takes the write
    lock at once: a transaction that reads first and writes later fails with "database is locked" (reliability.md, 4).
    That may take twice `busy_timeout`; a moment by which leases are counted is read inside.
    """
    if _writing.get():
        raise NestedTransaction("transaction() does not nest; open it at the edge only.")
    session = db.session
    session.rollback()
    token = _writing.set(True)
    try:
        if session.get_bind().dialect.name == "sqlite":
            session.connection()
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        _writing.reset(token)


@contextmanager
def reading(bind: str | None = None) -> Iterator[sa.Connection]:
    """A connection for one statement that only reads, beside the session: of what others committed. On PostgreSQL
    nothing is begun and ended around it, which would take longer than the statement; on SQLite no lock is taken."""
    engine, token = db.engines[bind], _writing.set(False)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            yield connection
    finally:
        _writing.reset(token)


@contextmanager
def at_once() -> Iterator[sa.Connection]:
    """A connection for one statement that changes something and is committed by itself: all of it, or none. Beside the
    session, which knows nothing of it. On PostgreSQL nothing is begun and ended around it, as in `reading`."""
    if dialect() == "sqlite":
        with transaction():
            yield db.session.connection()
        return
    with db.engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


def forget_deleted() -> bool:
    """After a commit that destroyed words: fold SQLite's write-ahead logs into their files and empty them.

    secure_delete has overwritten the words in the file. Returns False while a reader still needs the old pages; the
    next checkpoint does it then. Nothing to do on PostgreSQL, where vacuum and WAL recycling belong to its operator.
    """
    db.session.rollback()
    done = True
    for engine in db.engines.values():
        if engine.dialect.name != "sqlite":
            continue
        connection = engine.raw_connection()  # a checkpoint cannot run inside a transaction, and SQLAlchemy begins one
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            row = cursor.fetchone()
            done = done and row is not None and row[0] == 0
            cursor.close()
        finally:
            connection.close()
    return done


def insert_missing(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of one shape, leaving out those that a unique key already knows. Sort them by that key first: writers
    that insert in different orders deadlock on PostgreSQL."""
    if not rows:
        return
    statement: sa.Executable = inserting(model, dialect()).on_conflict_do_nothing()
    if dialect() == "postgresql":  # many rows in one statement, which is not done unless one asks for an answer
        statement = inserting(model, "postgresql").on_conflict_do_nothing().returning(*sa.inspect(model).primary_key)
    db.session.execute(statement, list(rows))


def inserting(into: Any, kind: str) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can leave out what a unique key already knows (`on_conflict_do_nothing`), on this kind of
    database."""
    return sqlite.insert(into) if kind == "sqlite" else postgresql.insert(into)


def one_of(column: sa.SQLColumnExpression[Any], ids: Sequence[int]) -> sa.ColumnElement[bool]:
    """The condition that a column is one of these numbers, however many: they are sent as one value, since a statement
    may have only so many parameters and each takes its time."""
    if dialect() == "sqlite":
        return column.in_(sa.select(sa.func.json_each(json.dumps(list(ids))).table_valued("value").c.value))
    return column == sa.any_(sa.cast(list(ids), postgresql.ARRAY(sa.Integer)))


def dialect() -> str:
    """The name of the kind of database: "sqlite" or "postgresql"."""
    return db.session.get_bind().dialect.name


def given(kind: str, name: str, **columns: sa.types.TypeEngine[Any]) -> sa.FromClause:
    """Rows that are sent `along` under a name, as a table of these columns, on this kind of database: for a statement
    about many rows whose text is the same however many there are."""
    if kind == "sqlite":
        each = sa.func.json_each(sa.bindparam(name, type_=sa.Text)).table_valued("value")
        found = [
            sa.type_coerce(sa.func.json_extract(each.c.value, f"$[{at}]"), type_).label(key)
            for at, (key, type_) in enumerate(columns.items())
        ]
        return sa.select(*found).subquery()
    # Of arrays PostgreSQL expects ten rows; of what is made from JSON a hundred, for which it would read whole tables.
    # Sent as PostgreSQL writes them: psycopg takes longer to look at each element than the server to find the rows.
    values = [
        sa.cast(sa.bindparam(f"{name}_{at}", type_=sa.types.NullType()), postgresql.ARRAY(type_))
        for at, type_ in enumerate(columns.values())
    ]
    return sa.func.unnest(*values).table_valued(*map(sa.column, columns, columns.values()), name=name).render_derived()


def along(kind: str, name: str, rows: Iterable[Sequence[str | float | None]]) -> dict[str, Any]:
    """The parameters for `given`: rows, each in the order of the columns; at least one."""
    if kind == "sqlite":
        return {name: json.dumps([*rows])}
    columns = zip(*rows, strict=True)
    return {f"{name}_{at}": f"{{{','.join(map(_element, values))}}}" for at, values in enumerate(columns)}


def _element(value: str | float | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


def engine_options(url: str) -> dict[str, Any]:
    """The settings of reliability.md, section (b), for the database that this URL names."""
    return sqlite_file.OPTIONS if url.startswith("sqlite") else postgresql_server.OPTIONS


def init_app(app: Flask) -> None:
    """Bind both databases; what each kind of database needs stands in sqlite.py and postgresql.py."""
    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            if engine.dialect.name == "sqlite":
                sqlite_file.prepare(engine, _writing.get)
            else:
                postgresql_server.prepare(engine)
