"""Sending by HTTPS: the same bytes, and an honest word for each way it can end."""

from __future__ import annotations

import base64
import datetime as dt
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from tests.conftest import MakeApp
from tests.mail.conftest import Put
from tests.support.certificates import Authority
from tests.support.mail_api import MailApi
from tests.support.processes import wait_until
from tracker import clock
from tracker.config import Durations
from tracker.db import db, transaction
from tracker.mail import repairing, sender
from tracker.mail.letter import letter
from tracker.mail.models import Email, EmailState

NOW = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)
QUICK = replace(Durations(), smtp_connect=dt.timedelta(seconds=5), smtp_command=dt.timedelta(seconds=2))


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


@pytest.fixture
def api(authority: Authority) -> Iterator[MailApi]:
    server = MailApi(authority.server())
    yield server
    server.close()


@pytest.fixture
def sending(make_app: MakeApp, api: MailApi) -> Flask:
    return make_app(
        MAIL_URL=api.url, MAIL_ALLOW="*", MAIL_FROM="Us <u@example.org>", MAIL_CONNECTIONS="1", durations=QUICK
    )


def row(number: int) -> Email:
    db.session.rollback()
    return db.session.get_one(Email, number)


def test_the_very_bytes_are_handed_over(sending: Flask, api: MailApi, put: Put) -> None:
    """The API gets the letter as it would leave by SMTP, its receiver, our key, and a no to every kind of tracking;
    several letters share a connection."""
    with sending.app_context():
        numbers = [put(f"{name}@example.org") for name in "abc"]
        letters = [letter(row(number)) for number in numbers]
        assert sender.send_due() == {"sent": 3}
        assert (row(numbers[0]).smtp_code, row(numbers[0]).answer) == (250, "HTTP 200: Queued. Thank you.")
    assert api.connections == 1
    for request, sent in zip(api.requests, letters, strict=True):
        assert sent is not None
        assert request.path == "/v3/example.org/messages.mime"
        assert request.headers["authorization"] == "Basic " + base64.b64encode(b"api:key-of-a-test").decode()
        assert request.fields["message"] == sent.data
        assert request.fields["to"].decode() == sent.to
        assert {request.fields[f"o:tracking{kind}"] for kind in ("", "-clicks", "-opens")} == {b"no"}


@pytest.mark.parametrize(
    ("status", "expected", "state"),
    [
        (202, "sent", EmailState.SENT),
        (400, "failed", EmailState.FAILED),
        (413, "failed", EmailState.FAILED),
        (401, "pending", EmailState.PENDING),
        (402, "pending", EmailState.PENDING),
        (403, "pending", EmailState.PENDING),
        (404, "pending", EmailState.PENDING),
        (429, "pending", EmailState.PENDING),
        (301, "pending", EmailState.PENDING),
        (408, "pending", EmailState.PENDING),
        (500, "pending", EmailState.PENDING),
        (503, "pending", EmailState.PENDING),
        (502, "unknown", EmailState.UNKNOWN),
        (504, "unknown", EmailState.UNKNOWN),
        (599, "unknown", EmailState.UNKNOWN),
    ],
)
def test_each_answer_has_its_meaning(
    sending: Flask, api: MailApi, put: Put, status: int, expected: str, state: EmailState
) -> None:
    """Taken; refused for good; not now, since of us or of them; and a gateway that cannot tell."""
    api.answer = (status, '{"message": "to <a@example.org> is what it is about"}')
    with sending.app_context():
        number = put()
        assert sender.send_due() == {expected: 1}
        email = row(number)
        assert email.state is state
        assert "a@example.org" not in (email.answer or "")
        assert email.ambiguous is False


