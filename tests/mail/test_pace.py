"""No more mails a second than the operator allows, in all and to one domain, for all workers together."""

import datetime as dt
import threading
from collections import Counter

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from tests.conftest import MakeApp
from tests.mail.conftest import Put
from tracker import clock
from tracker.db import db, transaction
from tracker.mail import claims
from tracker.mail.models import Email, EmailKind, EmailState

pytestmark = pytest.mark.each_database
NOW = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)


def taken(limit: int = 100) -> list[str]:
    """Claim what may go now; by kind and number."""
    with transaction():
        return [email.kind.value for email in claims.claim(now=clock.now(), limit=limit)]


def paced(make_app: MakeApp, rate: int, per_domain: int) -> Flask:
    return make_app(
        MAIL_URL="smtp://127.0.0.1:9", MAIL_ALLOW="*", MAIL_RATE=str(rate), MAIL_RATE_PER_DOMAIN=str(per_domain)
    )


def test_all_mail_together(make_app: MakeApp, put: Put) -> None:
    """Ten a second: ten at once, one more each tenth, and nobody is passed over."""
    app = paced(make_app, 10, 0)
    with app.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        for number in range(25):
            put(f"{number}@example.org", EmailKind.DIGEST)
        assert len(taken()) == 10
        assert taken() == []
        traveller.shift(0.1)
        assert len(taken()) == 1
        traveller.shift(60)
        assert len(taken()) == 10, "what was not used is not saved up"
        traveller.shift(60)
        assert len(taken()) == 4


def test_one_domain_does_not_hold_up_another(make_app: MakeApp, put: Put) -> None:
    """Two a second to one domain: the rest gets turns of its own, while other domains go at once."""
    app = paced(make_app, 0, 2)
    with app.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        for number in range(6):
            put(f"{number}@big.example", EmailKind.DIGEST)
        put("one@small.example", EmailKind.DIGEST)
        assert len(taken()) == 3
        assert taken() == []
        traveller.shift(1)
        assert len(taken()) == 1, "the turn at one second"
        traveller.shift(10)
        assert len(taken()) == 3


@pytest.mark.parametrize("rate", [1, 3, 7, 9])
def test_a_second_is_no_more_than_that(make_app: MakeApp, put: Put, rate: int) -> None:
    """Also where the rate does not divide it."""
    app = paced(make_app, 0, rate)
    with app.app_context(), time_machine.travel(NOW, tick=False):
        for number in range(12):
            put(f"{number}@big.example", EmailKind.DIGEST)
        assert len(taken()) == rate


def test_what_somebody_waits_for_does_not_wait(make_app: MakeApp, put: Put) -> None:
    """A confirmation to a domain that is busy with digests goes at once."""
    app = paced(make_app, 0, 1)
    with app.app_context(), time_machine.travel(NOW, tick=False):
        for number in range(20):
            put(f"{number}@big.example", EmailKind.DIGEST)
        taken()
        put("new@big.example", EmailKind.CONFIRMATION)
        assert taken() == ["confirmation"]


def test_neither_starves_the_other(make_app: MakeApp, put: Put) -> None:
    """More confirmations come than may leave: digests still get a fifth; and a confirmation among many digests goes
    with the next turn."""
    app = paced(make_app, 10, 0)
    with app.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        for number in range(12):
            put(f"{number}@example.org", EmailKind.DIGEST)
        for _one in range(20):
            put("new@example.org", EmailKind.CONFIRMATION)
        gone: list[str] = []
        for _tenth in range(60):
            for _one in range(2):
                put("new@example.org", EmailKind.CONFIRMATION)
            gone += taken()
            traveller.shift(0.1)
        assert 8 <= gone.count("digest") <= 12
        assert gone.count("confirmation") >= 4 * gone.count("digest") - 4
        with transaction():
            db.session.execute(sa.delete(Email).where(Email.state == EmailState.PENDING))
        for number in range(100):
            put(f"{number}@example.org", EmailKind.DIGEST)
        for _time in range(10):
            put("new@example.org", EmailKind.CONFIRMATION)
            traveller.shift(0.2)
            assert "confirmation" in taken()


def test_a_clock_that_is_set_back_stops_nothing(make_app: MakeApp, put: Put) -> None:
    """Two hours back: mail goes on at its pace."""
    app = paced(make_app, 10, 0)
    with app.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        for number in range(20):
            put(f"{number}@example.org", now=NOW - dt.timedelta(hours=3))
        assert len(taken()) == 10
        traveller.move_to(NOW - dt.timedelta(hours=2))
        assert len(taken()) == 10


def test_the_pace_is_of_all_workers_together(make_app: MakeApp, put: Put) -> None:
    """Four that claim at the same moment take no more than one may, in all and to one domain."""
    app = paced(make_app, 10, 2)
    with app.app_context(), time_machine.travel(NOW, tick=False):
        for number in range(40):
            put(f"{number}@{'big' if number % 2 else number}.example", EmailKind.DIGEST)
        numbers: list[int] = []

        def work() -> None:
            with app.app_context(), transaction():
                numbers.extend(email.id for email in claims.claim(now=clock.now(), limit=100))

        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(30)
        assert len(numbers) == len(set(numbers)) <= 10
        taken = sa.select(Email.domain_hash).where(Email.id.in_(numbers))
        assert max(Counter(db.session.scalars(taken)).values()) == 2
