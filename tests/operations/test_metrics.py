"""Numbers for Prometheus: of mails, digests, ages, on a port of their own."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.support.accounts import make_account
from tracker import clock
from tracker.accounts.models import Account
from tracker.config import Config, ConfigError
from tracker.db import db, transaction
from tracker.instance import SENDING_PAUSED, beat, remember
from tracker.mail.models import EmailKind
from tracker.mail.outbox import put
from tracker.mail.render import render
from tracker.operations import metrics
from tracker.operations.edge import Refusal
from tracker.operations.up import parts


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    with metrics.server(app, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join()


def ask(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    found = connection.getresponse()
    words = found.read().decode()
    connection.close()
    return found.status, words


@pytest.mark.each_database
def test_what_is_counted(app: Flask, port: int) -> None:
    """Every state has its number, zero too; ages and the pause are there; nothing is about anybody."""
    account = make_account(app, name="Ada")
    with app.app_context(), transaction():
        found = db.session.get_one(Account, account)
        put(render("test", locale="en"), to=found.email, kind=EmailKind.TEST, now=clock.now())
        remember(SENDING_PAUSED, "A secret reason", now=clock.now())
        beat("worker", now=clock.now(), started_at=clock.now())
    status, words = ask(port, "/metrics")
    assert status == 200
    lines = words.splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert values['undersigned_mails{state="pending"}'] == "1"
    assert values['undersigned_mails{state="sent"}'] == "0"
    assert values['undersigned_digests{state="unknown"}'] == "0"
    assert values['undersigned_overdue{what="mail"}'] == "0"
    assert values["undersigned_sending_paused"] == "1"
    assert values["undersigned_suppressed_addresses"] == "0"
    assert 0 <= float(values["undersigned_oldest_waiting_seconds"]) < 60
    assert 'undersigned_heartbeat_age_seconds{part="worker"}' in values
    assert 'undersigned_heartbeat_age_seconds{part="beat"}' not in values
    names = {name.partition("{")[0] for name in values}
    assert names == {line.split()[2] for line in lines if line.startswith("# TYPE")}
    assert "@" not in words and "secret" not in words
    assert ask(port, "/")[0] == 404


def test_large_numbers_are_whole() -> None:
    """A year of a large list is millions of mails: not rounded to six digits."""
    assert metrics._gauge("mails", "Mails.", {"sent": 12_345_678}, "state").endswith('{state="sent"} 12345678\n')
    assert metrics._gauge("oldest_waiting_seconds", "Age.", 1_234_567.25).endswith(" 1234567.25\n")


def test_a_part_of_its_own(make_app: MakeApp, port: int) -> None:
    """Off unless METRICS_PORT is set; then `tracker up` runs it; the port of the pages is refused."""
    config: Config = make_app().extensions["config"]
    assert "metrics" not in [part.name for part in parts(config, 3)]
    config = make_app(METRICS_PORT="9464").extensions["config"]
    assert config.metrics_port == 9464
    assert "metrics" in [part.name for part in parts(config, 3)]
    with pytest.raises(ConfigError, match="METRICS_PORT"):
        make_app(PORT="8000", METRICS_PORT="8000")
    with pytest.raises(Refusal, match="cannot be listened on"):
        metrics.server(make_app(), "127.0.0.1", port)
