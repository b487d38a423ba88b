"""Broker and mail server take connections and never say a word: people who use the pages notice nothing."""

from __future__ import annotations

import datetime as dt
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tests.support.accounts import SignedIn
from tests.support.pages import visit
from tests.support.processes import free_port, wait_until
from tracker import clock
from tracker.accounts.models import Role
from tracker.campaigns.models import Campaign
from tracker.config import Durations
from tracker.db import db, transaction
from tracker.jobs import NUDGE_OPTIONS
from tracker.mail import outbox, sender
from tracker.mail.models import Email, EmailKind, EmailState
from tracker.mail.render import render

pytestmark = pytest.mark.each_database


LONG = 60  # seconds
Holes = tuple[socket.socket, socket.socket]


@pytest.fixture
def holes() -> Iterator[Holes]:
    """Two servers on the loopback that listen and never answer: the broker's and the mail's."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=64) as broker,
        socket.create_server(("127.0.0.1", 0), backlog=64) as mail,
    ):
        yield broker, mail


@pytest.fixture
def app(make_app: MakeApp, holes: Holes, monkeypatch: pytest.MonkeyPatch) -> Flask:
    broker, mail = (server.getsockname()[1] for server in holes)
    # Both are waited for so long that whoever waits is found out, however slow the machine.
    monkeypatch.setitem(NUDGE_OPTIONS, "socket_timeout", LONG)
    patient = replace(Durations(), smtp_connect=dt.timedelta(seconds=LONG))
    addresses = {"REDIS_URL": f"redis://127.0.0.1:{broker}/0", "MAIL_URL": f"smtp://127.0.0.1:{mail}"}
    return make_app(durations=patient, MAIL_ALLOW="*", **addresses)


def test_the_web_waits_for_neither(app: Flask, holes: Holes, signed_in: Callable[..., SignedIn]) -> None:
    """While a sender waits for the mail server's first word, a campaign is logged and somebody invited, mail and nudge
    with it: answered while the sender and the nudge wait on, with nothing lost."""
    client = signed_in(Role.ADMINISTRATOR)
    page = visit(client, "/campaigns/new", queries=80)
    with app.app_context(), transaction():
        outbox.put(render("test", locale="en"), to="a@example.org", kind=EmailKind.TEST, now=clock.now())
    ended = threading.Event()

    def send() -> None:
        with app.app_context():
            sender.send_due()
        ended.set()

    def claimed() -> bool:
        with app.app_context():
            return db.session.scalars(sa.select(Email.state)).one() is EmailState.CLAIMED

    sending = threading.Thread(target=send)
    sending.start()
    wait_until(claimed, "the sender to wait")
    letter = {
        **page.form(), "title": "Fair rotas", "kind": "public", "company": "Amazon", "demands": "Publish rotas",
        "began_on": "2026-01-01",
    }  # fmt: skip
    began = time.monotonic()
    logged = client.post("/campaigns/new", data=letter)
    invited = client.post("/people/invite", data={"email": "b@example.org", "role": "viewer"})
    took = time.monotonic() - began
    assert (logged.status_code, invited.status_code) == (302, 302)
    assert not ended.is_set(), "the sender still waits for a word"
    assert app.extensions["nudger"].lost == 0, "so does the nudge"
    print(f"two forms in {took:.3f} s")
    with app.app_context():
        assert db.session.scalars(sa.select(Campaign.title)).all() == ["Fair rotas"]
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Email)) == 2
    holes[1].close()  # whoever waits there is told at last
    sending.join(30)
    with app.app_context():
        (tried, invitation) = db.session.scalars(sa.select(Email).order_by(Email.id))
        assert (tried.state, tried.attempts) == (EmailState.PENDING, 1)
        assert (invitation.state, invitation.attempts) == (EmailState.PENDING, 0)


def reset(client: FlaskClient, number: int) -> int:
    """Send a form of which only so many may come; nobody has this address."""
    return client.post("/reset", data={"email": f"n{number}@example.org"}).status_code


def test_a_form_that_is_counted_waits_for_no_dead_broker(app: Flask) -> None:
    """The first of a process finds out that nobody answers, after `counters_wait` and no more; the limit holds all
    the same, counted in memory."""
    client = app.test_client()
    visit(client, "/reset")
    began = time.monotonic()
    first = reset(client, 0)
    took = time.monotonic() - began
    assert first == 200
    assert took < 0.5, "reliability.md, row 5: a web request never waits on the broker"
    assert [reset(client, number) for number in range(1, 11)] == [200] * 9 + [429]


def test_nobody_waits_while_the_broker_is_looked_for(make_app: MakeApp) -> None:
    """Whether it is back, a thread finds out: forms are answered while that waits and waits."""
    port = free_port()
    patient = replace(Durations(), counters_wait=dt.timedelta(seconds=10), counters_look_after=dt.timedelta())
    client = make_app(durations=patient, REDIS_URL=f"redis://127.0.0.1:{port}/0").test_client()
    assert reset(client, 0) == 200  # refused at once: away
    with socket.create_server(("127.0.0.1", port), backlog=64):
        assert [reset(client, number) for number in range(1, 4)] == [200] * 3
        assert [thread.name for thread in threading.enumerate()].count("counters") == 1, "it still waits for a word"