def test_what_is_wrong_with_us_costs_one_attempt(sending: Flask, api: MailApi, put: Put) -> None:
    """A key that is not accepted blames no letter: one waits by its ladder, the others keep theirs."""
    api.answer = (401, "Forbidden")
    with sending.app_context():
        numbers = [put(f"{number}@example.org") for number in range(3)]
        assert sender.send_due() == {"pending": 1}
        assert sorted(row(number).attempts for number in numbers) == [0, 0, 1]
        assert any("does not accept our key" in (row(number).answer or "") for number in numbers)


@pytest.mark.parametrize(("fault", "size"), [("headers", 8_000_000), ("headers", 10), ("body", 10)])
def test_cut_before_the_last_bytes(sending: Flask, api: MailApi, put: Put, fault: str, size: int) -> None:
    """A request that was never whole was surely not taken, up to where our last bytes are on their way."""
    api.fault = fault
    with sending.app_context():
        number = put(text="x" * size)
        counts = sender.send_due()
        # Like SMTP's final dot: once they are on their way, nobody can tell that the API did not hear them.
        assert counts == {"pending": 1} or (counts == {"unknown": 1} and size == 10)
        assert row(number).ambiguous is False
    assert api.requests == []


@pytest.mark.parametrize("fault", ["dropped", "silent"])
def test_no_answer_after_the_last_bytes(sending: Flask, api: MailApi, put: Put, fault: str) -> None:
    """Taken and then silence, or a lost connection: unknown for half an hour, then once more, marked, as it was."""
    api.fault = fault
    with sending.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        number = put()
        assert sender.send_due() == {"unknown": 1}
        traveller.shift(dt.timedelta(minutes=30))
        api.fault = ""
        with transaction():
            repairing.free_lost_claims(now=clock.now())
        assert sender.send_due() == {"sent": 1}
        assert row(number).ambiguous
    first, second = api.requests
    assert first.fields["message"] == second.fields["message"]


def test_an_early_no_is_heard(sending: Flask, api: MailApi, put: Put) -> None:
    """An API that refuses before it has read everything is believed, and nothing is unknown."""
    api.fault, api.answer = "early", (413, '{"message": "too large"}')
    with sending.app_context():
        number = put(text="x" * 3_000_000)
        assert sender.send_due() == {"failed": 1}
        assert row(number).answer == "HTTP 413: too large"


def test_a_connection_that_was_closed_meanwhile_costs_nothing(sending: Flask, api: MailApi, put: Put) -> None:
    """An API that closes after each answer gets a new connection for the next, and no attempt is lost."""
    api.keep_alive = False
    with sending.app_context():
        numbers = [put(f"{number}@example.org") for number in range(3)]
        assert sender.send_due() == {"sent": 3}
        assert {row(number).attempts for number in numbers} == {1}
    assert api.connections == 3


def test_a_lost_lease_sends_nothing(sending: Flask, api: MailApi, put: Put) -> None:
    """Whoever lost the claim before the last bytes hangs up; the API has no whole request."""
    from tracker.mail.transport import LeaseLost, transport

    with sending.app_context():
        found = letter(row(put()))
        assert found is not None
        config = sending.extensions["config"]
        with transport(config.mail, QUICK, name="x") as carrier, pytest.raises(LeaseLost):
            carrier.deliver(found, lambda: False)
    wait_until(lambda: api.ended == 1, "the API to have read to the end")
    assert api.requests == []


def test_only_a_trusted_api_gets_our_key(
    make_app: MakeApp, authority: Authority, put: Put, caplog: pytest.LogCaptureFixture
) -> None:
    """A certificate for another name: nothing is sent, mail waits, and no log has the key."""
    server = MailApi(authority.server("elsewhere.example.org"))
    app = make_app(MAIL_URL=server.url, MAIL_ALLOW="*", durations=QUICK)
    caplog.set_level(logging.DEBUG)
    with app.app_context():
        number = put()
        assert sender.send_due() == {"pending": 1}
        assert "certificate cannot be trusted" in (row(number).answer or "")
        assert "key-of-a-test" not in repr(app.extensions["config"])
    server.close()
    assert server.requests == []
    assert "key-of-a-test" not in caplog.text
