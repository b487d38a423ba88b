"""An expired session never loses a filled form."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.accounts import PASSWORD, SignedIn, make_account, sign_in
from tests.support.pages import Page, visit
from tracker.accounts.models import Role

OURS = {"Origin": "http://localhost"}
FIELDS = {"name": "Ünï “quoted” & <b>", "zone": "Europe/Berlin", "locale": "en"}


@pytest.fixture
def expired(app: Flask, signed_in: Callable[..., SignedIn]) -> SignedIn:
    """A browser whose sign-in ended elsewhere, with its cookie still there."""
    account = make_account(app, email="ada@example.org", password=True)
    client, elsewhere = signed_in(account_id=account), signed_in(account_id=account)
    elsewhere.post("/account/sign-ins/end-others")
    return client


def sign_in_with(client: FlaskClient, page: Page, email: str = "ada@example.org", password: str = PASSWORD) -> Page:
    form = page.form() | {"email": email, "password": password}
    return visit(client, "/login", method="POST", data=form, status=200 if password == PASSWORD else 422)


def test_form_is_kept_and_sent_by_a_button(expired: SignedIn) -> None:
    """Sent too late, the form waits on the sign-in page, is shown after signing in, and arrives unchanged."""
    page = visit(expired, "/account", method="POST", data=FIELDS, headers=OURS, status=401)
    assert "What you filled in is kept" in page.text
    assert "Ünï" not in page.html
    again = sign_in_with(expired, page, password="not my password")
    kept = sign_in_with(expired, again)
    assert kept.heading == "Your form is still here"
    assert kept.select_one("main form")["action"] == "/account"
    assert kept.form() == kept.form() | FIELDS
    assert visit(expired, "/account", method="POST", data=kept.form()).form()["name"] == FIELDS["name"]


def test_several_values_and_lines_are_kept(expired: SignedIn) -> None:
    """Repeated fields and line breaks come back as they were; passwords and the old token do not."""
    data = {"issue": ["one", "two"], "words": "first\r\n\r\nsecond", "new_password": "secret", "csrf_token": "old"}
    page = visit(expired, "/account/password?x=1", method="POST", data=data, headers=OURS, status=401)
    kept = sign_in_with(expired, page)
    assert kept.select_one("main form")["action"] == "/account/password?x=1"
    form = kept.form()
    assert (form["issue"], form["words"].replace("\r\n", "\n")) == (["one", "two"], "first\n\nsecond")
    assert "new_password" not in form and form["csrf_token"] != "old"


def test_form_of_a_foreign_page_is_not_kept(expired: SignedIn) -> None:
    """Nobody else can put words into a reader's mouth, not even by a click on our page."""
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site", **OURS}, {}):
        page = visit(expired, "/account", method="POST", data=FIELDS, headers=headers, status=401)
        assert page.form()["kept"] == ""


def test_form_is_given_to_nobody_else(app: Flask, expired: SignedIn) -> None:
    """Somebody else who signs in on the same page does not see what the first person wrote."""
    make_account(app, Role.VIEWER, email="bo@example.org", password=True)
    page = visit(expired, "/account", method="POST", data=FIELDS, headers=OURS, status=401)
    form = page.form() | {"email": "bo@example.org", "password": PASSWORD}
    answer = expired.post("/login", data=form)
    assert (answer.status_code, "Ünï" in answer.get_data(as_text=True)) == (302, False)


def test_form_cannot_be_made_up(app: Flask, client: FlaskClient) -> None:
    """A kept form that we did not seal is ignored."""
    make_account(app, email="ada@example.org", password=True)
    data = {"email": "ada@example.org", "password": PASSWORD, "kept": "12345678:AAAA"}
    assert client.post("/login", data=data).location == "/"


def test_form_too_long_to_keep_is_said_so(expired: SignedIn) -> None:
    """What does not fit is not silently lost: the page says how to keep it."""
    page = visit(expired, "/account", method="POST", data={"name": "x" * 500_000}, headers=OURS, status=401)
    assert "could not be kept" in page.text


def test_part_sent_by_htmx_shows_the_whole_sign_in_page(expired: SignedIn) -> None:
    """htmx puts the sign-in page in place of the whole page, with the form kept."""
    answer = expired.post("/account", data=FIELDS, headers={**OURS, "HX-Request": "true"})
    assert answer.headers["HX-Retarget"] == "body"
    assert b'name="kept"' in answer.data


def test_signed_in_again_elsewhere_is_enough(app: Flask, expired: SignedIn) -> None:
    """Who signed in again in another tab just goes on."""
    sign_in(expired, expired.account_id)
    assert expired.post("/account", data=FIELDS).status_code == 302
