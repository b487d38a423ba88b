"""News reaches each signer once: in the next digest of who follows, by mail else; redacted, it is gone everywhere."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.deliveries.test_delivering import HERE, leading, people
from tests.signatures.signing import ADDRESS, SLUG, lead, letter
from tests.signatures.test_same import both_ways
from tests.signatures.test_text_changed import asked, change, run
from tests.support.accounts import SignedIn
from tests.support.mails import outbox
from tests.support.pages import submit, visit
from tracker import clock
from tracker.db import db, transaction
from tracker.deliveries import queries, sending, service
from tracker.deliveries.models import Delivery, SignerUpdate
from tracker.digests import running
from tracker.digests.content import gather
from tracker.digests.emails import subject_of
from tracker.digests.models import Subscriber
from tracker.mail.models import Email, EmailKind, EmailState
from tracker.timeline.models import EntryKind, EntryVisibility, TimelineEntry


def follow(client: FlaskClient, app: Flask, address: str) -> None:
    """Ask to hear of the letter and confirm it, without an account."""
    submit(client, f"/c/{SLUG}/follow", email=address)
    submit(client, outbox(app, address)[-1].path("confirm"))


def news(app: Flask, address: str) -> list[str]:
    return [mail.text for mail in outbox(app, address) if "News of" in mail.subject]


def send(app: Flask) -> int:
    with app.app_context():
        return sending.work()


@pytest.mark.each_database
def test_who_follows_reads_it_in_the_digest_and_nobody_twice(
    app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]
) -> None:
    """It stands at the top of the digest, over what was recorded before; the other signer gets the mail; said to the
    signers alone, both get the mail and the digest has nothing."""
    people(app, client)
    follow(client, app, ADDRESS)
    team = leading(app, signed_in)
    submit(team, HERE, "form[action$=delivery]", receiver="The board", way="post")
    page = submit(team, HERE, "form[action$=update]", words="They answered:\nno.")
    assert "On its way" in page.text
    assert send(app) == 1
    assert not news(app, ADDRESS) and len(news(app, "i@example.org")) == 1
    with app.app_context():
        subscriber = db.session.scalars(sa.select(Subscriber).where(Subscriber.account_id.is_(None))).one()
        gathered = gather(subscriber, due_at=subscriber.next_due_at, now=subscriber.next_due_at)
        assert gathered is not None
        (section,) = gathered.content.sections
        assert section.lines[0].headline == "To those who signed: They answered: no."
        assert len(section.lines) > 1 and section.lines[0].kind is EntryKind.UPDATE
        assert "To those who signed" in subject_of(gathered.content)
    submit(team, HERE, "form[action$=update]", words="Between us.", readers="")
    assert send(app) == 2
    assert ["Between us." in text for text in news(app, ADDRESS)] == [True]
    with app.app_context():
        told = db.session.scalars(sa.select(TimelineEntry.headline).where(TimelineEntry.kind == EntryKind.UPDATE))
        assert list(told) == ["To those who signed: They answered: no."]


def test_a_follower_who_may_not_read_it_gets_the_mail(app: Flask, client: FlaskClient) -> None:
    """Told to members alone it is in nobody else's digest; who followed only afterwards gets the mail too."""
    people(app, client)
    follow(client, app, ADDRESS)
    with app.app_context(), transaction():
        service.send_update(letter(), "One", readers=EntryVisibility.MEMBERS, actor=lead(), now=clock.now())
        service.send_update(letter(), "Two", readers=EntryVisibility.PUBLIC, actor=lead(), now=clock.now())
    follow(client, app, "i@example.org")
    assert send(app) == 3
    assert [len(news(app, one)) for one in (ADDRESS, "i@example.org")] == [1, 2]


@pytest.mark.each_database
def test_a_redaction_reaches_the_receiver_and_the_news(
    app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn], instance: Path
) -> None:
    """Redacted in the history, the receiver's name is gone from the delivery; the news from its row, from receipts and
    from stored mails, and what waited never leaves."""
    receipts = people(app, client)
    team = leading(app, signed_in)
    submit(
        team, HERE, "form[action$=delivery]", receiver="Redactable Receiver", way="post", receipt="Redactable porter"
    )
    submit(team, HERE, "form[action$=update]", words="Redactable news")
    assert send(app) == 2
    with app.app_context():
        assert running.send(most=20)["sent"] >= 2  # into the folder of mails
    submit(team, HERE, "form[action$=update]", words="Redactable news that waits")
    assert send(app) == 2
    assert "Redactable news" in visit(client, receipts["named"]).text
    with app.app_context():
        ids = [
            db.session.get_one(TimelineEntry, number).public_id
            for model in (Delivery, SignerUpdate)
            for number in db.session.scalars(sa.select(model.entry_id))
            if number is not None
        ]
    assert len(ids) == 3
    for public_id in ids:
        submit(team, f"/campaigns/{SLUG}/history/{public_id}/redact", "main form", reason="It named somebody.")
    assert "Redactable" not in visit(client, receipts["named"]).text + visit(team, HERE).text
    assert "Redactable" not in visit(team, f"/campaigns/{SLUG}/history").text
    with app.app_context():
        for table in db.metadatas[None].sorted_tables:
            for row in db.session.execute(sa.select(table)):
                assert "Redactable" not in repr(tuple(row)), table.name
        mails = db.session.scalars(sa.select(Email).where(Email.kind == EmailKind.UPDATE).order_by(Email.id)).all()
        assert [mail.state for mail in mails] == [EmailState.SENT] * 2 + [EmailState.CANCELLED] * 2
        assert {mail.body.text_sealed for mail in mails} == {None}
        letters = {f"{mail.public_id}.eml" for mail in mails}
    assert not [path for path in instance.rglob("*.eml") if path.name in letters], "nor do letters lie in the folder"


def test_a_signer_found_to_be_two_rows_is_reached_by_either_address(app: Flask, client: FlaskClient) -> None:
    """The row that counts came by a slip and has no address: a changed text asks through the other row's, news reaches
    it once by its own receipt, and the way out ends it for both."""
    by_mail, _by_slip, _receipt = both_ways(app, client)
    change(app)
    assert run(app, 2) == 1
    assert asked(app, ADDRESS) == [by_mail]
    with app.app_context():
        campaign = letter()
        assert queries.number_of_hearers(campaign) == 0, "nobody wished to hear"
    submit(client, by_mail, "form[action$=appearance]", appearance="counted", updates="y")
    with app.app_context(), transaction():
        assert queries.number_of_hearers(letter()) == 1
        service.send_update(letter(), "News", actor=lead(), now=clock.now())
    assert send(app) == 1
    mail = outbox(app, ADDRESS)[-1]
    assert mail.path("receipt") == by_mail
    app.test_client().post(mail.path("unsubscribe"), data={"List-Unsubscribe": "One-Click"})
    with app.app_context():
        assert queries.number_of_hearers(letter()) == 0
