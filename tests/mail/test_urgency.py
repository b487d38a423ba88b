"""What somebody waits for overtakes what goes to many, also once that waits already (digests.md, rule 7)."""

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.mail.conftest import Put
from tracker import clock
from tracker.db import transaction
from tracker.mail import claims, outbox
from tracker.mail.mailings import Mailing, put_mailings
from tracker.mail.models import EmailKind
from tracker.mail.render import Message

pytestmark = pytest.mark.each_database
MANY = 1_000


def written_to_many(kind: EmailKind) -> None:
    message = Message("News", "They answered.\n", "<p>They answered.</p>")
    with transaction():
        body = outbox.put_body(message, now=clock.now())
        receivers = [outbox.Receiver(f"{number}@example.org", {}) for number in range(MANY)]
        put_mailings([Mailing(body, receivers)], kind=kind, now=clock.now())


def test_a_confirmation_overtakes_a_thousand_updates(make_app: MakeApp, put: Put) -> None:
    """At ten a second they take a hundred seconds; who has just signed does not wait for them, nor does their domain's
    rate make it."""
    app = make_app(MAIL_URL="smtp://127.0.0.1:9", MAIL_ALLOW="*", MAIL_RATE="10", MAIL_RATE_PER_DOMAIN="2")
    with app.app_context():
        written_to_many(EmailKind.UPDATE)
        put("new@example.org", EmailKind.CONFIRMATION)
        with transaction():
            taken = claims.claim(now=clock.now(), limit=400)
    assert [email.kind for email in taken[:1]] == [EmailKind.CONFIRMATION]
    assert len(taken) <= 4, "updates wait for the turn of their receivers' domain"


def test_what_one_event_asks_of_many_is_in_between(app: Flask) -> None:
    """A changed text asks all earlier signers: after a sign-in link, before digests and news."""
    message = Message("A subject", "Words.\n", "<p>Words.</p>")
    with app.app_context():
        with transaction():
            for kind, is_of_many in (
                (EmailKind.UPDATE, False),
                (EmailKind.DIGEST, False),
                (EmailKind.CONFIRMATION, True),
                (EmailKind.REMINDER, False),
                (EmailKind.SIGN_IN_LINK, False),
            ):
                outbox.put(message, to="a@example.org", kind=kind, now=clock.now(), is_of_many=is_of_many)
        with transaction():
            taken = [email.kind for email in claims.claim(now=clock.now(), limit=9)]
    assert taken[:3] == [EmailKind.SIGN_IN_LINK, EmailKind.REMINDER, EmailKind.CONFIRMATION]
    assert set(taken[3:]) == {EmailKind.UPDATE, EmailKind.DIGEST}
