"""Whoever fills in the form learns nothing of anybody else: the same answer for all, limits, what keeps robots off."""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.signing import (
    LINK,
    NAME,
    SLUG,
    confirm,
    lead,
    letter,
    number_of,
    open_letter,
    rows,
    sign,
    signed,
    stamp,
    typed,
)
from tests.support.accounts import forget_tries
from tests.support.mails import outbox
from tests.support.pages import counted_queries, submit, visit
from tracker import clock
from tracker.campaigns.models import Visibility
from tracker.db import db, transaction
from tracker.mail.models import Email, EmailState
from tracker.signatures import service
from tracker.signatures.models import Signatory
from tracker.signatures.signings import SigningRequest


def test_the_same_answer_for_everybody(app: Flask, client: FlaskClient) -> None:
    """New, signed already, withdrawn, found invalid, not to be mailed: the answer is equal to the byte and as many
    statements are made; the mailbox learns the difference."""
    open_letter(app)
    states = ("new", "signed", "withdrew", "invalid", "blocked")
    for state in states[1:4]:
        path = signed(client, app, email=f"{state}@example.org")
        if state == "withdrew":
            submit(client, path, "form[action$=withdraw]")
    with app.app_context(), transaction():
        keys_hash = db.session.scalars(sa.select(Signatory).order_by(Signatory.id.desc())).first()
        assert keys_hash is not None
        service.invalidate_signature(keys_hash.signatures[0], reason="forged", actor=lead(), now=clock.now())
        from tracker.mail import outbox as mails
        from tracker.sealing import keyring

        mails.suppress(keyring().address_hash("blocked@example.org"), "it bounced", now=clock.now())
    answers, statements = set(), {}
    for state in states:
        forget_tries()
        data = {**visit(client, f"/c/{SLUG}/sign").form("form.sign-form"), **typed(), "stamp": stamp(app)}
        data |= {"email": f"{state}@example.org", "name": "Somebody Else"}
        with counted_queries() as made:
            answer = client.post(f"/c/{SLUG}/sign", data=data)
        follows = client.get(answer.location)
        answers.add((answer.status_code, answer.location, follows.get_data()))
        statements[state] = len(made)
    assert len(answers) == 1
    assert max(statements.values()) - min(statements.values()) <= 2, statements
    newest = {state: outbox(app, f"{state}@example.org")[-1].subject for state in states}
    assert newest["new"] == newest["withdrew"] == newest["blocked"] == "Did you sign “Letter”?"
    assert newest["signed"] == newest["invalid"] == "You signed “Letter” already"
    with app.app_context():
        blocked = db.session.scalars(sa.select(Email).order_by(Email.id.desc())).first()
        assert blocked is not None and blocked.state is EmailState.FAILED


def test_somebody_else_changes_nothing(app: Flask, client: FlaskClient) -> None:
    """Who types another's address changes nothing of their signature: only the mailbox's owner could."""
    open_letter(app)
    signed(client, app, appearance="counted")
    sign(client, app, name="Mallory Example", appearance="named")
    assert rows(app) == [("confirmed", "counted", "signer", "2026-12", 1)]
    page = visit(client, f"/c/{SLUG}")
    assert "Mallory" not in page.html and NAME not in page.html
    assert "1 signed and chose only to be counted." in page.text


def test_five_mails_a_day(app: Flask, client: FlaskClient) -> None:
    """Whoever types somebody's address again and again fills no mailbox, and is told nothing of it."""
    open_letter(app)
    for again in range(8):
        assert sign(client, app, name=f"Name {again}").heading == "Look into your mailbox"
    with app.app_context():
        states = list(db.session.scalars(sa.select(Email.state)))
    assert states.count(EmailState.PENDING) == 5
    assert states.count(EmailState.CANCELLED) == 3


