"""A database that goes away for a moment, in the middle of everything."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from psycopg import sql
from sqlalchemy import event

from tests.faults.conftest import StartZygote
from tests.faults.sink import FaultSink
from tests.faults.storm import addresses, storm
from tests.faults.world import BEGAN, Verdict, invite, recover, settled, states, tell
from tests.support.databases import Database
from tests.support.postgresql import PostgreSQL
from tests.support.processes import wait_until
from tracker import clock
from tracker.accounts.models import Account
from tracker.db import db, transaction
from tracker.digests.links import UNSUBSCRIBE, token
from tracker.digests.models import Subscriber

pytestmark = pytest.mark.timeout(300)


@pytest.mark.postgresql
def test_postgresql_stopped_at_once_in_a_storm(
    app: Flask, start_zygote: StartZygote, sink: FaultSink, database: Database, postgresql: PostgreSQL
) -> None:
    """Stopped thrice as by `pg_ctl stop -m immediate` and started again, amid killed workers: nothing is lost or comes
    twice unmarked; meanwhile pages say that the database is away."""
    name = urlsplit(database.url).path.lstrip("/")
    with psycopg.connect(host=str(postgresql.folder), user="postgres", dbname="postgres", autocommit=True) as admin:
        # The tests' server promises nothing after a crash; here, what was committed is committed.
        admin.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = on").format(sql.Identifier(name)))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    crashes = 0

    def crash(kill: int) -> None:
        nonlocal crashes
        if kill % 5:
            return
        postgresql.crash()
        try:
            client = app.test_client()
            assert client.get("/healthz").status_code == 200, "it is alive; restarting it would mend nothing"
            assert client.get("/readyz").status_code == 503
            page = client.get("/c/nothing")
            assert page.status_code == 503
            assert "Traceback" not in page.get_data(as_text=True)
            time.sleep(0.3)
        finally:
            postgresql.start()
        crashes += 1

    outcome = storm(app, start_zygote(MAIL_CONNECTIONS="3"), sink, seed=1, rows=120, kills=15, after=crash)
    assert outcome.problems == ()
    assert (outcome.rows, crashes) == (120, 3)
    assert app.test_client().get("/c/nothing").status_code == 404, "the web needs no restart"


def test_a_transaction_holds_the_file_from_its_first_line(app: Flask, database: Database) -> None:
    """Who enters waits for the lock there, so that a moment read inside is never as old as the wait; and gives it back
    when it comes out."""
    other = sqlite3.connect(urlsplit(database.url).path, timeout=0, isolation_level=None)
    with app.app_context():
        with transaction(), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")
        began = clock.now()
        waiter: list[dt.timedelta] = []

        def enter() -> None:
            with app.app_context(), transaction():
                waiter.append(clock.now() - began)

        thread = threading.Thread(target=enter)
        thread.start()
        time.sleep(0.5)
        other.execute("ROLLBACK")
        thread.join(15)
    other.close()
    assert waiter[0] >= dt.timedelta(seconds=0.5)


def test_sqlite_locked_for_ten_seconds(
    app: Flask, start_zygote: StartZygote, sink: FaultSink, database: Database
) -> None:
    """Another writer holds the file for ten seconds amid a run: who writes waits, a form's answer too, readers do not;
    all of it is sent, and none is taken for lost meanwhile, however long a server takes over its last word."""
    sink.slow = 2  # longer than it takes to sweep, to hold and to send again
    # Without those whose servers leave it open whether they took a mail: their mark is right.
    leaver, *readers = [one for one in addresses(60) if not one.startswith(("taken", "cutbody", "cutgo"))]
    campaign = invite(app, [leaver, *readers])
    tell(app, campaign, BEGAN, "News")
    now = BEGAN + dt.timedelta(hours=2)
    zygote = start_zygote(MAIL_CONNECTIONS="3", FAULTS_PACE="patient")
    zygote.ask("plan", now=now.isoformat())
    address = unsubscribe_address(app, leaver)
    running = [zygote.ask(role, now=now.isoformat())["pid"] for role in ("worker", "worker", "planner")]
    wait_until(lambda: sink.accepted, "the first mail")
    answers: list[tuple[int, float]] = []

    def leave() -> None:
        asked = time.monotonic()
        answers.append((app.test_client().post(address).status_code, time.monotonic() - asked))

    with held(database) as let_go:
        began = time.monotonic()
        leaving = threading.Thread(target=leave)
        leaving.start()
        assert app.test_client().get("/c/nothing").status_code == 404
        assert time.monotonic() - began < 5, "who only reads does not wait"
        time.sleep(max(0, began + 10 - time.monotonic()))
        assert not answers, "who writes waits"
        let_go()
    leaving.join(60)
    ((status, waited),) = answers
    # Of several who wait, SQLite lets whoever asks first: on a busy machine it may be too long, and is said in words.
    assert waited >= (10 if status == 200 else 15), f"answered {status} after {waited:.1f} s"
    assert app.test_client().post(address).status_code == 200
    with app.app_context():
        assert db.session.scalars(sa.select(Subscriber.ended_at).where(Subscriber.ended_at.is_not(None))).all()
    wait_until(lambda: settled(app), "the rest", seconds=60, every=0.2)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    recover(app, zygote, now)
    assert Verdict(app, sink, periods=1, readers=1 + len(readers)).problems == []
    assert not [state for state in states(app) if state.endswith("*")], "no sender was so late that its mail is marked"


def test_sqlite_locked_for_too_long(app: Flask, database: Database) -> None:
    """Who waited in vain is told so in words, and nothing of what they asked is done by half; asked again, it is."""
    with app.app_context():
        event.listen(db.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 200"))
        db.engine.dispose()
    app.config["PROPAGATE_EXCEPTIONS"] = False
    invite(app, ["fine-1@example.org"])
    address = unsubscribe_address(app, "fine-1@example.org")
    client = app.test_client()
    with held(database):
        page = client.post(address)
        assert page.status_code == 503
        words = page.get_data(as_text=True)
        assert "What was saved before is safe." in words and "Traceback" not in words
    with app.app_context():
        assert db.session.scalars(sa.select(Subscriber.ended_at)).one() is None
    assert client.post(address).status_code == 200


def unsubscribe_address(app: Flask, of: str) -> str:
    """The path of somebody's one-click link."""
    with app.app_context():
        found = sa.select(Subscriber).join(Account, Account.id == Subscriber.account_id).where(Account.email == of)
        return f"/u/{token(db.session.scalars(found).one(), UNSUBSCRIBE)}"


@contextmanager
def held(database: Database) -> Iterator[Callable[[], None]]:
    """Another writer holds the file until the end, or until it is told to let go."""
    other = sqlite3.connect(urlsplit(database.url).path, timeout=15, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield lambda: other.execute("ROLLBACK") and None
    finally:
        other.close()
