"""What the sweep puts right: claims lost again and again, mails held for a person, a clock that is set back."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa
import time_machine

from tests.conftest import MakeApp
from tests.mail.conftest import Put
from tests.mail.cutting import CuttingServer
from tests.support.smtp import SmtpSink
from tracker import clock
from tracker.config import Config, ConfigError, Durations
from tracker.db import db, transaction
from tracker.mail import claims, pace, repairing, sender
from tracker.mail.models import Email, EmailKind, EmailState

pytestmark = pytest.mark.each_database
NOW = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)
HOUR, MINUTE, SECOND = dt.timedelta(hours=1), dt.timedelta(minutes=1), dt.timedelta(seconds=1)
QUICK = replace(Durations(), smtp_connect=2 * SECOND, smtp_command=2 * SECOND)


def row(number: int) -> Email:
    db.session.rollback()
    return db.session.get_one(Email, number)


def sweep() -> int:
    with transaction():
        return repairing.free_lost_claims(now=clock.now())


def test_a_claim_that_is_lost_again_and_again_climbs_the_ladder(make_app: MakeApp, put: Put) -> None:
    """The first loss is the worker's, and costs nothing; a mail whose claim is lost each time is tried ever more
    seldom, and given up a day after its first try."""
    waits = []
    with make_app().app_context(), time_machine.travel(NOW, tick=False) as traveller:
        number = put()
        while row(number).state is EmailState.PENDING:
            traveller.move_to(max(row(number).next_attempt_at, clock.now()))
            with transaction():
                assert len(claims.claim(now=clock.now())) == 1
            traveller.shift(Durations().claim_lease + SECOND)
            assert sweep() == 1
            assert sweep() == 0
            waits.append(row(number).next_attempt_at - clock.now())
        assert waits[0] == dt.timedelta()
        assert [5, 15, 60] <= [wait / MINUTE for wait in waits[1:4]] <= [6.25, 18.75, 75]
        assert row(number).state is EmailState.FAILED
        assert row(number).answer.startswith(claims.GAVE_UP)
        assert clock.now() - NOW <= 24 * HOUR


def test_a_server_slow_over_each_answer_loses_no_claim(make_app: MakeApp, cutting: CuttingServer, put: Put) -> None:
    """Each answer comes in time, all together would outlast the lease: we hang up before, and the mail waits its turn
    on the ladder. Where the server speeds up, it is sent."""
    app = make_app(MAIL_URL=cutting.url, MAIL_ALLOW="*", durations=replace(QUICK, smtp_talk=SECOND / 2))
    cutting.delay = 0.2
    with app.app_context():
        number = put()
        assert sender.send_due() == {"pending": 1}
        assert cutting.taken == []
        assert row(number).attempts == 1
        cutting.delay = 0.0
        with transaction():
            db.session.execute(sa.update(Email).values(next_attempt_at=clock.now()))
        assert sender.send_due() == {"sent": 1}
    assert len(cutting.taken) == 1


def test_held_for_a_person(make_app: MakeApp, cutting: CuttingServer, put: Put) -> None:
    """MAIL_UNKNOWN=hold: what may have arrived is unknown for good after half an hour, and no second copy leaves."""
    app = make_app(MAIL_URL=cutting.url, MAIL_ALLOW="*", MAIL_UNKNOWN="hold", durations=QUICK)
    cutting.cut_at = "dot"
    with app.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        number = put()
        assert sender.send_due() == {"unknown": 1}
        traveller.shift(29 * MINUTE)
        assert sweep() == 0
        traveller.shift(MINUTE)
        assert sweep() == 1
        assert sweep() == 0
        traveller.shift(HOUR)
        assert sender.send_due() == {}
        email = row(number)
        assert (email.state, email.ambiguous, email.settled_at) == (EmailState.UNKNOWN, False, NOW + 30 * MINUTE)
    assert len(cutting.taken) == 1


def test_what_else_to_do_with_what_is_unknown(instance: object) -> None:
    """Another word than the two is refused, with both."""
    with pytest.raises(ConfigError, match="MAIL_UNKNOWN is 'perhaps'; it must be resend or hold"):
        Config.from_environ({"TRACKER_INSTANCE": str(instance), "MAIL_URL": "smtp://x", "MAIL_UNKNOWN": "perhaps"})


def test_a_clock_that_is_set_back_stops_no_domain(make_app: MakeApp, put: Put) -> None:
    """Two hours back: the domain's next turn, which was given out by the clock as it was, is over."""
    app = make_app(MAIL_URL="smtp://127.0.0.1:9", MAIL_ALLOW="*", MAIL_RATE_PER_DOMAIN="2")

    def taken() -> int:
        with transaction():
            return len(claims.claim(now=clock.now(), limit=100))

    with app.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        for number in range(10):
            put(f"{number}@big.example", EmailKind.DIGEST, now=NOW - 3 * HOUR)
        assert taken() == 2
        traveller.move_to(NOW - 2 * HOUR)
        assert sweep() == 8 + 2, "those that have a turn, and the claims"
        assert taken() == 10, "whoever has had a turn need not wait a second time"
        put("new@big.example", EmailKind.DIGEST)
        assert taken() == 1, "the domain itself"


def test_a_clock_that_is_set_back_holds_up_no_next_try(make_app: MakeApp, smtp_sink: SmtpSink, put: Put) -> None:
    """Put off for a minute, then two hours back: it is tried within the minute, not after two hours."""
    app = make_app(MAIL_URL=smtp_sink.url, MAIL_ALLOW="*")
    smtp_sink.answer_rcpt = "451 4.7.1 come again"
    with app.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        put()
        assert sender.send_due() == {"pending": 1}
        assert sweep() == 0
        traveller.move_to(NOW - 2 * HOUR)
        smtp_sink.reset()
        assert sweep() == 1
        assert sender.send_due() == {"sent": 1}


def test_no_turn_is_given_out_far_ahead(make_app: MakeApp, put: Put) -> None:
    """What would have its turn later than in an hour asks again in an hour, so that a turn further ahead is of a clock
    that was set back; what is urgent goes all the same."""
    app = make_app(MAIL_URL="smtp://127.0.0.1:9", MAIL_ALLOW="*", MAIL_RATE_PER_DOMAIN="1")
    with app.app_context(), time_machine.travel(NOW, tick=False):
        put("first@big.example", EmailKind.DIGEST)
        with transaction():
            assert len(claims.claim(now=clock.now())) == 1
            db.session.execute(sa.update(pace.MailPace).values(free_at=NOW + pace.LONGEST_TURN + SECOND))
        number = put("later@big.example", EmailKind.DIGEST)
        put("urgent@big.example", EmailKind.CONFIRMATION)
        with transaction():
            assert [one.kind for one in claims.claim(now=clock.now(), limit=9)] == [EmailKind.CONFIRMATION]
        email = row(number)
        assert (email.next_attempt_at, email.has_turn) == (NOW + pace.LONGEST_TURN, False)
        assert db.session.scalars(sa.select(pace.MailPace.free_at)).one() <= NOW + pace.LONGEST_TURN + SECOND
