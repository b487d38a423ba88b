"""A database that goes away for a moment, in the middle of everything."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sqlite3
import threading
import time
from urllib.parse import urlsplit

import psycopg
import pytest
from flask import Flask
from psycopg import sql

from tests.faults.conftest import StartZygote
from tests.faults.sink import FaultSink
from tests.faults.storm import addresses, storm
from tests.faults.world import BEGAN, Verdict, invite, recover, settled, tell
from tests.support.databases import Database
from tests.support.postgresql import PostgreSQL
from tests.support.processes import wait_until
from tracker import clock
from tracker.db import transaction

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
            assert client.get("/healthz").status_code == 503
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
    """Another writer holds the file for ten seconds amid a run: workers wait, readers do not, and all of it is sent."""
    readers = [one for one in addresses(60) if not one.startswith("taken")]
    campaign = invite(app, readers)
    tell(app, campaign, "News", BEGAN)
    now = BEGAN + dt.timedelta(hours=2)
    zygote = start_zygote(MAIL_CONNECTIONS="3", FAULTS_PACE="patient")
    zygote.ask("plan", now=now.isoformat())
    running = [zygote.ask(role, now=now.isoformat())["pid"] for role in ("worker", "worker", "planner")]
    wait_until(lambda: sink.accepted, "the first mail")
    held, began = threading.Event(), time.monotonic()

    def hold() -> None:
        other = sqlite3.connect(urlsplit(database.url).path, timeout=15, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        held.set()
        time.sleep(10)
        other.execute("ROLLBACK")
        other.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(15)
    asked = time.monotonic()
    assert app.test_client().get("/c/nothing").status_code == 404
    assert time.monotonic() - asked < 5, "who only reads does not wait"
    holder.join()
    assert time.monotonic() - began > 10
    wait_until(lambda: settled(app), "the rest", seconds=60, every=0.2)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    recover(app, zygote, now)
    verdict = Verdict(app, sink, periods=1, readers=len(readers))
    assert verdict.problems == []
    assert verdict.marked == 0, "no sender was so late that its mail had to go twice"
