"""No mail is claimed twice, and no claim outlives its lease."""

import datetime as dt
import threading
from collections import Counter

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.conftest import MakeApp
from tests.mail.conftest import Put
from tests.support.mails import begins_to_leave
from tests.support.smtp import SmtpSink
from tracker import clock
from tracker.db import db, transaction
from tracker.mail import claims, outbox, repairing, sender, unsealed
from tracker.mail.claims import Taken
from tracker.mail.mailings import Mailing, put_mailings
from tracker.mail.models import Email, EmailBody, EmailKind, EmailState

pytestmark = pytest.mark.each_database


def test_four_workers_at_once(make_app: MakeApp, smtp_sink: SmtpSink, put: Put) -> None:
    """Forty mails, four senders: each mail is received once."""
    app = make_app(MAIL_URL=smtp_sink.url, MAIL_ALLOW="*")
    with app.app_context():
        for number in range(40):
            put(f"{number}@example.org")
    done: Counter[str] = Counter()
    problems: list[BaseException] = []

    def work() -> None:
        try:
            with app.app_context():
                counts = sender.send_due()
            done.update(counts)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    assert done == {"sent": 40}
    assert Counter(mail.recipients[0] for mail in smtp_sink.received) == {f"{n}@example.org": 1 for n in range(40)}


def test_a_claim_is_one_holders(app: Flask, put: Put) -> None:
    """Claimed rows are not due; a batch takes the most urgent."""
    with app.app_context():
        put("late@example.org", EmailKind.DIGEST)
        put("soon@example.org", EmailKind.INVITATION)
        put("next@example.org", EmailKind.REMINDER)
        with transaction():
            taken = claims.claim(now=clock.now(), limit=2)
            assert [email.kind for email in taken] == [EmailKind.INVITATION, EmailKind.REMINDER]
            assert all(email.attempts == 1 for email in taken)
        with transaction():
            assert [email.kind for email in claims.claim(now=clock.now(), limit=2)] == [EmailKind.DIGEST]
        with transaction():
            assert claims.claim(now=clock.now()) == []


def test_a_killed_senders_claim_is_freed(app: Flask, put: Put) -> None:
    """After the lease the row is pending again, and the old token is worth nothing."""
    with app.app_context():
        number = put()
        now = clock.now()
        with transaction():
            (email,) = claims.claim(now=now)
            token = email.token or ""
        with transaction():
            assert repairing.free_lost_claims(now=now + dt.timedelta(seconds=179)) == 0
            assert repairing.free_lost_claims(now=now + dt.timedelta(seconds=181)) == 1
            assert repairing.free_lost_claims(now=now + dt.timedelta(seconds=181)) == 0
        with transaction():
            assert not begins_to_leave(number, token, now=now)
            assert not claims.settle_sent([Taken(number, "", 250, "")], now=now)
            assert not claims.settle_failed(number, token, code=550, answer="", now=now)


def test_settled_mails_are_wiped_after_a_week(app: Flask, put: Put) -> None:
    """Receiver, links and words go, and the file; the row and its state stay. Running it again changes nothing."""
    with app.app_context():
        number = put(text="secret https://link.invalid/x\n", links={"x": "https://example.org/x"})
        sender.send_due()
        folder = app.extensions["config"].mail.folder
        assert len(list(folder.iterdir())) == 1
        with transaction():
            assert claims.wipe_settled(now=clock.now() + dt.timedelta(days=6)) == []
            db.session.execute(sa.update(Email).values(settled_at=clock.now() - dt.timedelta(days=8)))
        assert sender.wipe_old() == 1
        assert sender.wipe_old() == 0
        assert list(folder.iterdir()) == []
        email = db.session.get_one(Email, number)
        assert (email.recipient_sealed, email.links_sealed, email.recipient_hash) == (None, None, "")
        assert email.state is EmailState.SENT
        assert email.body.text_sealed is None
        assert unsealed.opened(email) is None


def test_shared_words_stay_until_the_last_has_them(app: Flask, put: Put) -> None:
    """A body is wiped when nobody waits for it any longer."""
    from tracker.mail.render import Message

    with app.app_context():
        with transaction():
            message = Message("s", "t\n", "<p>h</p>")
            body = outbox.put_body(message, now=clock.now())
            receivers = [outbox.Receiver(f"{n}@example.org", {}) for n in range(2)]
            first, _other = put_mailings([Mailing(body, receivers)], kind=EmailKind.DIGEST, now=clock.now())
            sent = db.session.get_one(Email, first.id)
            sent.state, sent.settled_at = EmailState.SENT, clock.now() - dt.timedelta(days=8)
        assert sender.wipe_old() == 1
        assert db.session.scalars(sa.select(EmailBody.text_sealed)).one() is not None


def test_codes_are_wiped_as_soon_as_they_were_delivered(make_app: MakeApp, smtp_sink: SmtpSink, put: Put) -> None:
    """A delivered sign-in link is not kept a moment longer; that somebody was mailed is, to count by."""
    app = make_app(MAIL_URL=smtp_sink.url, MAIL_ALLOW="*")
    with app.app_context():
        number = put(kind=EmailKind.SIGN_IN_LINK)
        sender.send_due()
        email = db.session.get_one(Email, number)
        assert email.recipient_sealed is None
        assert email.body.html_sealed is None
        assert email.recipient_hash


def test_nothing_readable_in_the_database(app: Flask, put: Put) -> None:
    """Receiver, subject, words and links are sealed."""
    with app.app_context():
        put("ada@example.org", subject="Subject-words", text="Text-words\n", html="<p>Html-words</p>", links={"a": "L"})
        stored = repr(db.session.execute(sa.text("SELECT * FROM email")).all())
        stored += repr(db.session.execute(sa.text("SELECT * FROM email_body")).all())
        for word in ("ada@example", "Subject-words", "Text-words", "Html-words"):
            assert word not in stored
