"""What stops a mail after it was claimed: a pause, a lost lease. Nothing leaves, and no try is lost."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.conftest import MakeApp
from tests.mail.conftest import Put
from tests.mail.cutting import CuttingServer
from tests.support.smtp import SmtpSink
from tracker import clock
from tracker.config import Durations
from tracker.db import db, transaction
from tracker.instance import SENDING_PAUSED, remember
from tracker.mail import repairing, sender
from tracker.mail.models import Email, EmailState

pytestmark = pytest.mark.each_database
QUICK = replace(Durations(), smtp_connect=dt.timedelta(seconds=2), smtp_command=dt.timedelta(seconds=2))


def row(number: int) -> Email:
    db.session.rollback()
    return db.session.get_one(Email, number)


def pause(reason: str | None) -> None:
    with transaction():
        remember(SENDING_PAUSED, reason, now=clock.now())


def test_paused_means_nothing_leaves(make_app: MakeApp, smtp_sink: SmtpSink, put: Put) -> None:
    """While sending rests nothing is claimed."""
    with make_app(MAIL_URL=smtp_sink.url, MAIL_ALLOW="*").app_context():
        put()
        pause("restored")
        assert sender.send_due() == {}
        assert smtp_sink.received == []


def test_a_pause_reaches_what_was_claimed(make_app: MakeApp, cutting: CuttingServer, put: Put) -> None:
    """A pause that comes between the claim and the last bytes: what is at a server already hangs up, and all of it is
    handed back without a lost try; resumed, everything leaves once."""
    app = make_app(MAIL_URL=cutting.url, MAIL_ALLOW="*", durations=QUICK)

    def pause_now() -> None:
        with app.app_context():
            pause("a mistake")

    cutting.at_data = pause_now
    with app.app_context():
        numbers = [put(f"{number}@example.org") for number in range(20)]
        sender.send_due()
        assert cutting.taken == []
        waiting = [row(number) for number in numbers]
        assert {(one.state, one.attempts, one.token) for one in waiting} == {(EmailState.PENDING, 0, None)}
        pause(None)
        cutting.at_data = lambda: None
        assert sender.send_due() == {"sent": 20}
    assert len(cutting.taken) == 20


def test_a_lost_lease_hangs_up(make_app: MakeApp, cutting: CuttingServer, put: Put) -> None:
    """Whoever lost the claim before the answer to DATA hangs up without the body; the mail leaves later, once."""
    app = make_app(MAIL_URL=cutting.url, MAIL_ALLOW="*", durations=QUICK)

    def lose() -> None:
        with app.app_context(), transaction():
            assert repairing.free_lost_claims(now=clock.now() + dt.timedelta(hours=1)) == 1

    cutting.at_data = lose
    with app.app_context():
        number = put()
        assert sender.send_due() == {"lease lost": 1}
        assert cutting.taken == []
        assert row(number).state is EmailState.PENDING
        cutting.at_data = lambda: None
        with transaction():
            db.session.execute(sa.update(Email).values(next_attempt_at=clock.now()))
        assert sender.send_due() == {"sent": 1}
    assert len(cutting.taken) == 1
