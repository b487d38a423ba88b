"""Several mails travel at once, and a server that is slow over one holds up no other."""

import datetime as dt
import itertools
import threading
import time
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.conftest import MakeApp
from tests.mail.conftest import Put
from tests.mail.cutting import CuttingServer
from tests.support.processes import wait_until
from tracker import clock
from tracker.config import Durations
from tracker.db import db, transaction
from tracker.mail import repairing, sender
from tracker.mail.models import Email, EmailState

pytestmark = pytest.mark.each_database
PARKING = replace(Durations(), park_after=dt.timedelta(seconds=0.5))


def states() -> dict[str, int]:
    db.session.rollback()
    rows = db.session.execute(sa.select(Email.state, sa.func.count()).group_by(Email.state))
    return {state.value: count for state, count in rows}


def test_a_slow_last_word_holds_up_nobody(make_app: MakeApp, cutting: CuttingServer, put: Put) -> None:
    """One reply takes long: the other mails go, the call returns, and the slow one settles as sent when it comes."""
    app = make_app(MAIL_URL=cutting.url, MAIL_ALLOW="*", durations=PARKING)
    word = threading.Event()

    def slow(data: bytes) -> None:
        if b"slow@" in data:
            word.wait(30)

    cutting.at_dot = slow
    with app.app_context():
        slow_one = put("slow@example.org")
        for number in range(10):
            put(f"{number}@example.org")
        began = time.monotonic()
        counts = sender.send_due()
        assert time.monotonic() - began < 20
        assert counts["sent"] == 10
        assert counts["late"] == 1
        assert db.session.get_one(Email, slow_one).state is EmailState.TRANSMIT
        word.set()
        wait_until(lambda: states() == {"sent": 11}, "the late word to settle")
    assert len(cutting.taken) == 11


def test_told_to_stop_hands_back(make_app: MakeApp, cutting: CuttingServer, put: Put) -> None:
    """A worker that is asked to end finishes what is under way and gives back the rest, as if never tried."""
    app = make_app(MAIL_URL=cutting.url, MAIL_ALLOW="*", MAIL_CONNECTIONS="1")
    with app.app_context():
        for number in range(10):
            put(f"{number}@example.org")
        counts = sender.send_due(stopping=lambda: len(cutting.taken) >= 2)
        assert counts["sent"] == len(cutting.taken) < 10
        assert states() == {"sent": counts["sent"], "pending": 10 - counts["sent"]}
        waiting = db.session.execute(
            sa.select(Email.attempts, Email.token).where(Email.state == EmailState.PENDING).distinct()
        ).all()
        assert waiting == [(0, None)]
        assert sender.send_due()["sent"] == 10 - counts["sent"]


def test_one_connection_first(make_app: MakeApp, put: Put) -> None:
    """When nobody answers, only one mail pays for finding out."""
    app = make_app(MAIL_URL="smtp://127.0.0.1:9", MAIL_ALLOW="*", MAIL_CONNECTIONS="8")
    with app.app_context():
        for number in range(20):
            put(f"{number}@example.org")
        assert sender.send_due() == {"pending": 1}
        assert sorted(db.session.scalars(sa.select(Email.attempts)))[-2:] == [0, 1]
        assert states() == {"pending": 20}


def test_a_mail_claimed_twice_by_one_sender_goes_once(make_app: MakeApp, cutting: CuttingServer, put: Put) -> None:
    """A claim is lost while its mail is on the way, the same sender claims it anew, and both ask in one breath: only
    who holds the claim is let go."""
    lost = replace(PARKING, claim_lease=dt.timedelta(milliseconds=1))
    app = make_app(MAIL_URL=cutting.url, MAIL_ALLOW="*", MAIL_CONNECTIONS="2", durations=lost)
    data, go = itertools.count(1), threading.Event()

    def at_data() -> None:
        number = next(data)
        if number == 2:  # the one before makes a second connection open
            with app.app_context():
                wait_until(lambda: states().get("sent") == 1, "the first, which keeps its claim")
                with transaction():
                    repairing.free_lost_claims(now=clock.now())
            assert go.wait(30), "it was not claimed anew"
        elif number == 3:  # claimed anew: now both are asked for their last bytes at one moment
            go.set()

    cutting.at_data = at_data
    with app.app_context():
        put("first@example.org")
        put("twice@example.org")
        counts = sender.send_due()
        assert go.is_set()
        assert sum(b"twice@" in mail for mail in cutting.taken) == 1
        assert (counts["sent"], states()) == (2, {"sent": 2})
