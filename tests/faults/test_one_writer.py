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
