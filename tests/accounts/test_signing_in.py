"""Signing in with address and password, and out again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tests.support.accounts import PASSWORD, SignedIn, make_account
from tests.support.pages import visit
from tracker.accounts.models import Account, Role, SignIn
from tracker.clock import now
from tracker.config import Durations
from tracker.db import db


def sign_in_by_form(client: FlaskClient, email: str = "ada@example.org", password: str = PASSWORD) -> int:
    """The status of POST /login."""
    return client.post("/login", data={"email": email, "password": password}).status_code


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("sid")
    assert cookie is not None
    return cookie.value


def replay(app: Flask, cookie: str) -> int:
    """What a browser sees that only has a copied cookie."""
    thief = app.test_client()
    thief.set_cookie("sid", cookie)
    return thief.get("/account").status_code


@pytest.mark.each_database
def test_password_signs_in(app: Flask, client: FlaskClient) -> None:
    """The right address, however it is written, and password lead to the page asked for; then /account opens."""
    make_account(app, password=True, email="ada@example.org")
    answer = client.post("/login", data={"email": " Ada@Example.org ", "password": PASSWORD, "next": "/account?x=1"})
    assert (answer.status_code, answer.location) == (302, "/account?x=1")
    assert visit(client, "/account").heading == "Your account"


@pytest.mark.parametrize(
    "next_", ["//evil.example", "https://evil.example", "/\\evil.example", "\t//evil", "/a\nb", "javascript:1", ""]
)
def test_next_stays_on_this_site(app: Flask, client: FlaskClient, next_: str) -> None:
    """Whatever next= says, signing in never leads to another site."""
    make_account(app, password=True, email="ada@example.org")
    answer = client.post("/login", data={"email": "ada@example.org", "password": PASSWORD, "next": next_})
    assert (answer.status_code, answer.location) == (302, "/")


def test_signed_in_clients_of_tests_are_signed_in(signed_in: Callable[..., SignedIn]) -> None:
    """The fixture gives clients who may enter what their role opens, and nothing else."""
    assert visit(signed_in(Role.ADMINISTRATOR), "/people").heading == "People"
    assert signed_in(Role.VIEWER).get("/people").status_code == 403


def test_signed_out_goes_to_the_sign_in_page_and_back(app: Flask, client: FlaskClient) -> None:
    """Somebody signed out is sent to /login, which remembers where they wanted to go."""
    answer = client.get("/account?tab=2")
    assert (answer.status_code, answer.location) == (302, "/login?next=/account?tab%3D2")
    assert visit(client, "/account?tab=2").form()["next"] == "/account?tab=2"


def test_part_of_a_page_asked_by_htmx_goes_to_sign_in_as_a_whole(client: FlaskClient) -> None:
    """htmx is told to leave the page instead of putting the sign-in form into a hole in it."""
    answer = client.get("/account", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/people"})
    assert answer.headers["HX-Redirect"] == "/login?next=/people"


@pytest.mark.each_database
def test_cookie_copied_before_signing_out_is_worthless(app: Flask, client: FlaskClient) -> None:
    """After signing out, a copy of the cookie opens nothing, and the row is gone."""
    make_account(app, password=True, email="ada@example.org")
    sign_in_by_form(client)
    cookie = cookie_of(client)
    assert replay(app, cookie) == 200
    assert client.post("/logout").location == "/login"
    assert replay(app, cookie) == 302
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(SignIn)) == 0


def test_cookie_copied_before_a_password_change_is_worthless(app: Flask, client: FlaskClient) -> None:
    """Changing the password ends every sign-in of the account, and this browser goes on with a new id."""
    make_account(app, password=True, email="ada@example.org")
    sign_in_by_form(client)
    cookie = cookie_of(client)
    client.post(
        "/account/password",
        data={"password-current_password": PASSWORD, "password-new_password": "seven kites over horseradish"},
    )
    assert replay(app, cookie) == 302
    assert client.get("/account").status_code == 200
    assert sign_in_by_form(app.test_client()) == 422
    assert sign_in_by_form(app.test_client(), password="seven kites over horseradish") == 302


def test_cookie_of_somebody_disabled_is_worthless(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """Disabling an account shuts it out at once; letting it in again does not revive old cookies."""
    account = make_account(app, Role.VIEWER, public_id="viewerviewer1234")
    viewer = signed_in(account_id=account)
    administrator = signed_in(Role.ADMINISTRATOR)
    cookie = cookie_of(viewer)
    assert replay(app, cookie) == 200
    administrator.post("/people/viewerviewer1234/disable")
    assert replay(app, cookie) == 302
    administrator.post("/people/viewerviewer1234/enable")
    assert replay(app, cookie) == 302


def test_each_sign_in_has_a_new_id(app: Flask, client: FlaskClient) -> None:
    """A cookie planted before signing in is not the one that is signed in afterwards."""
    make_account(app, password=True, email="ada@example.org")
    sign_in_by_form(client)
    first = cookie_of(client)
    sign_in_by_form(client)
    assert replay(app, first) == 302
    assert client.get("/account").status_code == 200


def test_cookie_knows_nothing_of_the_network_or_browser(app: Flask, client: FlaskClient) -> None:
    """The signed cookie holds ids alone: no hash of the address or the browser's name."""
    make_account(app, password=True, email="ada@example.org")
    client.get("/login", headers={"User-Agent": "X"})
    sign_in_by_form(client)
    with client.session_transaction() as session:
        assert not session.get("_id")


