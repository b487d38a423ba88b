"""Somebody shows that they work there: off unless allowed, warned first, signed once an address."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
import time_machine
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.signing import LINK, NAME, SLUG, lead, letter, number_of, open_letter, rows, stamp
from tests.support.accounts import SignedIn, forget_tries
from tests.support.mails import outbox
from tests.support.pages import submit, visit
from tests.work_addresses.working import ADDRESS, DOMAIN, ask, code_for, open_at_work, sign, signed
from tracker import clock
from tracker.breakdowns.service import count_groups
from tracker.campaigns.models import Visibility
from tracker.db import db, transaction
from tracker.mail.models import Email, EmailKind
from tracker.mail.urgency import PRIORITIES
from tracker.sealing import campaign_keys
from tracker.signatures import service
from tracker.signatures.codes import RECEIPT_LENGTH, new_code
from tracker.signatures.models import Appearance, Signatory
from tracker.signatures.people import Person
from tracker.signatures.queries import current_text_id
from tracker.signatures.service import Wish
from tracker.signatures.service.coding import sign_without_address
from tracker.timeline.models import EntryVisibility, TimelineEntry
from tracker.work_addresses.addresses import mailbox_of
from tracker.work_addresses.models import WorkCode, WorkSigner
from tracker.work_addresses.service import allow_domains


@pytest.mark.each_database
def test_from_the_address_to_the_count(app: Flask, client: FlaskClient) -> None:
    """A code comes by mail, is typed, and signs without e-mail as one from paper does; the receipt code sees, hides,
    withdraws and erases."""
    open_at_work(app)
    page = ask(client, app)
    assert page.heading == "Sign with the code from the mail" and ADDRESS not in page.html
    (mail,) = outbox(app)
    assert (mail.to, mail.kind) == (ADDRESS, "work_code")
    page = sign(client, app, mail.links["code"].lower())
    assert page.heading == "You signed"
    assert rows(app) == [("confirmed", "counted", "signer", "2026-12", 1)]
    receipt = page.select_one(".receipt-code").get_text(strip=True)
    own = submit(client, f"/c/{LINK}/receipt", receipt=receipt)
    assert NAME in own.text and f"an address at {DOMAIN}" in own.text and ADDRESS not in own.html
    path = own.response.request.path
    submit(client, path, "form[action$=withdraw]")
    submit(client, path, "form[action$=erase]", sure="y")
    with app.app_context():
        assert db.session.scalars(sa.select(Signatory)).one().work_domain is None
    submit(client, f"/c/{LINK}/receipt", status=422, receipt=receipt)


def test_off_unless_allowed(app: Flask, client: FlaskClient) -> None:
    """By default there is neither an offer nor a page; taken away, codes on their way do nothing."""
    open_letter(app, protected=True, visibility=Visibility.LINK)
    assert "work there" not in visit(client, f"/c/{LINK}").text
    for path in ("work", "work/code"):
        visit(client, f"/c/{LINK}/{path}", status=404)
    with app.app_context(), transaction():
        allow_domains(letter(), [DOMAIN, "other.example"], seen=None, actor=lead(), now=clock.now())
    ask(client, app)
    with app.app_context(), transaction():
        allow_domains(letter(), ["other.example"], seen=None, actor=lead(), now=clock.now())
    assert number_of(app, WorkCode) == 0
    assert sign(client, app, code_for(app), status=422).has("#code-error")


def test_the_lead_is_warned_and_allows_it(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """Only after the box below the warning is ticked; domains alone, and none where anybody can have an address."""
    open_letter(app, protected=True)
    with app.app_context():
        number = lead().id
    team, path = signed_in(account_id=number), f"/campaigns/{SLUG}/signing/work-addresses"
    page = visit(team, path)
    assert "Off." in page.text and "the employer can watch all of it" in page.text
    assert submit(team, path, status=422, domains=DOMAIN).has("#understood-error")
    for wrong in ("gmail.com", "203.0.113.0/24", "no domain", "localhost"):
        page = submit(team, path, status=422, domains=wrong, understood="y")
        assert page.has("#domains-error") and page.form("form[action$=work-addresses]")["domains"].strip() == wrong
    page = submit(team, path, domains=f"@{DOMAIN.upper()}\nBücher.example", understood="y")
    assert f"Allowed for {DOMAIN}, xn--bcher-kva.example" in page.text
    assert "30 days after the campaign is concluded the key of these hashes is destroyed" in page.text
    with app.app_context():
        entry = db.session.scalars(sa.select(TimelineEntry).order_by(TimelineEntry.id.desc())).first()
        assert entry is not None and entry.visibility is EntryVisibility.MEMBERS
        assert entry.headline == "Codes to work addresses were allowed"
    assert DOMAIN in visit(team, f"/campaigns/{SLUG}/signing").text
    assert "Off." in submit(team, path, domains="").text


@pytest.mark.parametrize("visibility", [Visibility.LINK, Visibility.PUBLIC])
def test_warned_before_anything_is_typed(app: Flask, client: FlaskClient, visibility: Visibility) -> None:
    """Paper comes first; that the employer sees mail, device and network stands above the field; nothing is cached."""
    open_at_work(app, visibility=visibility)
    key = LINK if visibility is Visibility.LINK else SLUG
    with app.app_context(), transaction():
        service.make_codes(letter(), 1, now=clock.now())
    page = visit(client, f"/c/{key}")
    ways = [one.get_text(" ", strip=True) for one in page.select(".work-ways li")]
    assert ways[0].startswith("A code on paper is the safer way.")
    assert ways[0].endswith("I have a code on a slip of paper")
    assert DOMAIN in ways[1] and ways[1].endswith("Show that you work there")
    page = visit(client, f"/c/{key}/work")
    warning = page.select_one(".work-warning").get_text(" ", strip=True)
    assert "A mail to a work inbox can be read there" in warning
    assert "A work device" in warning and "network at work" in warning
    assert "your own phone" in warning and "I have a code on paper" in warning
    assert page.html.index("work-warning") < page.html.index('name="email"')
    headers = page.response.headers
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert "noindex" in headers["X-Robots-Tag"] and "Set-Cookie" not in headers


def test_the_mail_says_nothing_of_the_letter(app: Flask, client: FlaskClient) -> None:
    """Subject, text and HTML are the same whatever the campaign, and before every digest; the code alone is its own."""
    open_at_work(app, visibility=Visibility.PUBLIC, protected=False)
    ask(client, app, key=SLUG)
    (mail,) = outbox(app)
    assert mail.subject == "The code you asked for"
    for words in (mail.subject, mail.text, BeautifulSoup(mail.html, "html5lib").get_text()):
        for telling in ("letter", "sign", "campaign", "petition", LINK, "planted"):
            assert telling not in words.lower()
    assert mail.links["code"] in mail.text and mail.links["code"] in mail.html
    with app.app_context():
        email = db.session.scalars(sa.select(Email)).one()
        assert email.priority == 0 == PRIORITIES.get(EmailKind.CONFIRMATION, 0)


def test_one_address_signs_once(app: Flask, client: FlaskClient) -> None:
    """However it is written, a used address signs no second time; it is told in the words of any code that does
    nothing, and another address signs."""
    open_at_work(app)
    signed(client, app)
    said = set()
    for again in (ADDRESS, ADDRESS.upper(), f"Zoe.Planted+second@{DOMAIN}"):
        ask(client, app, again)
        page = sign(client, app, code_for(app), status=422)
        said.add(page.select_one("#code-error").get_text(strip=True))
        assert page.form("form.sign-form")["name"] == NAME
    for code in ("23456-789AB", "nonsense"):
        said.add(sign(client, app, code, status=422).select_one("#code-error").get_text(strip=True))
    assert len(said) == 1 and len(rows(app)) == 1
    signed(client, app, f"zoeplanted@{DOMAIN}", name="Another")
    assert len(rows(app)) == 2 and number_of(app, WorkSigner) == 2


def test_a_code_works_once_and_not_for_long(app: Flask, client: FlaskClient) -> None:
    """Used, or a quarter of an hour old, it does nothing; each of several that were asked for works until one did."""
    open_at_work(app)
    ask(client, app)
    ask(client, app)
    first, second = (mail.links["code"] for mail in outbox(app, ADDRESS))
    with time_machine.travel(clock.now() + dt.timedelta(minutes=16), tick=False):
        assert sign(client, app, second, status=422).has("#code-error")
    sign(client, app, first)
    for code in (first, second):
        sign(client, app, code, status=422)
    assert len(rows(app)) == 1 and number_of(app, WorkCode) == 0


def test_a_form_sent_twice_shows_its_receipt_again(app: Flask, client: FlaskClient) -> None:
    """Whoever lost the answer sends the form once more and gets the same receipt; nothing is doubled."""
    open_at_work(app)
    ask(client, app)
    forget_tries()
    form = visit(client, f"/c/{LINK}/work/code").form("form.sign-form")
    data = {**form, "name": NAME, "appearance": "counted", "consent": "y", "code": code_for(app), "stamp": stamp(app)}
    pages = [visit(client, f"/c/{LINK}/work/code", method="POST", data=data) for _again in range(2)]
    assert len({page.select_one(".receipt-code").get_text(strip=True) for page in pages}) == 1
    assert len(rows(app)) == 1


def test_what_was_typed_wrongly_stays(app: Flask, client: FlaskClient) -> None:
    """No address, no consent: said beside the field, nothing lost and no code used up; once closed no code comes."""
    open_at_work(app)
    forget_tries()
    page = submit(client, f"/c/{LINK}/work", status=422, email="zoe at work", stamp=stamp(app))
    assert page.has("#email-error") and page.form("form.sign-form")["email"] == "zoe at work"
    ask(client, app)
    code = code_for(app)
    page = sign(client, app, code, status=422, consent=None)
    assert page.has("#consent-error") and page.form("form.sign-form")["code"] == code
    with app.app_context(), transaction():
        service.close_signing(letter(), actor=lead(), now=clock.now())
    assert "Signing is closed" in visit(client, f"/c/{LINK}/work").text
    assert number_of(app, WorkCode) == 1 and rows(app) == []


def test_guessing_is_slow(app: Flask, client: FlaskClient) -> None:
    """From one network a few addresses and a few codes a minute can be tried."""
    open_at_work(app)
    for path in (f"/c/{LINK}/work", f"/c/{LINK}/work/code"):
        forget_tries()
        answers = [client.post(path, data={"code": "x", "email": "x"}).status_code for _again in range(12)]
        assert answers[-1] == 429 and 429 not in answers[:10]
    forget_tries()


def test_only_counts_by_domain(app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]) -> None:
    """The lead and outsiders read tens of one domain, of a day that is over, and of the other not that it is; of
    nobody where they work. So it stays until ten have come."""
    open_at_work(app, DOMAIN, "small.example", visibility=Visibility.PUBLIC)
    for number in range(18):
        signed_by_code(app, number, DOMAIN if number < 11 else "small.example")
    with app.app_context():
        of, public_id = lead().id, db.session.scalars(sa.select(Signatory.public_id)).first()
    path = f"/campaigns/{SLUG}/signing/work-addresses"
    assert "Nobody has counted yet" in visit(signed_in(account_id=of), path).text
    assert "verified by work address" not in visit(client, f"/c/{SLUG}").text
    told = {}
    for day in range(1, 5):
        with time_machine.travel(clock.now() + dt.timedelta(days=day), tick=False):
            with app.app_context():
                count_groups(now=clock.now())
            team = signed_in(account_id=of)
            found = re.findall(r"At least (\d+) signed with a code from (\S+)", visit(team, path).text)
            assert ("verified by work address" in visit(client, f"/c/{SLUG}").text) is bool(found)
            told[day] = found, client.get(f"/c/{SLUG}.json").get_json()["verified_by_work_address"]
            for place in (f"/campaigns/{SLUG}/signatories", f"/campaigns/{SLUG}/signatories/{public_id}"):
                assert DOMAIN not in visit(team, place).html
            for number in range({1: 10, 2: 9, 3: 1}.get(day, 0)):
                signed_by_code(app, 100 * day + number, None if day == 1 else DOMAIN)
    assert told[1] == ([], None), "what is left beside eleven is seven"
    assert told[2] == told[3] == ([("10", DOMAIN)], {"at_least": 10}), "nine more are told of with the tenth"
    assert told[4] == ([("20", DOMAIN)], {"at_least": 20})


def signed_by_code(app: Flask, number: int, domain: str | None) -> None:
    """A signature as one with a code leaves it."""
    with app.app_context(), transaction():
        now = clock.now()
        keys = campaign_keys(letter().public_id, now=now)
        wish = Wish(Person(f"Person {number}"), Appearance.COUNTED, text_id=current_text_id(letter()))
        sign_without_address(letter(), new_code(RECEIPT_LENGTH), wish, keys, now=now).work_domain = domain


@pytest.mark.parametrize(
    ("typed", "mailbox"),
    [
        (" Zoe.Planted@Works.Example ", "zoe.planted@works.example"),
        ("zoe+news@works.example", "zoe@works.example"),
        ("zoe+a+b@works.example", "zoe@works.example"),
        ("ｚｏｅ@works.example", "zoe@works.example"),
        ("zoe@bücher.example", "zoe@xn--bcher-kva.example"),
        ("z.oe@works.example", "z.oe@works.example"),
        ("zoe", None),
        ("zoe@localhost", None),
        ("a b@works.example", None),
    ],
)
def test_one_mailbox_is_written_in_one_way(typed: str, mailbox: str | None) -> None:
    """Case, width and tag make no difference; a dot does, since at work it may be somebody else's mailbox."""
    assert mailbox_of(typed) == mailbox
