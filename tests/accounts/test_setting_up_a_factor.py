"""Setting a second factor up, and taking it away: led to it, asked for it, let back in without it."""

from collections.abc import Callable

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.test_second_factor import ADA, give_password, is_in, mails
from tests.conftest import MakeApp
from tests.support.accounts import PASSWORD, SignedIn, code_of, make_account, sign_in
from tests.support.pages import visit
from tracker.accounts import factor, queries
from tracker.accounts.models import Account, Role
from tracker.clock import now
from tracker.db import db


@pytest.fixture
def ada(app: Flask) -> int:
    """An administrator with password and second factor."""
    return make_account(app, Role.ADMINISTRATOR, password=True, email=ADA)


def test_without_one_an_administrator_is_led_to_it(app: Flask, client: FlaskClient) -> None:
    """After signing in comes the set-up, which may be put off; administration stays closed, other pages open."""
    make_account(app, Role.ADMINISTRATOR, password=True, factor=False, email=ADA)
    answer = client.post("/login", data={"email": ADA, "password": PASSWORD, "next": "/campaigns"})
    assert answer.location == "/account/second-factor?next=/campaigns"
    page = visit(client, answer.location)
    assert page.link("Later") == "/campaigns"
    assert client.get("/people").location == "/account/second-factor?next=/people"
    assert "until you have a second factor" in visit(client, "/campaigns").text


@pytest.mark.each_database
def test_setting_it_up(app: Flask, client: FlaskClient) -> None:
    """Scan, code, password: recovery codes are shown once, other sign-ins end, the next sign-in asks for a code."""
    number = make_account(app, Role.ADMINISTRATOR, password=True, factor=False, email=ADA)
    elsewhere = app.test_client()
    with time_machine.travel(now(), tick=False):
        sign_in(client, number)
        sign_in(elsewhere, number)
        page = visit(client, "/account/second-factor?next=/people")
        secret = page.select_one(".secret-words").get_text().replace(" ", "").strip()
        data = {**page.form("main form"), "current_password": PASSWORD}
        wrong = visit(client, "/account/second-factor", status=422, method="POST", data={**data, "code": "000000"})
        assert secret in wrong.select_one(".secret-words").get_text().replace(" ", "")
        done = visit(
            client, "/account/second-factor?next=/people", method="POST", data={**data, "code": code_of(secret)}
        )
    codes = [code.get_text() for code in done.select(".recovery-codes code")]
    assert len(set(codes)) == 10
    assert done.link("I have kept them") == "/people"
    assert visit(client, "/people").heading == "People"
    assert not is_in(elsewhere)
    with app.app_context():
        row = db.session.get_one(Account, number)
        stored = f"{row.tf_totp_secret} {row.mf_recovery_codes}"
        assert secret not in stored
        assert not any(code in stored or code.replace("-", "") in stored for code in codes)
    assert give_password(elsewhere).heading == "Your code"


def test_setting_it_up_asks_for_the_password(app: Flask, client: FlaskClient) -> None:
    """A browser left open is not enough."""
    number = make_account(app, Role.ADMINISTRATOR, password=True, factor=False)
    sign_in(client, number)
    page = visit(client, "/account/second-factor")
    secret = page.select_one(".secret-words").get_text().replace(" ", "").strip()
    data = {**page.form("main form"), "code": code_of(secret), "current_password": "wrong wrong wrong"}
    visit(client, "/account/second-factor", status=422, method="POST", data=data)
    with app.app_context():
        assert not db.session.get_one(Account, number).has_factor


def test_opening_the_page_changes_nothing(app: Flask, client: FlaskClient) -> None:
    """Each look shows another secret, and none is kept."""
    number = make_account(app, Role.ORGANISER, password=True)
    sign_in(client, number)
    seen = {visit(client, "/account/second-factor").select_one(".secret-words").get_text() for _ in range(2)}
    assert len(seen) == 2
    with app.app_context():
        assert not db.session.get_one(Account, number).has_factor


def test_taking_it_away_and_new_codes_ask_for_both(app: Flask, client: FlaskClient, ada: int) -> None:
    """Neither the password nor a code alone is enough; the code is then used up."""
    sign_in(client, ada)
    with time_machine.travel(now(), tick=False):
        for given in ({"code": code_of()}, {"current_password": PASSWORD, "code": "000000"}):
            for verb, prefix in (("codes", "codes"), ("remove", "remove")):
                fields = {f"{prefix}-{name}": value for name, value in given.items()}
                assert client.post(f"/account/second-factor/{verb}", data=fields).status_code == 422
        both = {"codes-current_password": PASSWORD, "codes-code": code_of()}
        page = visit(client, "/account/second-factor/codes", method="POST", data=both)
        code = page.select_one(".recovery-codes code").get_text()
        again = {"remove-current_password": PASSWORD, "remove-code": code_of()}
        assert client.post("/account/second-factor/remove", data=again).status_code == 422
        again["remove-code"] = code
        assert client.post("/account/second-factor/remove", data=again).status_code == 302
    assert client.get("/people").location == "/account/second-factor?next=/people"


def test_an_administrator_takes_anothers_away(app: Flask, signed_in: Callable[..., SignedIn], ada: int) -> None:
    """Who lost everything is let back in by another administrator: signed out everywhere, told by mail, set up anew."""
    theirs = app.test_client()
    sign_in(theirs, ada)
    admin = signed_in(Role.ADMINISTRATOR)
    with app.app_context():
        public_id = db.session.get_one(Account, ada).public_id
        own = db.session.get_one(Account, admin.account_id).public_id
    assert admin.post(f"/people/{own}/reset-factor").status_code == 403
    assert "Take their second factor away" in visit(admin, f"/people/{public_id}").text
    assert admin.post(f"/people/{public_id}/reset-factor").status_code == 302
    assert not is_in(theirs)
    assert mails(app) == 1
    answer = theirs.post("/login", data={"email": ADA, "password": PASSWORD})
    assert answer.location == "/account/second-factor?next=/"
    assert signed_in(Role.ORGANISER).post(f"/people/{public_id}/reset-factor").status_code == 403


def test_contact_data_asks_for_it(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """Who may see contact data or export, and has no second factor, is named before outsiders may sign."""
    make_account(app, Role.ORGANISER, factor=False, may_see_contacts=True, email="a@example.org")
    make_account(app, Role.VIEWER, factor=False, may_export=True, email="b@example.org")
    make_account(app, Role.ADMINISTRATOR, factor=False, email="c@example.org")
    make_account(app, Role.ADMINISTRATOR, factor=False, active=False)
    make_account(app, Role.ADMINISTRATOR)
    make_account(app, Role.ORGANISER)
    with app.app_context():
        lacking = queries.contact_readers_without_factor()
        assert [account.email for account in lacking] == ["a@example.org", "b@example.org", "c@example.org"]
        assert all(factor.is_lacking(account) for account in lacking)


def test_offered_asks_nobody(make_app: MakeApp) -> None:
    """Where the tracker is only tried out, an administrator without one enters everywhere."""
    app = make_app(SECOND_FACTOR="offered")
    number = make_account(app, Role.ADMINISTRATOR, factor=False)
    client = app.test_client()
    sign_in(client, number)
    assert visit(client, "/people").heading == "People"
