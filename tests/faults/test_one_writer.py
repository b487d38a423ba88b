"""SQLite has one writer, and whoever waits for it gets its turn (reliability.md, 4)."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from tests.conftest import MakeApp
from tracker import clock
from tracker.db import db, transaction
from tracker.instance import remember, setting

IMPATIENT = "PRAGMA busy_timeout=200"
LOOKS = 200


@contextmanager
def locked() -> Iterator[sqlite3.Connection]:
    """Somebody else's write lock on the database, for whose end we have little patience."""
    db.session.execute(sa.text(IMPATIENT))
    db.session.rollback()
    other = sqlite3.connect(db.engine.url.database or "", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield other
    finally:
        other.close()


def test_somebody_writes_for_long(make_app: MakeApp) -> None:
    """The lock is let go after one wait and before a second is over: we get it, and the work is done once."""
    with make_app().app_context(), locked() as other:
        done = []
        threading.Timer(0.3, other.execute, ["COMMIT"]).start()
        with transaction():
            done.append(1)
            remember("waited", "long", now=clock.now())
        assert (done, setting("waited")) == ([1], "long")
        assert db.session.scalar(sa.text("PRAGMA busy_timeout")) == 200, "as it was before"


def test_who_waits_looks_all_the_time(make_app: MakeApp) -> None:
    """Not ever more seldom, as SQLite does by itself: it looks some hundred times within its patience, and has the lock
    at the very look that finds it free."""
    looks = 0
    with make_app().app_context(), locked() as other:

        def note(statement: str) -> None:
            nonlocal looks
            looks += statement == "BEGIN IMMEDIATE"
            if looks == LOOKS and other.in_transaction:
                other.execute("COMMIT")

        db.session.execute(sa.text("PRAGMA busy_timeout=4000"))
        db.session.connection().connection.driver_connection.set_trace_callback(note)  # type: ignore[union-attr]
        db.session.rollback()
        with transaction():
            remember("waited", "for many looks", now=clock.now())
        assert looks in (LOOKS, LOOKS + 1)
        assert setting("waited") == "for many looks"


def test_somebody_never_lets_go(make_app: MakeApp) -> None:
    """Nothing ran, the caller is told, and the next transaction finds all in order."""
    with make_app().app_context(), locked() as other:
        done = []
        with pytest.raises(sa.exc.OperationalError, match="database is locked"), transaction():
            done.append(1)
        assert done == []
        other.execute("COMMIT")
        with transaction():
            remember("waited", "no longer", now=clock.now())
        assert setting("waited") == "no longer"
