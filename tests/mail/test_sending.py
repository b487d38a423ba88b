"""Sending by SMTP: what a server says, and what became of the mail."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from tests.conftest import MakeApp
from tests.mail.conftest import Put
from tests.mail.cutting import STEPS, CuttingServer
from tests.support.mails import begins_to_leave
from tests.support.smtp import SmtpSink
from tracker import clock
from tracker.config import Durations
from tracker.db import db, transaction
from tracker.mail import claims, repairing, sender
from tracker.mail.claims import Taken
from tracker.mail.models import Email, EmailKind, EmailState, Suppression

pytestmark = pytest.mark.each_database
NOW = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)
QUICK = replace(Durations(), smtp_connect=dt.timedelta(seconds=2), smtp_command=dt.timedelta(seconds=2))


@pytest.fixture
def sending(make_app: MakeApp, smtp_sink: SmtpSink) -> Flask:
    return make_app(MAIL_URL=smtp_sink.url, MAIL_ALLOW="*", MAIL_FROM="Undersigned <u@example.org>")


def row(number: int) -> Email:
    db.session.rollback()
    return db.session.get_one(Email, number)


def test_accepted(sending: Flask, smtp_sink: SmtpSink, put: Put) -> None:
    """250 means sent; sending again sends nothing."""
    with sending.app_context():
        number = put()
        assert sender.send_due() == {"sent": 1}
        assert sender.send_due() == {}
        email = row(number)
        assert (email.state, email.smtp_code, email.attempts, email.ambiguous) == (EmailState.SENT, 250, 1, False)
    (mail,) = smtp_sink.to("a@example.org")
    assert mail.sender == "u@example.org"
    assert mail.message["Message-ID"] == email.message_id


def test_greylisted_then_accepted(sending: Flask, smtp_sink: SmtpSink, put: Put) -> None:
    """4xx means later, by the ladder: a minute, five; then it is sent, once."""
    smtp_sink.answer_rcpt = "451 4.7.1 come again"
    with sending.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        number = put()
        for minutes in (1, 5):
            assert sender.send_due() == {"pending": 1}
            wait = row(number).next_attempt_at - clock.now()
            assert dt.timedelta(minutes=minutes) <= wait <= dt.timedelta(minutes=minutes) * 1.25
            assert sender.send_due() == {}, "not before its time"
            traveller.shift(wait)
        smtp_sink.answer_rcpt = "250 OK"
        assert sender.send_due() == {"sent": 1}
        assert row(number).attempts == 3
    assert len(smtp_sink.received) == 1


def test_full_after_data(sending: Flask, smtp_sink: SmtpSink, put: Put) -> None:
    """452 after the dot: surely not taken, so later and not ambiguous."""
    smtp_sink.answer_data = "452 4.2.2 full"
    with sending.app_context():
        number = put()
        assert sender.send_due() == {"pending": 1}
        assert not row(number).ambiguous
        assert row(number).answer == "4.2.2 full"


def test_gives_up_after_a_day(sending: Flask, smtp_sink: SmtpSink, put: Put) -> None:
    """What could not be sent for a day has failed, and says why."""
    smtp_sink.answer_rcpt = "451 later"
    with sending.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        number = put()
        assert sender.send_due() == {"pending": 1}
        traveller.shift(dt.timedelta(hours=24))
        assert sender.send_due() == {"failed": 1}
        assert row(number).answer == "Gave up: later"


def test_waiting_for_us_is_no_try(sending: Flask, smtp_sink: SmtpSink, put: Put) -> None:
    """A mail that lay two days before it was first tried has its day of tries before it."""
    smtp_sink.answer_rcpt = "451 later"
    with sending.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        number = put()
        traveller.shift(dt.timedelta(days=2))
        assert sender.send_due() == {"pending": 1}
        smtp_sink.reset()
        traveller.shift(dt.timedelta(minutes=2))
        assert sender.send_due() == {"sent": 1}
        assert row(number).attempts == 2


def test_no_such_address(sending: Flask, smtp_sink: SmtpSink, put: Put) -> None:
    """5.1.1 fails for good and nothing is sent there again; the answer keeps no address."""
    smtp_sink.answer_rcpt = "550 5.1.1 <a@example.org> does not live here"
    with sending.app_context():
        number = put()
        assert sender.send_due() == {"failed": 1}
        assert row(number).answer == "5.1.1 … does not live here"
        assert db.session.scalars(sa.select(Suppression)).one()
        again = put("A@EXAMPLE.org")
        assert row(again).state is EmailState.FAILED
        assert row(again).answer.startswith("Do not mail: ")
        assert sender.send_due() == {}


@pytest.mark.parametrize("answer", ["550 5.7.1 spam", "550 5.1.8 bad sender", "554 no", "552 5.2.2 mailbox full"])
def test_refused_for_another_reason(sending: Flask, smtp_sink: SmtpSink, put: Put, answer: str) -> None:
    """Other 5xx fail this mail; the address may still be written to."""
    smtp_sink.answer_data = answer
    with sending.app_context():
        put()
        assert sender.send_due() == {"failed": 1}
        assert db.session.scalars(sa.select(Suppression)).all() == []


@pytest.mark.parametrize("step", STEPS[:-1])
def test_cut_before_the_dot(make_app: MakeApp, cutting: CuttingServer, put: Put, step: str) -> None:
    """A connection lost before the mail left: pending, unless the bytes were already on their way."""
    app = make_app(MAIL_URL=cutting.url, MAIL_ALLOW="*", durations=QUICK)
    cutting.cut_at = step
    with app.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        number = put()
        # A server that hangs up after 354 has not taken it, but we cannot know that it heard no dot.
        expected = "unknown" if step == "body" else "pending"
        assert sender.send_due() == {expected: 1}
        assert row(number).ambiguous is False
        cutting.cut_at = ""
        traveller.shift(dt.timedelta(minutes=31))
        with transaction():
            repairing.free_lost_claims(now=clock.now())
        assert sender.send_due() == {"sent": 1}
        assert row(number).ambiguous is (step == "body")
    assert len(cutting.taken) == 1


def test_cut_after_the_dot(make_app: MakeApp, cutting: CuttingServer, put: Put) -> None:
    """Accepted, then lost: unknown for half an hour, then one more copy, the same bytes, marked; no third."""
    app = make_app(MAIL_URL=cutting.url, MAIL_ALLOW="*", durations=QUICK)
    cutting.cut_at = "dot"
    with app.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        number = put()
        assert sender.send_due() == {"unknown": 1}

        def sweep() -> None:
            with transaction():
                repairing.free_lost_claims(now=clock.now())

        traveller.shift(dt.timedelta(minutes=29))
        sweep()
        assert sender.send_due() == {}
        traveller.shift(dt.timedelta(minutes=1))
        sweep()
        sweep()
        assert sender.send_due() == {"unknown": 1}
        email = row(number)
        assert email.ambiguous
        assert email.settled_at is not None
        traveller.shift(dt.timedelta(days=1))
        sweep()
        assert sender.send_due() == {}
    first, second = cutting.taken
    assert first == second


def test_an_uncertain_mail_that_is_refused_stays_unknown(
    make_app: MakeApp, cutting: CuttingServer, smtp_sink: SmtpSink, put: Put
) -> None:
    """A second copy that fails does not prove that the first did."""
    app = make_app(MAIL_URL=cutting.url, MAIL_ALLOW="*", durations=QUICK)
    cutting.cut_at = "dot"
    with app.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        number = put()
        sender.send_due()
        traveller.shift(dt.timedelta(minutes=30))
        with transaction():
            repairing.free_lost_claims(now=clock.now())
            (email,) = claims.claim(now=clock.now())
            claims.settle_failed(email.id, email.token or "", code=550, answer="no", now=clock.now())
        assert row(number).state is EmailState.UNKNOWN


def test_a_late_word_of_the_first_attempt_counts(sending: Flask, put: Put) -> None:
    """A worker that was thought dead and then hears 250 settles the mail, if nobody claimed it anew."""
    with sending.app_context():
        number = put()
        with transaction():
            (email,) = claims.claim(now=clock.now())
            token = email.token or ""
            assert begins_to_leave(number, token, now=clock.now())
        with transaction():
            assert repairing.free_lost_claims(now=clock.now() + dt.timedelta(hours=1)) == 1
            assert repairing.free_lost_claims(now=clock.now() + dt.timedelta(hours=2)) == 1
        assert row(number).state is EmailState.PENDING
        with transaction():
            assert claims.settle_sent([Taken(number, token, 250, "ok")], now=clock.now())
        assert sender.send_due() == {}


def test_urgent_mail_goes_first(make_app: MakeApp, smtp_sink: SmtpSink, put: Put) -> None:
    """A confirmation overtakes a burst of digests: of several lines it would be on the first, and all speak at once."""
    with make_app(MAIL_URL=smtp_sink.url, MAIL_ALLOW="*", MAIL_CONNECTIONS="1").app_context():
        for number in range(3):
            put(f"digest{number}@example.org", EmailKind.DIGEST)
        put("urgent@example.org", EmailKind.CONFIRMATION)
        sender.send_due()
    assert smtp_sink.received[0].recipients == ("urgent@example.org",)


def test_an_unreachable_server_costs_one_attempt(make_app: MakeApp, put: Put) -> None:
    """When nobody answers, one mail waits by its ladder and the others keep theirs."""
    app = make_app(MAIL_URL="smtp://127.0.0.1:9", MAIL_ALLOW="*")
    with app.app_context():
        for number in range(3):
            put(f"{number}@example.org")
        assert sender.send_due() == {"pending": 1}
        assert sorted(db.session.scalars(sa.select(Email.attempts))) == [0, 0, 1]


def test_a_row_that_cannot_be_opened_stops_no_other(sending: Flask, smtp_sink: SmtpSink, put: Put) -> None:
    """A broken row fails with a reason; the next is sent."""
    with sending.app_context():
        broken, _whole = put("broken@example.org"), put("whole@example.org")
        nonsense = put("not an address")
        with transaction():
            row_ = db.session.get_one(Email, broken)
            row_.links_sealed = "00000000:AAAA"
        assert sender.send_due() == {"failed": 2, "sent": 1}
        assert "DATA_KEY" in row(broken).answer
        assert row(nonsense).answer == "This is not an e-mail address."
    assert [mail.recipients[0] for mail in smtp_sink.received] == ["whole@example.org"]


def test_nobody_outside_the_list(make_app: MakeApp, smtp_sink: SmtpSink, put: Put) -> None:
    """Outside production a mail server reaches only whom MAIL_ALLOW names; the others have a row that says so."""
    app = make_app(MAIL_URL=smtp_sink.url)
    with app.app_context():
        number = put()
        assert row(number).state is EmailState.FAILED
        assert row(number).answer == "MAIL_ALLOW does not name this address."
    app = make_app(MAIL_URL=smtp_sink.url, MAIL_ALLOW="example.org, one@example.net")
    with app.app_context():
        for address in ("a@example.org", "one@example.net", "two@example.net", "a@sub.example.org"):
            put(address)
        assert sender.send_due() == {"sent": 2}
    assert sorted(mail.recipients[0] for mail in smtp_sink.received) == ["a@example.org", "one@example.net"]
