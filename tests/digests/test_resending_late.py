"""A digest that is sent again meets the mail server as it is then."""

import datetime as dt

import pytest
import time_machine
from flask import Flask

from tests.conftest import MakeApp
from tests.digests.world import MONDAY, World
from tests.support.smtp import SmtpSink
from tracker import clock
from tracker.accounts.models import Account
from tracker.db import db, transaction
from tracker.digests import resending, running
from tracker.digests.models import Digest, DigestState
from tracker.mail.models import EmailState


@pytest.mark.each_database
def test_the_ladder_begins_anew(make_app: MakeApp, smtp_sink: SmtpSink) -> None:
    """Sent again three days later and put off by the server, it is tried by the ladder, and given up a day after."""
    app: Flask = make_app(MAIL_URL=smtp_sink.url, MAIL_ALLOW="*")
    with app.app_context(), time_machine.travel(MONDAY, tick=False) as traveller:
        world = World(app, traveller)
        campaign, reader = world.campaign(), world.account("reader@example.org")
        world.follow(reader, campaign)
        world.at("2026-11-23 07:00")
        world.entry(campaign)
        world.run("2026-11-23 08:00")
        number = world.digests()[0].id
        assert len(smtp_sink.received) == 1

        def again() -> None:
            with transaction():
                resending.resend(
                    db.session.get_one(Digest, number), by=db.session.get_one(Account, reader), now=clock.now()
                )

        smtp_sink.answer_rcpt = "451 4.7.1 greylisted"
        world.at("2026-11-26 08:00")
        again()
        assert running.send() == {"pending": 1}
        assert world.get(Digest, number).email.state is EmailState.PENDING
        smtp_sink.answer_rcpt = "250 OK"
        world.at("2026-11-26 08:02")
        assert running.send()["sent"] == 1
        assert world.get(Digest, number).state is DigestState.SENT
        first, second = smtp_sink.received
        assert first.content == second.content

        smtp_sink.answer_rcpt = "451 4.7.1 greylisted"
        world.at("2026-11-28 08:00")
        again()
        for hour in range(30):
            world.at(dt.datetime(2026, 11, 28, 8, tzinfo=dt.UTC) + dt.timedelta(hours=hour))
            running.send()
        email = world.get(Digest, number).email
        assert email.settled_at < dt.datetime(2026, 11, 29, 9, tzinfo=dt.UTC)
        assert email.attempts > 6
