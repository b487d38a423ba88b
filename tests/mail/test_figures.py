"""The figures of reliability.md, (a), 9 and 11, as they are in earnest: nothing here is scaled but the clock."""

from __future__ import annotations

import datetime as dt
import inspect
import threading
from collections import Counter

import pytest
import time_machine

from tests.conftest import MakeApp
from tests.mail.conftest import Put
from tests.mail.cutting import CuttingServer
from tests.support.processes import wait_until
from tests.support.smtp import SmtpSink
from tracker import clock
from tracker.db import db, transaction
from tracker.durations import Durations
from tracker.mail import last_words, repairing, sender
from tracker.mail.models import Email, EmailState
from worker.app import SOFT_TIME_LIMIT

pytestmark = pytest.mark.each_database
NOW = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
# Minutes until each next try: 1, 5, 15, 60, 240, then hourly; with up to a quarter more, so that what failed together
# does not return together.
LADDER = [1, 5, 15, 60, 240, 60, 60]


def row(number: int) -> Email:
    db.session.rollback()
    return db.session.get_one(Email, number)


def sweep() -> int:
    with transaction():
        return repairing.free_lost_claims(now=clock.now())


def test_the_ladder(make_app: MakeApp, smtp_sink: SmtpSink, put: Put) -> None:
    """Put off again and again, a mail is tried after these waits, never before, and given up a day after its first."""
    app = make_app(MAIL_URL=smtp_sink.url, MAIL_ALLOW="*")
    smtp_sink.answer_rcpt = "451 4.7.1 come again"
    waits: list[dt.timedelta] = []
    with app.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        number = put()
        while sender.send_due() == {"pending": 1}:
            waits.append(row(number).next_attempt_at - clock.now())
            traveller.shift(waits[-1] - dt.timedelta(seconds=1))
            assert sender.send_due() == {}, "not before its time"
            traveller.shift(1)
        for wait, minutes in zip(waits, LADDER, strict=False):
            assert minutes * MINUTE <= wait <= 1.25 * minutes * MINUTE
        assert all(60 * MINUTE <= wait <= 75 * MINUTE for wait in waits[5:]), "hourly to the end"
        email = row(number)
        assert (email.state, email.answer) == (EmailState.FAILED, "Gave up: 4.7.1 come again")
        # Each wait is at most a quarter longer, and the last try may come an hour and a quarter before the day is over.
        assert 24 * 60 * MINUTE - 75 * MINUTE <= clock.now() - NOW <= 24 * 60 * MINUTE
        assert email.attempts == len(waits) + 1 >= 18
    assert smtp_sink.received == []


def silent_at(cutting: CuttingServer, to: str) -> tuple[threading.Event, threading.Event]:
    """Let the server say nothing after the dot of a mail to whom; set when it has the mail, and to let it speak."""
    has_it, word = threading.Event(), threading.Event()

    def at_dot(data: bytes) -> None:
        if to.encode() in data:
            has_it.set()
            word.wait(60)

    cutting.at_dot = at_dot
    return has_it, word


def handed_over(put: Put, has_it: threading.Event) -> int:
    """A mail whose last bytes are with the server, its sender gone on."""
    number = put("slow@example.org")
    stopping = has_it.is_set  # the sender ends, as a worker does that is told to; its lane waits on
    counts = sender.send_due(stopping=stopping)
    assert not counts["sent"] and row(number).state is EmailState.TRANSMIT
    return number


def others_go(put: Put) -> None:
    """While one server says nothing, whatever else is due goes at once."""
    for number in range(3):
        put(f"{number}@example.org")
    assert sender.send_due()["sent"] == 3


def test_a_word_after_nine_minutes(make_app: MakeApp, cutting: CuttingServer, put: Put) -> None:
    """Sent, one copy, no mark; what is due meanwhile goes."""
    app = make_app(MAIL_URL=cutting.url, MAIL_ALLOW="*")
    has_it, word = silent_at(cutting, "slow@")
    with app.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        number = handed_over(put, has_it)
        others_go(put)
        traveller.shift(9 * MINUTE)
        assert sweep() == 0
        word.set()
        wait_until(lambda: row(number).state is EmailState.SENT, "the late word")
        traveller.shift(dt.timedelta(days=1))
        assert sweep() == 0 and sender.send_due() == {}
        assert not row(number).ambiguous
    assert Counter(b"slow@" in mail for mail in cutting.taken) == {True: 1, False: 3}


def test_no_word_ever(make_app: MakeApp, cutting: CuttingServer, put: Put) -> None:
    """Unknown after fifteen minutes, not before; held half an hour, sent once more with its mark; what is due
    meanwhile goes."""
    app = make_app(MAIL_URL=cutting.url, MAIL_ALLOW="*")
    has_it, word = silent_at(cutting, "slow@")
    with app.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        number = handed_over(put, has_it)
        others_go(put)
        traveller.shift(15 * MINUTE - dt.timedelta(seconds=1))
        assert sweep() == 0
        traveller.shift(1)
        assert sweep() == 1
        assert (row(number).state, row(number).settled_at) == (EmailState.UNKNOWN, None)
        traveller.shift(30 * MINUTE - dt.timedelta(seconds=1))
        assert sweep() == 0
        traveller.shift(1)
        assert sweep() == 1
        cutting.at_dot = lambda data: None
        assert sender.send_due() == {"sent": 1}
        assert row(number).ambiguous
        word.set()
        wait_until(lambda: not last_words.wait_for_the_late(1), "the first word")
        assert row(number).state is EmailState.SENT


def test_nobody_takes_what_somebody_waits_for() -> None:
    """The wait for the last word is the standard's ten minutes (RFC 5321, 4.5.3.2.6); a worker's time and the lease are
    longer than it, in this order, and no other mail waits longer than a minute."""
    durations = Durations()
    assert durations.smtp_reply == 10 * MINUTE
    assert durations.park_after <= MINUTE
    assert durations.smtp_reply < dt.timedelta(seconds=SOFT_TIME_LIMIT) < durations.transmit_lease == 15 * MINUTE
    in_line = dt.timedelta(seconds=inspect.signature(sender.send_due).parameters["seconds"].default)
    assert durations.claim_lease >= in_line + durations.smtp_talk + dt.timedelta(seconds=20)
