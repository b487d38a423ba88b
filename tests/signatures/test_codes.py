"""Codes on slips of paper: signed once, without an address; nothing tells who got which; a receipt code opens it."""

import re
import threading
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.signing import LINK, NAME, SLUG, lead, letter, number_of, open_letter, rows, stamp
from tests.support.accounts import SignedIn, forget_tries
from tests.support.mails import outbox
from tests.support.pages import Page, submit, visit
from tracker import clock
from tracker.campaigns.models import Visibility
from tracker.db import db, transaction
from tracker.sealing import campaign_keys
from tracker.signatures import receipts, service
from tracker.signatures.codes import ALPHABET, CodeBatch, SigningCode, codes_left
from tracker.signatures.models import Signatory, Signature
from tracker.signatures.service import SignatureError
from tracker.timeline.models import Revision, TimelineEntry


def made(app: Flask, number: int = 3) -> list[str]:
    """An employees' letter by link, and codes for it."""
    open_letter(app, protected=True, visibility=Visibility.LINK)
    with app.app_context(), transaction():
        return service.make_codes(letter(), number, now=clock.now())


def sign(client: FlaskClient, app: Flask, code: str, *, status: int = 200, **values: Any) -> Page:
    """Fill in the form with a code; the page that follows."""
    forget_tries()
    typed = {"name": NAME, "appearance": "initials", "consent": "y", "code": code, "stamp": stamp(app), **values}
    return submit(client, f"/c/{LINK}/code", status=status, **typed)


def receipt_of(page: Page) -> str:
    return page.select_one(".receipt-code").get_text(strip=True)


@pytest.mark.each_database
def test_signed_with_a_slip(app: Flask, client: FlaskClient) -> None:
    """From the slip to the count, without an address or a mail; the receipt code sees, hides and withdraws."""
    code = made(app)[0]
    page = visit(client, f"/c/{LINK}/code/{code}")
    assert page.form("form.sign-form")["code"].replace("-", "") == code
    assert "email" not in page.form("form.sign-form")
    assert "We, the undersigned" in page.text and "Use your own phone" in page.text
    page = sign(client, app, code.lower())
    assert page.heading == "You signed"
    assert rows(app) == [("confirmed", "initials", "signer", "2026-12", 1)] and outbox(app) == []
    receipt = receipt_of(page)
    assert "1 signed here" in visit(client, f"/c/{LINK}").text
    own = submit(client, f"/c/{LINK}/receipt", receipt=receipt.lower().replace("-", " "))
    assert own.heading == "Your signature" and NAME in own.text
    path = own.response.request.path
    submit(client, path, "form[action$=appearance]", appearance="counted")
    submit(client, path, "form[action$=withdraw]")
    assert rows(app)[0][:2] == ("withdrawn", "counted")
    submit(client, path, "form[action$=erase]", sure="y")
    assert submit(client, f"/c/{LINK}/receipt", status=422, receipt=receipt).has("[aria-invalid]")


def test_a_code_works_once(app: Flask, client: FlaskClient) -> None:
    """A used code, a mistyped one and another campaign's are refused in the same words, and what was typed stays."""
    first, second, _third = made(app)
    sign(client, app, first)
    pages = [sign(client, app, code, status=422) for code in (first, "23456-789AB", "nonsense")]
    said = {page.select_one("#code-error").get_text(strip=True) for page in pages}
    assert len(said) == 1 and pages[0].form("form.sign-form")["name"] == NAME
    sign(client, app, second, name="Bo Example")
    assert len(rows(app)) == 2 and number_of(app, SigningCode) == 1


def test_a_form_sent_twice_shows_its_receipt_again(app: Flask, client: FlaskClient) -> None:
    """Whoever lost the answer on a bad line sends the form once more and gets the same receipt; nothing is doubled."""
    code = made(app)[0]
    forget_tries()
    form = visit(client, f"/c/{LINK}/code").form("form.sign-form")
    data = {**form, "name": NAME, "appearance": "counted", "consent": "y", "code": code, "stamp": stamp(app)}
    pages = [visit(client, f"/c/{LINK}/code", method="POST", data=data) for _again in range(2)]
    assert receipt_of(pages[0]) == receipt_of(pages[1])
    assert len(rows(app)) == 1
    other = {**data, "receipt": ""}
    visit(client, f"/c/{LINK}/code", method="POST", data=other, status=422)


