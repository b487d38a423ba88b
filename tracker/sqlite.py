"""SQLite as we reach it: what each connection is set to, and how whoever wants to write waits for whoever writes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=15000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
)

# hide_parameters: an error in the log tells the statement, never a name that was bound to it (safety.md, 4).
OPTIONS: dict[str, Any] = {"hide_parameters": True, "connect_args": {"timeout": 15}}
LOOK_SECONDS = 0.001  # between two looks whether somebody still writes


def prepare(engine: sa.Engine, is_writing: Callable[[], bool]) -> None:
    """Set this engine's connections as reliability.md, (b), says; `is_writing` tells whether what begins may write."""

    def begin(connection: sa.Connection) -> None:
        if is_writing():
            _take_the_write_lock(connection)
        else:
            connection.exec_driver_sql("BEGIN")

    event.listen(engine, "connect", _set)
    event.listen(engine, "begin", begin)


def _set(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we emit BEGIN ourselves
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _take_the_write_lock(connection: sa.Connection) -> None:
    """Begin to write, as soon as nobody else does. Raises OperationalError when that took twice `busy_timeout`.

    SQLite's own way to wait looks ever more seldom, each tenth of a second in the end: whoever writes again and again
    gets the lock before those who wait (reliability.md, 4). Here all look equally often.
    """
    server = connection.connection.driver_connection
    assert isinstance(server, sqlite3.Connection)
    (patience,) = server.execute("PRAGMA busy_timeout").fetchone()  # milliseconds
    end = time.monotonic() + patience / 1000
    server.execute("PRAGMA busy_timeout=0")
    try:
        while _is_busy(server) and time.monotonic() < end:
            time.sleep(LOOK_SECONDS)
    finally:
        server.execute(f"PRAGMA busy_timeout={patience:d}")
    if not server.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # the second wait, and so that an error is SQLAlchemy's


def _is_busy(server: sqlite3.Connection) -> bool:
    """Begin to write, unless somebody else does."""
    try:
        server.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY  # what else is wrong is said when asked once more
    return False
