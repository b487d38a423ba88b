"""SQLite has one writer, and whoever waits for it waits twice (reliability.md, 4)."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from tests.conftest import MakeApp
from tracker import clock
from tracker.db import db, transaction
from tracker.instance import remember, setting

IMPATIENT = "PRAGMA busy_timeout=50"


@contextmanager
def locked(*, frees_at: int | None) -> Iterator[tuple[sqlite3.Connection, list[Any]]]:
    """Somebody else's write lock on the database, let go when we have waited in vain so often; and how often we did."""
    db.session.execute(sa.text(IMPATIENT))
    db.session.rollback()
    other = sqlite3.connect(db.engine.url.database or "", isolation_level=None)
    vain: list[Any] = []

    def waited(context: Any) -> None:
        vain.append(context.original_exception)
        if len(vain) == frees_at:
            other.execute("COMMIT")

    event.listen(db.engine, "handle_error", waited)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield other, vain
    finally:
        other.close()


def test_waited_in_vain_once(make_app: MakeApp) -> None:
    """The lock is let go after the first wait: the second gets it, and the work is done once."""
    with make_app().app_context(), locked(frees_at=1) as (_other, vain):
        done = []
        with transaction():
            done.append(1)
            remember("waited", "twice", now=clock.now())
        assert (len(vain), done, setting("waited")) == (1, [1], "twice")


def test_waited_in_vain_twice(make_app: MakeApp) -> None:
    """The lock is not let go: nothing ran, the caller is told, and the next transaction finds all in order."""
    with make_app().app_context(), locked(frees_at=None) as (other, vain):
        done = []
        with pytest.raises(sa.exc.OperationalError, match="database is locked"), transaction():
            done.append(1)
        assert (len(vain), done) == (2, [])
        other.execute("COMMIT")
        with transaction():
            remember("waited", "no longer", now=clock.now())
        assert setting("waited") == "no longer"
