"""Statements are compiled once a process, not once an app: SQLAlchemy remembers compiled statements by engine, each
test has engines of its own, and compiling took more than half of the time of the first visit to a page.

A running tracker keeps one engine for its whole life, so there too a statement is compiled once and then used with
other values.
"""

from typing import Any

from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache

# More than there are different statements in the whole suite.
_compiled: LRUCache[Any, Any] = LRUCache(10_000)


def _alike(dialect: object, other: object) -> bool:
    return type(dialect) is type(other)


def _kind(dialect: object) -> int:
    return hash(type(dialect))


def remember_compiled_statements() -> None:
    """Let equal statements of two engines of one kind be found by each other: the dialect is a part of their key."""
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        kind.__eq__ = _alike  # type: ignore[method-assign, assignment]
        kind.__hash__ = _kind  # type: ignore[method-assign, assignment]


def share_compiled_statements(engine: Engine) -> None:
    """Let this engine use what others compiled."""
    engine._compiled_cache = _compiled
