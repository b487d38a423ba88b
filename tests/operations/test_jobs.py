"""A nudge is a hint: quick when the broker is there, nothing at all when it is not."""

from __future__ import annotations

import json
import socket
import time

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.support.processes import wait_until
from tests.support.valkey import Valkey
from tracker.jobs import BROKER_OPTIONS, NUDGE_OPTIONS, QUEUE, SWEEP, nudge

LIST = f"{BROKER_OPTIONS['global_keyprefix']}{QUEUE}"


def messages(valkey: Valkey) -> list[dict[str, object]]:
    """What waits in the queue."""
    waiting = valkey.client().lrange(LIST, 0, -1)
    return [json.loads(text) for text in waiting]  # type: ignore[union-attr]


def test_a_nudge_reaches_the_queue(make_app: MakeApp, valkey: Valkey) -> None:
    """After the nudge a message with the job's name waits for a worker; it carries nothing else and expires."""
    app = make_app(REDIS_URL=valkey.url)
    with app.app_context():
        nudge(SWEEP)
    (message,) = wait_until(lambda: messages(valkey), "the message")
    headers = message["headers"]
    assert isinstance(headers, dict)
    assert headers["task"] == SWEEP
    assert headers["expires"]
    assert headers["argsrepr"] == "()"
    assert headers["kwargsrepr"] == "{}"


def test_many_nudges_are_few_messages(make_app: MakeApp, valkey: Valkey) -> None:
    """A burst of changes does not become a burst of messages."""
    app = make_app(REDIS_URL=valkey.url)
    with app.app_context():
        for _ in range(500):
            nudge(SWEEP)
    wait_until(lambda: messages(valkey) and not app.extensions["nudger"]._busy, "the messages")
    assert len(messages(valkey)) < 250


def hang() -> tuple[socket.socket, str]:
    """A server that takes connections and never says a word."""
    server = socket.create_server(("127.0.0.1", 0), backlog=64)
    return server, f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.mark.parametrize("broker", ["refuses", "hangs"])
def test_nobody_waits_for_a_broker(make_app: MakeApp, broker: str, caplog: pytest.LogCaptureFixture) -> None:
    """A hundred nudges take no time, whether the broker refuses or answers nothing; the losses are counted and said
    once, without a word of what it was about."""
    server, url = hang()
    if broker == "refuses":
        server.close()
    app: Flask = make_app(REDIS_URL=url)
    with app.app_context():
        began = time.monotonic()
        for _ in range(100):
            nudge(SWEEP)
        took = time.monotonic() - began
    wait_until(lambda: app.extensions["nudger"].lost and not app.extensions["nudger"]._busy, "the loss", seconds=30)
    server.close()
    assert took < NUDGE_OPTIONS["socket_timeout"]  # a hundred nudges: less than one wait for an answer
    said = [record.getMessage() for record in caplog.records if record.name == "tracker.jobs"]
    assert len(said) == 1
    assert "the sweep will do" in said[0]


def test_the_broker_may_come_back(make_app: MakeApp, valkey: Valkey) -> None:
    """After a broker was gone, the next nudge reaches it again."""
    app = make_app(REDIS_URL=valkey.url)
    with app.app_context():
        nudge(SWEEP)
        wait_until(lambda: messages(valkey), "the first message")
        valkey.kill()
        nudge(SWEEP)
        wait_until(lambda: app.extensions["nudger"].lost and not app.extensions["nudger"]._busy, "the loss", seconds=30)
        valkey.start()
        nudge(SWEEP)
    wait_until(lambda: messages(valkey), "the message after the restart")