def test_nothing_joins_a_signature_to_a_slip(app: Flask, client: FlaskClient) -> None:
    """Codes are kept as keyed hashes, in no order of making, and destroyed when used; of a signature the day alone."""
    codes = made(app, 20)
    page = sign(client, app, codes[7])
    with app.app_context():
        kept = list(db.session.scalars(sa.select(SigningCode.code_hash).order_by(SigningCode.id)))
        assert len(kept) == 19 and kept == sorted(kept)
        words = repr([tuple(row) for table in db.metadatas[None].sorted_tables for row in db.session.execute(
            sa.select(table)
        )])  # fmt: skip
        for secret in (*codes, receipt_of(page), receipt_of(page).replace("-", ""), NAME):
            assert secret not in words
        signature = db.session.scalars(sa.select(Signature)).one()
        signatory = db.session.scalars(sa.select(Signatory)).one()
        for moment in (signature.recorded_at, signature.confirmed_at, signatory.created_at):
            assert moment is not None and (moment.hour, moment.minute, moment.second) == (0, 0, 0)
        assert not {column.name for column in CodeBatch.__table__.columns} - {
            "id", "public_id", "campaign_id", "made", "made_on",
        }  # fmt: skip


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland"])
def test_whatever_is_done_with_a_slip_the_day_alone_is_kept(app: Flask, client: FlaskClient, zone: str) -> None:
    """Shown otherwise, corrected, withdrawn and signed again: neither it nor the history tells the minute."""
    code = made(app)[0]
    with app.app_context(), transaction():
        letter().zone = zone
        before = set(db.session.scalars(sa.select(TimelineEntry.id)))
    sign(client, app, code, office="analyst")
    with app.app_context():
        signatory = db.session.scalars(sa.select(Signatory)).one()
        keys = campaign_keys(letter().public_id, now=clock.now())
        path = f"/signed/{receipts.token(signatory.public_id, receipts.RECEIPT, keys)}"
    submit(client, path, "form[action$=appearance]", appearance="counted")
    submit(client, path, "form[action$=words]", office="engineer")
    submit(client, path, "form[action$=withdraw]")
    submit(client, path, "form[action$=again]", consent="y")
    submit(client, path, "form[action$=withdraw]")
    with app.app_context():
        signature = db.session.scalars(sa.select(Signature)).one()
        moments = [signature.recorded_at, signature.confirmed_at, signature.ended_at]
        moments += db.session.scalars(sa.select(Revision.recorded_at))
        moments += db.session.scalars(sa.select(TimelineEntry.recorded_at).where(TimelineEntry.id.not_in(before)))
        assert len(moments) >= 8
        local = [moment.astimezone(ZoneInfo(zone)) for moment in moments if moment is not None]
        assert {(one.hour, one.minute, one.second, one.microsecond) for one in local} == {(0, 0, 0, 0)}


def test_slips_are_shown_once(app: Flask, signed_in: Any, client: FlaskClient) -> None:
    """The lead makes a batch and prints it; afterwards nobody can, and unused ones can be destroyed."""
    made(app, 1)
    with app.app_context():
        number = lead().id
    team: SignedIn = signed_in(account_id=number)
    page = submit(team, f"/campaigns/{SLUG}/codes", number="12")
    codes = [one.get_text(strip=True) for one in page.select(".slip-code")]
    assert len(set(codes)) == 12 and len(page.select(".slip svg")) == 12
    assert all(re.fullmatch(rf"[{ALPHABET}]{{5}}-[{ALPHABET}]{{5}}", code) for code in codes)
    assert page.response.headers["Cache-Control"] == "no-store"
    again = visit(team, f"/campaigns/{SLUG}/codes")
    assert "13 codes were made" in again.text and not [code for code in codes if code in again.html]
    sign(client, app, codes[0])
    visit(team, f"/campaigns/{SLUG}/codes/destroy", method="POST")
    assert number_of(app, SigningCode) == 0 and len(rows(app)) == 1
    sign(client, app, codes[1], status=422)
    assert submit(team, f"/campaigns/{SLUG}/codes", status=422, number="201").has("[aria-invalid]")


def test_the_code_is_in_no_referrer_and_no_cache(app: Flask, client: FlaskClient) -> None:
    """An address with a code in it is a secret: no referrer, no cache, no index, no cookie; on public campaigns too."""
    open_letter(app)
    with app.app_context(), transaction():
        (code,) = service.make_codes(letter(), 1, now=clock.now())
    headers = visit(client, f"/c/{SLUG}/code/{code}").response.headers
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert "noindex" in headers["X-Robots-Tag"] and "Set-Cookie" not in headers
    for _scanner in range(3):
        visit(client, f"/c/{SLUG}/code/{code}")
    with app.app_context():
        assert codes_left(letter()) == 1, "opening the address uses nothing up"


def test_guessing_is_slow(app: Flask, client: FlaskClient) -> None:
    """From one network a few codes a minute can be tried, and receipt codes alike."""
    made(app)
    for path in (f"/c/{LINK}/code", f"/c/{LINK}/receipt"):
        forget_tries()
        answers = [client.post(path, data={"code": "x", "receipt": "x"}).status_code for _again in range(12)]
        assert answers[-1] == 429 and 429 not in answers[:10]
    forget_tries()


def test_codes_need_open_signing(app: Flask, client: FlaskClient) -> None:
    """Once signing is closed a code signs nothing, and it is not used up."""
    code = made(app)[0]
    forget_tries()
    form = visit(client, f"/c/{LINK}/code").form("form.sign-form")
    with app.app_context(), transaction():
        service.close_signing(letter(), actor=lead(), now=clock.now())
    data = {**form, "name": NAME, "appearance": "counted", "consent": "y", "code": code, "stamp": stamp(app)}
    assert "Signing is closed" in visit(client, f"/c/{LINK}/code", method="POST", data=data).text
    assert rows(app) == [] and number_of(app, SigningCode) == 3
    with app.app_context(), transaction(), pytest.raises(SignatureError):
        service.make_codes(letter(), 0, now=clock.now())


@pytest.mark.each_database
def test_one_code_fifty_times_at_once(app: Flask, live_server: Any) -> None:
    """A code sent fifty times at once by as many people signs once."""
    from tracker.accounts import limits

    code = made(app, 1)[0]
    forms = [
        visit(app.test_client(), f"/c/{LINK}/code").form("form.sign-form")
        | {"name": f"Person {number}", "appearance": "counted", "consent": "y", "code": code, "stamp": stamp(app)}
        for number in range(50)
    ]
    answers: list[int] = []

    def post(data: dict[str, Any]) -> None:
        parts = urlsplit(live_server.url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        connection.request(
            "POST", f"/c/{LINK}/code", urlencode(data), {"Content-Type": "application/x-www-form-urlencoded"}
        )
        answers.append(connection.getresponse().status)
        connection.close()

    limits.limiter.enabled = False
    try:
        threads = [threading.Thread(target=post, args=(data,)) for data in forms]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        limits.limiter.enabled = True
    assert sorted(answers) == [200, *[422] * 49]
    assert len(rows(app)) == 1 and number_of(app, Signatory) == 1
