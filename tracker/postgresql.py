"""PostgreSQL as we reach it: what we ask of each connection, and what is not done again for each transaction."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import event

# hide_parameters: an error in the log tells the statement, never a name that was bound to it (safety.md, 4).
OPTIONS: dict[str, Any] = {
    "hide_parameters": True,
    "pool_size": 5,
    "max_overflow": 5,
    "pool_recycle": 300,
    "connect_args": {
        "connect_timeout": 5,
        "tcp_user_timeout": 5000,
        "options": "-c statement_timeout=15000 -c lock_timeout=5000 "
        "-c idle_in_transaction_session_timeout=60000 -c timezone=UTC "
        # A page asks for a few rows by their keys. The server's own guess is a disk with a moving head, where reading
        # a whole table looks cheaper; and compiling such a question takes longer than answering it.
        "-c random_page_cost=1.1 -c jit=off "
        # A prepared statement is planned for its values each time: one campaign has a million signatures, another ten.
        "-c plan_cache_mode=force_custom_plan",
    },
}
TRUSTED_SECONDS = 1.0  # a connection that answered so lately is not asked whether it is still there
_RESTED = "rested_at"
Result = TypeVar("Result")


def prepare(engine: sa.Engine) -> None:
    """Have this engine's connections keep what they prepared, and be asked whether they live after a rest only."""
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", _ask_after_a_rest)
    engine.dialect.do_rollback = _roll_back  # type: ignore[assignment,method-assign]


def _note_rest(_connection: Any, record: Any) -> None:
    record.info[_RESTED] = time.monotonic()


def _ask_after_a_rest(connection: Any, record: Any, _fairy: Any) -> None:
    """As `pool_pre_ping`, but a busy connection is not asked each time: that takes as long as a question of a page."""
    rested = record.info.get(_RESTED)
    if rested is None or time.monotonic() - rested < TRUSTED_SECONDS:
        return
    autocommit, connection.autocommit = connection.autocommit, True
    try:
        connection.execute("SELECT 1")
    except psycopg.Error as error:
        if not connection.closed:
            raise
        raise sa.exc.InvalidatePoolError from error
    connection.autocommit = autocommit


def _roll_back(connection: Any) -> None:
    """End a transaction without throwing away what was prepared.

    Psycopg forgets all prepared statements with each ROLLBACK, since a table might have been made and unmade, and most
    of our transactions are pages that read and end so. Tables are made by migrations alone.
    """
    server = connection.pgconn
    if server.transaction_status == TransactionStatus.IDLE:
        return  # nothing was begun
    if (
        server.transaction_status != TransactionStatus.INTRANS
        or server.exec_(b"ROLLBACK").status != ExecStatus.COMMAND_OK
    ):
        connection.rollback()


@contextmanager
def checked_by_one_plan(connection: sa.Connection) -> Iterator[None]:
    """Around a statement that writes thousands of rows, in a transaction: its foreign keys are looked up by one plan.

    The server checks each reference of each row by a question of its own, which `force_custom_plan` would have planned
    anew for each: half of the time of an import (ADR 45). The plan is by an index, however small a table was when it
    was made, since it may be kept until that table is large. Nothing to do on SQLite.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.exec_driver_sql("SET LOCAL plan_cache_mode = auto; SET LOCAL enable_seqscan = off")
    yield  # after an error the transaction is rolled back, and this with it
    connection.exec_driver_sql("SET LOCAL plan_cache_mode TO DEFAULT; SET LOCAL enable_seqscan TO DEFAULT")


# How PostgreSQL ends one of two transactions that wait for each other, or that cannot both have been (SQLSTATE).
CONFLICTS = frozenset({"40P01", "40001"})
TRIES = 4


def again(work: Callable[[], Result]) -> Result:
    """Do what is one transaction or one statement; anew, up to three times and soon, where the server ended it for the
    sake of another: then nothing of it was done (reliability.md, b). Any other error is raised at once."""
    for left in reversed(range(TRIES)):
        try:
            return work()
        except sa.exc.DBAPIError as error:
            if not left or getattr(error.orig, "sqlstate", None) not in CONFLICTS:
                raise
            time.sleep(random.uniform(0.01, 0.1))  # noqa: S311 not a secret; so that the two do not meet again
    raise AssertionError("unreachable")
