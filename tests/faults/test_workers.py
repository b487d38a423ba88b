"""The worker as `tracker up` starts it, ended in the middle of its work: one of its processes composes; the other has a
mail that a server took without saying so, one of which a server was told no more than the receiver, and several that
are claimed and not begun."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from tests.conftest import MakeApp
from tests.faults.sink import FaultSink
from tests.faults.world import DAY, HOUR, Verdict, due_now, mails, moved_on, tell
from tests.support.databases import Database
from tests.support.processes import wait_until
from tests.support.valkey import Valkey
from tracker import clock
from tracker.accounts.models import Account
from tracker.db import db, transaction
from tracker.digests import planning, running
from tracker.digests.models import Digest, DigestItem, DigestState, Subscriber
from tracker.jobs import SWEEP, nudge
from tracker.mail.models import Email, EmailState
from tracker.operations.supervisor import GRACE_SECONDS, Part

pytestmark = [pytest.mark.each_database, pytest.mark.timeout(300)]
# Two are carried at once; what the server thinks about for long makes room for another mute one. The others wait.
WAYS = ("thinks", "mute", "mute", *["fine"] * 7)
# PostgreSQL is stopped while it composes by a lock. SQLite takes a moment over so many readers and news.
READERS, NEWS = {"sqlite": 60, "postgresql": 6}, {"sqlite": 900, "postgresql": 1}


@pytest.fixture
def app(make_app: MakeApp, sink: FaultSink, valkey: Valkey) -> Flask:
    return make_app(MAIL_URL=sink.url, MAIL_ALLOW="*", REDIS_URL=valkey.url)


def test_ended_in_the_middle(app: Flask, worker: Part, sink: FaultSink, database: Database, instance: Path) -> None:
    """SIGKILL loses nothing, and only what the server had in hand comes a second time, with its mark. SIGTERM lets the
    server's last word be heard, hands back all else untried, and is obeyed before the supervisor ends it by force."""
    log, kind = instance / "worker.log", database.kind
    readers = len(WAYS) + READERS[kind]
    worker.start(log)
    with amid(app, sink, database, "killed"):
        worker.end_group(signal.SIGKILL)
    assert worker.process is not None and worker.process.wait(10) == -signal.SIGKILL
    found = mails(app, "killed")
    assert found["thinks-killed-0@example.org"] == (EmailState.TRANSMIT, 1, False)
    assert found["mute-killed-1@example.org"] == (EmailState.CLAIMED, 1, False)
    assert half_composed(app, "late-killed") == []
    for gate in sink.gates.values():
        gate.set()
    with app.app_context(), transaction():  # nobody is left who could hold them
        db.session.execute(sa.update(Email).where(Email.lease_until.is_not(None)).values(lease_until=clock.now()))
    worker.start(log)
    with app.app_context():
        nudge(SWEEP)
    wait_until(lambda: moved_on(app), "what was left to be sent", seconds=150, every=0.5)
    assert Verdict(app, sink, periods=1, readers=readers).problems == []
    marked = {address for address, (_state, _attempts, mark) in mails(app, "killed").items() if mark}
    assert marked == {"thinks-killed-0@example.org"}

    with amid(app, sink, database, "ended"):
        worker.terminate()
        began = time.monotonic()
    sink.gates["thinks"].set()
    assert worker.process.wait(GRACE_SECONDS) == 0
    print(f"ended after {time.monotonic() - began:.1f} s")
    found = mails(app, "ended")
    assert found.pop("thinks-ended-0@example.org") == (EmailState.SENT, 1, False)
    assert set(found.values()) == {(EmailState.PENDING, 0, False)}
    assert half_composed(app, "late-ended") == []
    sink.gates["mute"].set()
    with app.app_context():
        running.run(clock.now())
    assert Verdict(app, sink, periods=1, readers=2 * readers).problems == []
    assert not [address for address, (_state, _attempts, mark) in mails(app, "ended").items() if mark]


@contextlib.contextmanager
def amid(app: Flask, sink: FaultSink, database: Database, name: str) -> Iterator[None]:
    """Two processes of the worker are in the middle of both of their tasks."""
    for gate in sink.gates.values():
        gate.clear()
    sink.held.clear()
    readers, news = READERS[database.kind], NEWS[database.kind]
    began, campaign = due_now(app, [f"fine-late-{name}-{number}@example.org" for number in range(readers)])
    tell(app, campaign, began, *(f"{number}. of {name}" for number in range(news)))
    of_them = sa.update(Subscriber).where(Subscriber.id.in_(subscribers(f"-late-{name}-")))
    with app.app_context(), transaction():
        db.session.execute(of_them.values(next_due_at=began + DAY))  # not yet
    began, campaign = due_now(app, [f"{way}-{name}-{number}@example.org" for number, way in enumerate(WAYS)])
    tell(app, campaign, began, f"News of {name}")
    with app.app_context():
        nudge(SWEEP)
    wait_until(lambda: len(sink.held) >= 2, "two mails to be held", seconds=120)
    with app.app_context(), transaction():
        db.session.execute(of_them.values(next_due_at=began + HOUR))
        planning.plan(clock.now())
    with composing(app, database):
        yield


@contextlib.contextmanager
def composing(app: Flask, database: Database) -> Iterator[None]:
    """Somebody else is in the middle of a transaction that composes."""
    if database.kind == "postgresql":
        with psycopg.connect(database.url.replace("+psycopg", "")) as other:
            other.execute("LOCK TABLE digest_item IN SHARE MODE")  # who tells an entry waits
            waiters = "SELECT 1 FROM pg_locks WHERE relation = 'digest_item'::regclass AND NOT granted"
            with app.app_context():
                nudge(SWEEP)
            wait_until(lambda: other.execute(waiters).fetchone(), "digests to be composed", seconds=45)
            yield
            other.rollback()
        return
    other_one = sqlite3.connect(urlsplit(database.url).path, timeout=0, isolation_level=None)
    with app.app_context():
        nudge(SWEEP)
    held = 0

    def is_held_long() -> bool:
        nonlocal held
        try:
            other_one.execute("BEGIN IMMEDIATE")
            other_one.execute("ROLLBACK")
            held = 0
        except sqlite3.OperationalError:
            held += 1
        return held > 15

    wait_until(is_held_long, "digests to be composed", seconds=45, every=0.005)
    yield
    other_one.close()


def subscribers(name: str) -> sa.Select[int]:
    """The readers whose address has this in it."""
    return (
        sa.select(Subscriber.id).join(Account, Subscriber.account_id == Account.id).where(Account.email.contains(name))
    )


def half_composed(app: Flask, name: str) -> list[tuple[str, DigestState]]:
    """Digests of a run that are due and tell something, or are ready and tell nothing or have no mail."""
    told = sa.select(sa.func.count()).where(
        DigestItem.digest_id == Digest.id, DigestItem.subscriber_id == Digest.subscriber_id
    )
    with app.app_context():
        rows = db.session.execute(
            sa.select(Account.email, Digest.state, Digest.email_id, told.scalar_subquery())
            .join(Subscriber, Subscriber.account_id == Account.id)
            .join(Digest, Digest.subscriber_id == Subscriber.id)
            .where(Account.email.contains(f"-{name}-"))
        ).all()
    assert rows
    return [
        (address, state)
        for address, state, email_id, count in rows
        if (state is DigestState.DUE) != (email_id is None) or (state is DigestState.DUE) != (count == 0)
    ]
