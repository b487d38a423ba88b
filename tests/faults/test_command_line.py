"""`tracker digest run` is told to stop: as with a worker, nothing that it claimed waits for the end of its lease."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from flask import Flask

from tests.faults.conftest import environ_of
from tests.faults.sink import FaultSink
from tests.faults.world import Verdict, due_now, mails, tell
from tests.support.databases import Database
from tests.support.processes import start, wait_until
from tracker import clock
from tracker.digests import running
from tracker.mail.models import EmailState
from tracker.operations.processes import ROOT, tracker
from tracker.operations.supervisor import GRACE_SECONDS

pytestmark = pytest.mark.timeout(200)
# Two leave at once: a server took one and says nothing, and says nothing of the receiver of another. The others wait.
WAYS = ("thinks", "mute", *["fine"] * 6)
TAKEN = "thinks-run-0@example.org"
BACK = (EmailState.PENDING, 0, False)


@pytest.fixture
def run(app: Flask, sink: FaultSink, database: Database, instance: Path) -> subprocess.Popen[bytes]:
    """The command, in the middle of its work."""
    began, campaign = due_now(app, [f"{way}-run-{number}@example.org" for number, way in enumerate(WAYS)])
    tell(app, campaign, began, "News")
    variables = {**os.environ, **environ_of(database, instance, sink), "MAIL_CONNECTIONS": "2"}
    process = start(tracker(None, "digest", "run"), log=instance / "run.log", env=variables, cwd=ROOT)
    wait_until(lambda: len(sink.held) >= 2, "two mails to be held", seconds=90)
    return process


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop(
    app: Flask, run: subprocess.Popen[bytes], sink: FaultSink, instance: Path, how: signal.Signals
) -> None:
    """What was not begun, or of which a server says nothing, is handed back untried while it waits for the last word of
    the server that took a mail. Run again, the others leave, each once."""
    run.send_signal(how)

    def are_back() -> bool:
        found = mails(app, "run")
        return found.pop(TAKEN) and set(found.values()) == {BACK}

    wait_until(are_back, "the others to be handed back", seconds=GRACE_SECONDS)
    assert run.poll() is None, "it waits for the last word"
    sink.gates["thinks"].set()
    assert run.wait(GRACE_SECONDS) == 128 + how
    assert mails(app, "run")[TAKEN] == (EmailState.SENT, 1, False)
    said = (instance / "run.log").read_text()
    assert "Stopping: what is claimed is handed back." in said and "Stopped; what is left waits." in said
    sink.gates["mute"].set()
    with app.app_context():
        running.run(clock.now())
    assert Verdict(app, sink, periods=1, readers=len(WAYS)).problems == []
    assert not any(mark for _state, _attempts, mark in mails(app, "run").values())


def test_told_twice(app: Flask, run: subprocess.Popen[bytes], instance: Path) -> None:
    """It waits for nobody; even so it hands back what surely did not leave, and says nothing of what may have."""
    run.send_signal(signal.SIGINT)
    wait_until(lambda: "Stopping" in (instance / "run.log").read_text(), "it to hear", seconds=20, every=0.01)
    run.send_signal(signal.SIGINT)
    assert run.wait(GRACE_SECONDS) == 1
    found = mails(app, "run")
    assert found.pop(TAKEN) == (EmailState.TRANSMIT, 1, False)
    assert set(found.values()) == {BACK}
    assert "Aborted!" in (instance / "run.log").read_text()