@pytest.mark.parametrize(
    ("idle", "absolute"), [(timedelta(hours=1), timedelta(days=9)), (timedelta(days=9), timedelta(hours=1))]
)
def test_sign_ins_end_by_resting_and_by_age(make_app: MakeApp, idle: timedelta, absolute: timedelta) -> None:
    """A sign-in ends when it rests too long, and when it is too old however busy it is."""
    app = make_app(durations=Durations(sign_in_idle=idle, sign_in_absolute=absolute))
    client = app.test_client()
    make_account(app, password=True, email="ada@example.org")
    start = now()
    with time_machine.travel(start, tick=False) as clock:
        sign_in_by_form(client)
        clock.shift(timedelta(minutes=50))
        assert client.get("/account").status_code == 200
        clock.shift(timedelta(minutes=50))
        assert client.get("/account").status_code == (302 if absolute < idle else 200)
        clock.shift(timedelta(minutes=70))
        assert client.get("/account").status_code == 302


@pytest.mark.each_database
def test_last_seen_is_written_at_most_once_a_minute(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """Reading pages writes one small row a minute, not one a page."""
    client = signed_in()
    writes: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE sign_in"):
            writes.append(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(4):
            clock.shift(timedelta(seconds=25))
            assert client.get("/account").status_code == 200
    sa.event.remove(engine, "before_cursor_execute", note)
    assert len(writes) == 1


def test_old_rows_are_swept(app: Flask, client: FlaskClient) -> None:
    """A sign-in sweeps away the rows that no longer count."""
    make_account(app, password=True, email="ada@example.org")
    with time_machine.travel(now() - timedelta(days=20)):
        sign_in_by_form(app.test_client())
    sign_in_by_form(client)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(SignIn)) == 1


def test_weaker_hash_is_renewed_by_signing_in(app: Flask, client: FlaskClient) -> None:
    """A hash made with weaker settings still opens, and is replaced by one with today's."""
    from passlib.hash import argon2

    weak = argon2.using(type="ID", memory_cost=8192, time_cost=1, parallelism=1).hash(PASSWORD)
    number = make_account(app, email="ada@example.org")
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.update(Account).where(Account.id == number).values(password=weak))
    assert sign_in_by_form(client) == 302
    with app.app_context():
        assert "m=65536,t=3,p=1" in str(db.session.get_one(Account, number).password)
    assert sign_in_by_form(client) == 302
