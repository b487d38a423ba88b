"""Nobody learns of an address whether it signed: the same answer, the same work, the same mail, five a day at most."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.signing import LINK, lead, letter, stamp
from tests.support.accounts import forget_tries
from tests.support.mails import outbox
from tests.support.pages import counted_queries, visit
from tests.work_addresses.working import ADDRESS, DOMAIN, ask, open_at_work, signed
from tracker import clock
from tracker.db import db, transaction
from tracker.mail import outbox as mails
from tracker.mail.models import Email
from tracker.sealing import keyring
from tracker.signatures.service.blocking import add_block
from tracker.timeline.models import TimelineEntry
from tracker.work_addresses.models import WorkCode

STATES = {
    f"new@{DOMAIN}": "pending",
    ADDRESS: "pending",  # signed before
    f"often@{DOMAIN}": "cancelled",
    f"bounced@{DOMAIN}": "failed",
    "zoe@kept-out.example": "cancelled",  # one of its domains, and on the block list
    "zoe@elsewhere.example": "cancelled",
}


@pytest.mark.each_database
def test_the_same_answer_and_the_same_work(app: Flask, client: FlaskClient) -> None:
    """New, signed already, mailed often enough, bounced, kept out, of another domain: equal to the byte, statement by
    statement; the two that get a mail get the same one; whoever gets none is in no row, not even sealed."""
    open_at_work(app, DOMAIN, "kept-out.example")
    signed(client, app)
    for _again in range(5):
        ask(client, app, f"often@{DOMAIN}")
    with app.app_context(), transaction():
        add_block(letter(), "kept-out.example", actor=lead(), now=clock.now())
        mails.suppress(keyring().address_hash(f"bounced@{DOMAIN}"), "it bounced", now=clock.now())
    answers, statements = set(), {}
    for address in STATES:
        forget_tries()
        form = visit(client, f"/c/{LINK}/work").form("form.sign-form")
        with counted_queries() as made:
            answer = client.post(f"/c/{LINK}/work", data=form | {"email": address, "stamp": stamp(app)})
        page = visit(client, f"/c/{LINK}/work/code")
        words = page.select_one("main").get_text(" ", strip=True)
        answers.add((answer.status_code, answer.location, answer.get_data(), words))
        statements[address] = list(made)
    assert len(answers) == 1
    for address, made in statements.items():
        assert made == statements[ADDRESS] and len(made) > 8, address
    with app.app_context():
        last = db.session.scalars(sa.select(Email).order_by(Email.id.desc()).limit(len(STATES))).all()[::-1]
        assert dict(zip(STATES, (one.state.value for one in last), strict=True)) == STATES
        for one in last:
            kept = [one.recipient_sealed, one.links_sealed, one.body.text_sealed]
            assert all(kept) if one.state.value == "pending" else not any(kept)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(WorkCode)) == 5 + len(STATES)
    to_new, to_signed = outbox(app, f"new@{DOMAIN}")[0], outbox(app, ADDRESS)[-1]
    assert to_new.subject == to_signed.subject
    for one in ("text", "html"):
        assert getattr(to_new, one).replace(to_new.links["code"], "") == getattr(to_signed, one).replace(
            to_signed.links["code"], ""
        )


def test_five_mails_a_day_however_it_is_written(app: Flask, client: FlaskClient) -> None:
    """A mailbox gets five, whatever tag and case are typed, and nobody is told."""
    open_at_work(app)
    for again in range(7):
        page = ask(client, app, f"zoe.PLANTED+{again}@{DOMAIN}" if again % 2 else ADDRESS)
        assert page.heading == "Sign with the code from the mail"
    with app.app_context():
        states = [one.value for one in db.session.scalars(sa.select(Email.state).order_by(Email.id))]
    assert states == ["pending"] * 5 + ["cancelled"] * 2
    assert {mail.to for mail in outbox(app)} == {ADDRESS}


def test_the_history_tells_nobody(app: Flask, client: FlaskClient) -> None:
    """The history says nothing when somebody signs with a work address."""
    open_at_work(app)
    before = _entries(app)
    signed(client, app)
    assert _entries(app) == before


def _entries(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(TimelineEntry.headline)))
