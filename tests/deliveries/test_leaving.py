"""Who leaves reads no more news: not by a mail that waits already, and not on the receipt."""

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.deliveries.test_delivering import people
from tests.signatures.conftest import campaign as another_campaign
from tests.signatures.signing import ADDRESS, lead, letter
from tests.signatures.test_same import both_ways
from tests.support.mails import outbox
from tests.support.pages import submit, visit
from tracker import clock
from tracker.db import db, transaction
from tracker.deliveries import sending, service
from tracker.digests import ending, running
from tracker.digests.rechecking import WATCH
from tracker.mail import bounces
from tracker.mail import outbox as mails
from tracker.mail.claims import wipe_settled
from tracker.mail.models import Email, EmailKind, EmailState
from tracker.sealing import keyring
from tracker.signatures import service as signatures
from tracker.signatures.models import Appearance, Signature, SignatureStatus
from tracker.signatures.people import Person
from tracker.signatures.service import add_signatory

Leaves = Callable[[FlaskClient, str], object]


def newest_of_named() -> Signature:
    """The signature of the one who signed by name."""
    named = sa.select(Signature).where(Signature.appearance == Appearance.NAMED).order_by(Signature.id.desc())
    return db.session.scalars(named.limit(1)).one()


def invalidate(_client: FlaskClient, _receipt: str) -> None:
    with transaction():
        signatures.invalidate_signature(newest_of_named(), reason="Nobody of that name.", actor=lead(), now=clock.now())


LEAVING: dict[str, Leaves] = {
    "withdrawn": lambda client, receipt: submit(client, receipt, "form[action$=withdraw]"),
    "opted out": lambda client, receipt: submit(
        client, receipt, "form[action$=appearance]", appearance="named", updates=None
    ),
    "invalidated": invalidate,
    "erased": lambda client, receipt: submit(client, receipt, "form[action$=erase]", sure="y"),
}


def write_news(app: Flask) -> None:
    """News that waits in the outbox."""
    with app.app_context():
        with transaction():
            service.send_update(letter(), "They answered", actor=lead(), now=clock.now())
        sending.work()


def news(app: Flask, address: str = ADDRESS) -> list[EmailState]:
    """How the mails of news to an address stand; also of mails that were forgotten, under an empty one."""
    with app.app_context():
        hashes = keyring().address_hashes(address) if address else ("",)
        found = sa.select(Email.state).where(Email.kind == EmailKind.UPDATE, Email.recipient_hash.in_(hashes))
        return list(db.session.scalars(found.order_by(Email.id)))


@pytest.mark.parametrize("how", LEAVING)
def test_what_waits_stays_with_whoever_left(app: Flask, client: FlaskClient, how: str) -> None:
    """Withdrawn, opted out, found invalid, erased: the mail that waited never leaves, the other signer's does."""
    receipt = people(app, client)["named"]
    write_news(app)
    assert news(app) == news(app, "i@example.org") == [EmailState.PENDING]
    with app.app_context():
        LEAVING[how](client, receipt)
        running.send(most=20)
    assert news(app, "" if how == "erased" else ADDRESS) == [EmailState.CANCELLED]
    assert news(app, "i@example.org") == [EmailState.SENT]


def test_a_late_complaint_is_heard(app: Flask, client: FlaskClient) -> None:
    """Eight days later nothing here joins the mail to a signer; the link in the head of the mail that came back does.
    They hear no more and are written to no more; without that link, or with another campaign's, nobody is found."""
    people(app, client)
    write_news(app)
    with app.app_context():
        running.send(most=20)
        mail = db.session.scalars(
            sa.select(Email).where(
                Email.kind == EmailKind.UPDATE, Email.recipient_hash == keyring().address_hash(ADDRESS)
            )
        ).one()
        about = mail.message_id
    (link,) = {one.links["unsubscribe"] for one in outbox(app, ADDRESS) if one.kind == "update"}
    later = clock.now() + dt.timedelta(days=8)
    with app.app_context(), time_machine.travel(later, tick=False):
        with transaction():
            wipe_settled(now=later)
        for given, heard in (("", False), (link[:-3] + "xyz", False), (link, True)):
            way_out = f"List-Unsubscribe:\r\n <{given}>\r\n" if given else ""
            report = complaint(f"Message-ID: {about}\r\n{way_out}")
            with transaction():
                found = bounces.take(
                    bounces.read_report(report), now=later, changed=WATCH.changed, forgotten=ending.end_forgotten
                )
            assert (found is not None) is heard
            assert newest_of_named().wishes_updates is not heard
            assert bool(mails.refusal(ADDRESS)) is heard


def complaint(head: str) -> bytes:
    """As a mailbox provider sends it, with the head of our mail (RFC 5965)."""
    return (
        "Message-ID: <r@example.net>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; "
        'report-type=feedback-report; boundary="b"\r\n\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n'
        f"Feedback-Type: abuse\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{head}\r\n--b--\r\n"
    ).encode()


@pytest.mark.each_database
def test_one_found_to_be_two_is_still_reached(app: Flask, client: FlaskClient) -> None:
    """News waits at the address of a row that another one counts for: it leaves, unless the signer withdrew."""
    by_mail, _by_slip, _receipt = both_ways(app, client)
    submit(client, by_mail, "form[action$=appearance]", appearance="counted", updates="y")
    write_news(app)
    with app.app_context():
        running.send(most=20)
    assert news(app) == [EmailState.SENT]
    write_news(app)
    submit(client, by_mail, "form[action$=withdraw]")
    with app.app_context():
        running.send(most=20)
    assert news(app) == [EmailState.SENT, EmailState.CANCELLED]


def test_who_is_erased_here_still_hears_of_another_letter(app: Flask, client: FlaskClient) -> None:
    """The same address signed another campaign: news of that one waits on."""
    receipt = people(app, client)["named"]
    with app.app_context():
        with transaction():
            other = another_campaign("other")
            add_signatory(
                other, Person("Z", address=ADDRESS), appearance=Appearance.COUNTED, wishes_updates=True,
                actor=lead(), now=clock.now(),
            )  # fmt: skip
            service.send_update(other, "Of the other", actor=lead(), now=clock.now())
        sending.work()
    write_news(app)
    submit(client, receipt, "form[action$=erase]", sure="y")
    assert news(app) == [EmailState.PENDING] and news(app, "") == [EmailState.CANCELLED]
    with app.app_context():
        running.send(most=20)
    assert news(app) == [EmailState.SENT]


@pytest.mark.parametrize("status", [one for one in SignatureStatus if one is not SignatureStatus.LISTED])
def test_the_receipt_tells_news_to_those_who_count(app: Flask, client: FlaskClient, status: SignatureStatus) -> None:
    """Who withdrew, who was found to be none, and an organisation that nobody has confirmed read no news to signers."""
    receipt = people(app, client)["named"]
    write_news(app)
    assert "They answered" in visit(client, receipt).text
    with app.app_context(), transaction():
        newest_of_named().status = status
    assert ("They answered" in visit(client, receipt).text) is (status is SignatureStatus.CONFIRMED)
