"""What watches the server asks, and what it is told: alive, ready, nothing late; never anything about anybody."""

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.digests.world import World
from tests.support.accounts import SignedIn
from tests.support.pages import counted_queries, visit
from tracker import clock
from tracker.accounts.models import Role
from tracker.db import db, transaction
from tracker.digests import running
from tracker.digests.models import Subscriber
from tracker.instance import SENDING_PAUSED, beat, remember
from tracker.mail import outbox
from tracker.mail.models import Email, EmailKind, EmailState
from tracker.mail.render import render
from tracker.sealing import keyring
from tracker.sealing.probe import PLACE, PROBE

SignIn = Callable[..., SignedIn]
LATE = dt.timedelta(minutes=16)


class Still:
    def move_to(self, moment: dt.datetime) -> None:
        raise AssertionError("these tests live in the present")


@pytest.fixture
def world(app: Flask) -> World:
    """A world in the present, with worker and beat alive."""
    with app.app_context(), transaction():
        for part in ("worker", "beat"):
            beat(part, now=clock.now(), started_at=clock.now())
    return World(app, Still())  # type: ignore[arg-type]


def answer(app: Flask, path: str) -> tuple[int, str]:
    found = app.test_client().get(path)
    assert found.mimetype == "text/plain"
    assert "@" not in found.text
    return found.status_code, found.text


def test_ready_means_databases_schema_and_key(app: Flask) -> None:
    """Ready while all is of one mind; an older schema and a key that is not ours are said in words."""
    assert answer(app, "/readyz") == (200, "ok\n")
    with app.app_context():
        with transaction():
            remember(PROBE, keyring().seal("not ours", "elsewhere"), now=clock.now())
        assert keyring().seal("x", PLACE)
    assert answer(app, "/readyz") == (503, "DATA_KEY does not open what was sealed here.\n")
    with app.app_context(), db.engines[None].begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    status, words = answer(app, "/readyz")
    assert status == 503 and "tracker upgrade" in words


def test_silence_is_heard(app: Flask) -> None:
    """A part that never ran, and one that fell silent, are each named."""
    status, words = answer(app, "/healthz/digests")
    assert status == 503
    assert "The worker has never run." in words
    with app.app_context(), transaction():
        beat("worker", now=clock.now(), started_at=clock.now())
        beat("beat", now=clock.now() - dt.timedelta(minutes=5), started_at=clock.now())
    status, words = answer(app, "/healthz/digests")
    assert (status, words) == (503, "The beat has been silent for 5 minutes.\n")


@pytest.mark.each_database
def test_a_mail_that_is_put_off_again_and_again_ages(app: Flask, world: World, signed_in: SignIn) -> None:
    """Its next try is not late, so nothing is broken; that it has waited three hours is said all the same."""
    with app.app_context(), transaction():
        outbox.put(render("test", locale="en"), to="a@example.org", kind=EmailKind.TEST, now=clock.now())
        waited = {"created_at": clock.now() - dt.timedelta(hours=1)}
        db.session.execute(sa.update(Email).values(next_attempt_at=clock.now() + dt.timedelta(minutes=30), **waited))
    assert answer(app, "/healthz/digests") == (200, "ok\n")
    with app.app_context(), transaction():
        db.session.execute(sa.update(Email).values(created_at=clock.now() - dt.timedelta(hours=3, minutes=1)))
    words = "The oldest mail that waits has waited for 3 hours."
    assert answer(app, "/healthz/digests") == (200, f"{words}\n")
    page = visit(signed_in(Role.ORGANISER), "/digests/desk")
    assert page.select_one(".message-warning").get_text(strip=True) == words
    assert "Nothing is overdue" in page.text


@pytest.mark.each_database
def test_a_missing_run_a_late_digest_and_a_late_mail(app: Flask, world: World) -> None:
    """Sixteen minutes after its moment each is said: no row, not composed, not sent; fourteen minutes are nothing."""
    assert answer(app, "/healthz/digests") == (200, "ok\n")
    with app.app_context():
        reader, campaign = world.account("a.reader@example.org"), world.campaign()
        world.follow(reader, campaign)
        world.entry(campaign)
        with transaction():
            db.session.execute(sa.update(Subscriber).values(next_due_at=clock.now() - dt.timedelta(minutes=14)))
    assert answer(app, "/healthz/digests") == (200, "ok\n")
    with app.app_context(), transaction():
        db.session.execute(sa.update(Subscriber).values(next_due_at=clock.now() - LATE))
    status, words = answer(app, "/healthz/digests")
    assert status == 503 and "A run is missing: the moment of 1 subscriber" in words
    with app.app_context():
        with transaction():
            remember(SENDING_PAUSED, "because Ada said so", now=clock.now())
        running.sweep(clock.now() + dt.timedelta(days=1))
    status, words = answer(app, "/healthz/digests")
    assert (status, words) == (200, "All sending is paused.\n"), "the reason is not for everybody"
    with app.app_context(), transaction():
        db.session.execute(sa.update(Email).values(next_attempt_at=clock.now() - LATE))
    status, words = answer(app, "/healthz/digests")
    assert status == 503
    assert words == "All sending is paused.\n1 mail is overdue by more than 15 minutes.\n"
    with app.app_context(), transaction():
        gone = clock.now() - LATE
        db.session.execute(sa.update(Email).values(state=EmailState.CLAIMED, lease_until=gone))
    with counted_queries() as asked:
        assert "1 mail is overdue" in answer(app, "/healthz/digests")[1], "a worker that died with it"
    assert len(asked) <= 8


def test_home_tells_administrators(app: Flask, world: World, signed_in: SignIn) -> None:
    """What is late waits for an administrator's decision, and for nobody else's."""
    boss, organiser = signed_in(Role.ADMINISTRATOR), signed_in(Role.ORGANISER)
    assert "overdue by" not in visit(boss, "/").text
    with app.app_context():
        reader, campaign = world.account(), world.campaign()
        world.follow(reader, campaign)
        with transaction():
            db.session.execute(sa.update(Subscriber).values(next_due_at=clock.now() - LATE))
    page = visit(boss, "/")
    assert "A run is missing" in page.text
    assert "A run is missing" in visit(boss, "/digests/desk").text
    assert "A run is missing" not in visit(organiser, "/").text