@pytest.mark.each_database
def test_after_five_mails_the_same_work(app: Flask, client: FlaskClient) -> None:
    """Whoever was mailed often enough today, whoever is kept out, whoever must not be mailed and whoever is new: the
    same statements, one by one; and what is not sent is written without receiver and words."""
    from tracker.mail import outbox as mails
    from tracker.sealing import keyring
    from tracker.signatures.service.blocking import add_block

    open_letter(app)
    for again in range(5):
        sign(client, app, name=f"Name {again}", email="often@example.org")
    with app.app_context(), transaction():
        add_block(letter(), "kept-out.example", actor=lead(), now=clock.now())
        mails.suppress(keyring().address_hash("bounced@example.org"), "it bounced", now=clock.now())
    made = {}
    for address in ("new@example.org", "often@example.org", "z@kept-out.example", "bounced@example.org"):
        forget_tries()
        data = {**visit(client, f"/c/{SLUG}/sign").form("form.sign-form"), **typed(), "stamp": stamp(app)}
        with counted_queries() as statements:
            client.post(f"/c/{SLUG}/sign", data=data | {"email": address, "name": "Name 6"})
        made[address] = list(statements)
    assert len(made["new@example.org"]) > 5
    for address, statements in made.items():
        assert statements == made["new@example.org"], address
    with app.app_context():
        last = db.session.scalars(sa.select(Email).order_by(Email.id.desc()).limit(4)).all()[::-1]
        assert [one.state.value for one in last] == ["pending", "cancelled", "cancelled", "failed"]
        assert [one.recipient_sealed is None for one in last] == [False, True, True, False]
        assert [one.body.text_sealed is None for one in last] == [False, True, True, False]


def test_the_same_form_again(app: Flask, client: FlaskClient) -> None:
    """Sent twice, a form is one request and one mail; sent once more later, its mail comes again with the same link."""
    open_letter(app)
    sign(client, app)
    sign(client, app)
    assert (number_of(app, SigningRequest), len(outbox(app))) == (1, 1)
    with app.app_context(), transaction():
        db.session.execute(sa.update(SigningRequest).values(mailed_at=clock.now() - dt.timedelta(minutes=2)))
    sign(client, app)
    first, second = outbox(app)
    assert first.links == second.links
    assert number_of(app, SigningRequest) == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"remarks": "buy now"}, "people do not see"),
        ({"stamp": ""}, "open for long"),
        ({"stamp": "1700000000.made-up"}, "open for long"),
    ],
)
def test_robots_get_the_form_back(app: Flask, client: FlaskClient, values: dict[str, Any], words: str) -> None:
    """A form without our stamp, or with the hidden field filled, is shown once more, and can be sent then."""
    open_letter(app)
    page = sign(client, app, status=422, **values)
    assert words in page.text and number_of(app, SigningRequest) == 0
    form = page.form("form.sign-form")
    assert (form["name"], form["remarks"]) == (NAME, "")


def test_too_quick_and_too_old(app: Flask, client: FlaskClient) -> None:
    """A form sent at once, or after a day, is shown once more."""
    open_letter(app)
    for age, words in ((dt.timedelta(0), "very quick"), (dt.timedelta(hours=13), "open for long")):
        assert words in sign(client, app, status=422, stamp=stamp(app, age)).text
    assert number_of(app, SigningRequest) == 0


def test_a_network_has_its_limit(app: Flask, client: FlaskClient) -> None:
    """Too many forms from one network are refused for a while."""
    open_letter(app)
    forget_tries()
    data = typed(stamp=stamp(app))
    answers = [client.post(f"/c/{SLUG}/sign", data=data).status_code for _again in range(25)]
    assert answers[-1] == 429 and 429 not in answers[:20]
    forget_tries()


def test_by_link(app: Flask, client: FlaskClient) -> None:
    """By its link a letter is signed too: neither page nor mail says which campaign it is, and no name is shown."""
    open_letter(app, protected=True, visibility=Visibility.LINK)
    page = visit(client, f"/c/{LINK}")
    assert page.has("form.sign-form") and page.response.headers["Referrer-Policy"] == "no-referrer"
    visit(client, f"/c/{SLUG}/sign", status=404)
    asked = sign(client, app, key=LINK)
    assert asked.response.headers["Cache-Control"] == "no-store"
    confirm(client, app)
    for mail in outbox(app):
        assert "Letter" not in mail.subject + mail.text + mail.html
        assert NAME not in mail.subject + mail.text + mail.html
    page = visit(client, f"/c/{LINK}")
    assert "1 signed here" in page.text and NAME not in page.html
    for path in (".json", "/counter", "/counter.svg"):
        assert client.get(f"/c/{LINK}{path}").status_code == 404
    assert client.get(f"/c/{LINK}/code.svg").status_code == 200


def test_a_mailbox_at_the_company(app: Flask, client: FlaskClient) -> None:
    """A mail to an address at the company that is asked does not say which letter it is about."""
    from tracker.campaigns.models import CampaignSubject, SubjectRole
    from tracker.companies.service import find_or_add_company

    open_letter(app)
    with app.app_context(), transaction():
        company = find_or_add_company("Example Stores, Inc.", now=clock.now())
        db.session.add(CampaignSubject(campaign=letter(), company=company, role=SubjectRole.ASKED))
    sign(client, app, email="z@examplestores.com")
    (mail,) = outbox(app)
    assert "Letter" not in mail.subject + mail.text
