"""Mails to many at once: whoever is written to together gets what each alone would have got."""

import pytest
from flask import Flask

from tracker import clock
from tracker.db import db, transaction
from tracker.mail import outbox, unsealed
from tracker.mail.mailings import Mailing, put_mailings
from tracker.mail.models import Email, EmailKind, EmailState
from tracker.mail.outbox import Receiver
from tracker.mail.render import Message, link

pytestmark = pytest.mark.each_database


def words(number: int) -> Message:
    """Some that need a link of their receiver."""
    return Message(f"Subject {number}", f"Words {number}: {link('stop')}\n", f"<p>Words {number}</p>")


def test_receivers_of_different_words(app: Flask) -> None:
    """Each gets the words of their mailing with their own link, in the order in which they were given."""
    with app.app_context():
        with transaction():
            mailings = [
                Mailing(
                    outbox.put_body(words(number), now=clock.now()),
                    [Receiver(f"{number}{one}@example.org", {"stop": f"https://e.org/{number}{one}"}) for one in "ab"],
                )
                for number in range(3)
            ]
            put = put_mailings(mailings, kind=EmailKind.DIGEST, now=clock.now())
        found = [unsealed.opened(db.session.get_one(Email, one.id)) for one in put]
        assert [(one.to, one.message.subject, one.message.text) for one in found if one] == [
            (f"{number}{one}@example.org", f"Subject {number}", f"Words {number}: https://e.org/{number}{one}\n")
            for number in range(3)
            for one in "ab"
        ]
        assert not any(one.is_refused for one in put)


def test_whoever_must_not_be_written_to(app: Flask) -> None:
    """However the address is written, also where two of many are the same but for that; the others are written to."""
    addresses = ["Gone@Example.org", "here@example.org", "gone@example.org"]
    with app.app_context():
        with transaction():
            gone = outbox.put(words(0), to=addresses[0], kind=EmailKind.TEST, now=clock.now(), links={"stop": "/"})
            outbox.suppress(db.session.get_one(Email, gone.id).recipient_hash, "gone", now=clock.now())
        with transaction():
            body = outbox.put_body(words(1), now=clock.now())
            receivers = [Receiver(one, {"stop": "/"}) for one in addresses]
            put = put_mailings([Mailing(body, receivers)], kind=EmailKind.DIGEST, now=clock.now())
        assert [one.is_refused for one in put] == [True, False, True]
        states = [db.session.get_one(Email, one.id).state for one in put]
        assert states == [EmailState.FAILED, EmailState.PENDING, EmailState.FAILED]
        assert outbox.refusals(addresses).keys() == {addresses[0], addresses[2]}


def test_nobody_is_written_to_without_their_links() -> None:
    """A mail whose way out leads nowhere is not written."""
    with pytest.raises(ValueError, match="stop"):
        outbox.check_links(words(0), [Receiver("a@example.org", {"stop": "/"}), Receiver("b@example.org", {})])


def test_no_mailing_is_no_mail(app: Flask) -> None:
    """Nothing is asked of the database for nobody."""
    with app.app_context(), transaction():
        assert put_mailings([], kind=EmailKind.DIGEST, now=clock.now()) == []
