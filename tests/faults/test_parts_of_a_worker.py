"""A real worker of which a part dies, or that is told to stop while a mail server owes it the last word for ever."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
from flask import Flask

from tests.conftest import MakeApp
from tests.faults.sink import FaultSink
from tests.faults.world import Verdict, due_now, mails, moved_on, tell
from tests.support.processes import wait_until
from tests.support.valkey import Valkey
from tracker import clock
from tracker.db import db, transaction
from tracker.digests import running
from tracker.jobs import SEND_MAIL, SWEEP, nudge
from tracker.mail.models import Email, EmailState
from tracker.operations.supervisor import GRACE_SECONDS, Part

pytestmark = pytest.mark.timeout(300)
# One of its processes sends, two at once: to a server that took the mail and says nothing, and to one that says nothing
# of the receiver. The others wait.
WAYS = ("thinks", "mute", *["fine"] * 6)


@pytest.fixture
def app(make_app: MakeApp, sink: FaultSink, valkey: Valkey) -> Flask:
    return make_app(MAIL_URL=sink.url, MAIL_ALLOW="*", REDIS_URL=valkey.url)


def begin(app: Flask, sink: FaultSink, name: str) -> None:
    """Let the worker come to where two mails are held."""
    began, campaign = due_now(app, [f"{way}-{name}-{number}@example.org" for number, way in enumerate(WAYS)])
    tell(app, campaign, began, f"News of {name}")
    with app.app_context():
        nudge(SWEEP)
    wait_until(lambda: len(sink.held) >= 2, "two mails to be held", seconds=120)


def children(worker: Part) -> list[psutil.Process]:
    assert worker.process is not None
    return psutil.Process(worker.process.pid).children()


def is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def sending(worker: Part, sink: FaultSink) -> psutil.Process:
    """Which of its processes talks to the mail server."""
    (found,) = [
        one
        for one in children(worker)
        if sink.port in {way.raddr.port for way in one.net_connections("tcp") if way.raddr}
    ]
    return found


def go_on(app: Flask, sink: FaultSink) -> None:
    """The servers answer again, and the leases of whoever is dead are over."""
    for gate in sink.gates.values():
        gate.set()
    with app.app_context(), transaction():
        db.session.execute(sa.update(Email).where(Email.lease_until.is_not(None)).values(lease_until=clock.now()))


def all_is_settled(app: Flask) -> bool:
    """Do what the beat does each minute; whether nothing waits any longer."""
    with app.app_context():
        nudge(SWEEP)
        nudge(SEND_MAIL)
    return moved_on(app)


def marked(app: Flask, name: str) -> set[str]:
    return {address for address, (_state, _attempts, mark) in mails(app, name).items() if mark}


def test_told_to_stop_while_a_server_is_silent(app: Flask, worker: Part, sink: FaultSink, instance: Path) -> None:
    """The mail whose last bytes left stays as it is; the others are handed back at once, and the worker ends before the
    supervisor, systemd or Docker would end it. Nobody sends that mail again before its half hour is over."""
    worker.start(instance / "worker.log")
    begin(app, sink, "silent")
    worker.terminate()
    silent = "thinks-silent-0@example.org"

    def are_back() -> bool:
        found = mails(app, "silent")
        return found.pop(silent) and set(found.values()) == {(EmailState.PENDING, 0, False)}

    wait_until(are_back, "the others to be handed back", seconds=GRACE_SECONDS)
    assert worker.is_running, "it waits for the last word"
    assert worker.process is not None and worker.process.wait(GRACE_SECONDS) == 0
    assert mails(app, "silent")[silent] == (EmailState.TRANSMIT, 1, False)

    sink.gates["mute"].set()
    with app.app_context():
        running.run(clock.now())
    assert {state for state, _attempts, _mark in mails(app, "silent").values()} == {
        EmailState.SENT, EmailState.TRANSMIT,
    }  # fmt: skip
    with app.app_context(), transaction():
        db.session.execute(sa.update(Email).where(Email.lease_until.is_not(None)).values(lease_until=clock.now()))
    with app.app_context():
        running.run(clock.now())
    assert mails(app, "silent")[silent] == (EmailState.UNKNOWN, 1, False)
    assert set(sink.copies[silent].values()) == {1}
    sink.gates["thinks"].set()
    with app.app_context():
        moved_on(app)
        running.run(clock.now())
    assert Verdict(app, sink, periods=1, readers=len(WAYS)).problems == []
    assert set(sink.copies[silent].values()) == {2} and marked(app, "silent") == {silent}


def test_one_of_its_processes_is_killed(app: Flask, worker: Part, sink: FaultSink, instance: Path) -> None:
    """By SIGKILL, as when the memory is used up: another takes its place, and the same worker sends what is left."""
    worker.start(instance / "worker.log")
    begin(app, sink, "child")
    victim = sending(worker, sink)
    victim.kill()
    wait_until(lambda: not is_alive(victim) and len(children(worker)) == 2, "another process", seconds=60)
    assert sorted(set(mails(app, "child").values())) == [
        (EmailState.CLAIMED, 1, False),
        (EmailState.TRANSMIT, 1, False),
    ]
    go_on(app, sink)
    wait_until(lambda: all_is_settled(app), "what was left to be sent", seconds=150, every=2)
    assert worker.is_running
    assert Verdict(app, sink, periods=1, readers=len(WAYS)).problems == []
    assert marked(app, "child") == {"thinks-child-0@example.org"}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere what the first process leaves ends with its work")
def test_its_first_process_is_killed_alone(app: Flask, worker: Part, sink: FaultSink, instance: Path) -> None:
    """By SIGKILL: none that it leaves behind works on unseen, and the next worker sends what is left."""
    worker.start(instance / "worker.log")
    begin(app, sink, "first")
    left = children(worker)
    assert worker.process is not None and len(left) == 2
    worker.process.kill()
    worker.process.wait(10)
    wait_until(lambda: not any(is_alive(one) for one in left), "its processes to end", seconds=60)
    worker.start(instance / "worker.log")
    go_on(app, sink)
    wait_until(lambda: all_is_settled(app), "what was left to be sent", seconds=150, every=2)
    assert Verdict(app, sink, periods=1, readers=len(WAYS)).problems == []
    assert marked(app, "first") == {"thinks-first-0@example.org"}
