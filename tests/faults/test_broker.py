"""The broker is only a hint: emptied, killed, or silent while digests are due, it costs time and nothing else."""

from __future__ import annotations

import time

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.faults.parts import Parts
from tests.faults.proxy import Way
from tests.faults.sink import FaultSink
from tests.faults.world import Verdict, due_now, settled, tell
from tests.faults.zygote import QUICK
from tests.support.valkey import Valkey
from tracker import clock
from tracker.db import transaction
from tracker.jobs import SEND_MAIL, nudge
from tracker.mail import outbox
from tracker.mail.models import EmailKind
from tracker.mail.render import render

pytestmark = [pytest.mark.each_database, pytest.mark.timeout(400)]  # on machines that do other things besides
READERS = 12


@pytest.fixture
def app(make_app: MakeApp, sink: FaultSink, broker_url: str) -> Flask:
    return make_app(durations=QUICK, MAIL_URL=sink.url, MAIL_ALLOW="*", REDIS_URL=broker_url)


def digest_run(app: Flask, name: str, count: int = READERS) -> None:
    """So many readers whose digest is due now, every fourth of whom takes a moment to write to."""
    addresses = [f"{'fine' if n % 4 else 'slow'}-{name}-{n}@example.org" for n in range(count)]
    began, campaign = due_now(app, addresses)
    tell(app, campaign, began, f"News of {name}")


def put_unsaid(app: Flask, name: str) -> str:
    """A mail of which no worker is told; whom it is to."""
    to = f"fine-unsaid-{name}@example.org"
    with app.app_context(), transaction():
        outbox.put(render("test", locale="en"), to=to, kind=EmailKind.TEST, now=clock.now())
    return to


def test_the_broker_is_only_a_hint(app: Flask, valkey: Valkey, way: Way, parts: Parts, sink: FaultSink) -> None:
    """Emptied, killed and started, or accepting without ever answering, each amid a run: all of it is sent soon after,
    once, also a mail whose nudge was lost, and meanwhile pages are served and forms taken at once."""
    for _worker in range(2):
        parts.start("celery")
    parts.start("beat")
    readers = 0

    def amid(name: str) -> None:
        nonlocal readers
        digest_run(app, name)
        readers += READERS
        before = len(sink.accepted)
        parts.bring_about(lambda: len(sink.accepted) > before, f"the first mail of the run {name}", seconds=60)

    def comes_right(name: str, unsaid: str) -> None:
        parts.bring_about(lambda: settled(app), f"the run {name} to be over", seconds=90)
        taken = [one for one in sink.accepted if one[0] == unsaid]
        assert len(taken) == 1
        sink.accepted.remove(taken[0])
        assert Verdict(app, sink, periods=1, readers=readers).problems == []

    def web_answers() -> None:
        client = app.test_client()
        # That they wait for nothing is shown by test_black_holes.py, whatever else the machine does.
        with app.app_context():
            nudge(SEND_MAIL)
        assert client.get("/login").status_code == 200
        assert client.post("/login", data={"email": "fine-1@example.org", "password": "wrong"}).status_code < 500

    amid("emptied")
    valkey.empty()
    comes_right("emptied", put_unsaid(app, "emptied"))

    amid("killed")
    valkey.kill()
    web_answers()
    unsaid = put_unsaid(app, "killed")
    time.sleep(2)
    valkey.start()
    comes_right("killed", unsaid)

    amid("silent")
    way.silence()
    web_answers()
    unsaid = put_unsaid(app, "silent")
    time.sleep(5)  # longer than workers and beat wait for an answer
    web_answers()
    way.speak()
    comes_right("silent", unsaid)
