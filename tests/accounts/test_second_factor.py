"""The second factor: asked for, set up, used once, lost and found again."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tests.support.accounts import PASSWORD, TOTP_SECRET, code_of, make_account
from tests.support.pages import Page, submit, visit
from tracker.accounts import factor, service
from tracker.accounts.models import Account, Role, SignIn
from tracker.accounts.service.factor import locked
from tracker.clock import now
from tracker.config import Durations
from tracker.db import db, transaction
from tracker.mail.models import Email
from tracker.sealing import keyring

ADA = "ada@example.org"
NOON = dt.datetime(2026, 11, 24, 12, 0, 5, tzinfo=dt.UTC)


def give_password(client: FlaskClient, **more: str) -> Page:
    """The page that asks for the code, after the right password."""
    return visit(client, "/login", method="POST", data={"email": ADA, "password": PASSWORD, **more})


def give_code(client: FlaskClient, page: Page, code: str) -> tuple[int, str | None]:
    """Status and address of the answer to a code."""
    answer = client.post("/login/code", data={**page.form(), "code": code})
    return answer.status_code, answer.location


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def mails(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(Email)) or 0


@pytest.fixture
def ada(app: Flask) -> int:
    """An administrator with password and second factor."""
    return make_account(app, Role.ADMINISTRATOR, password=True, email=ADA)


@pytest.mark.each_database
def test_password_and_code_sign_in(app: Flask, client: FlaskClient, ada: int) -> None:
    """The password alone opens nothing; with the code it leads to the page asked for."""
    page = give_password(client, next="/account?x=1")
    assert page.heading == "Your code"
    assert not is_in(client)
    assert give_code(client, page, code_of()) == (302, "/account?x=1")
    assert is_in(client)
    assert visit(client, "/people").heading == "People"


@pytest.mark.each_database
def test_a_code_passes_once(app: Flask, client: FlaskClient, ada: int) -> None:
    """Whoever looked over a shoulder cannot use the same code again, nor an earlier one."""
    with time_machine.travel(NOON, tick=False):
        assert give_code(client, give_password(client), code_of())[0] == 302
        thief = app.test_client()
        assert give_code(thief, give_password(thief), code_of())[0] == 422
        assert give_code(thief, give_password(thief), code_of(at=NOON - dt.timedelta(seconds=30)))[0] == 422
        assert not is_in(thief)
    with time_machine.travel(NOON + dt.timedelta(seconds=30), tick=False):
        assert give_code(thief, give_password(thief), code_of())[0] == 302


@pytest.mark.parametrize(("off", "status"), [(-30, 302), (0, 302), (30, 302), (-60, 422), (60, 422)])
def test_a_clock_may_be_half_a_minute_off(app: Flask, client: FlaskClient, ada: int, off: int, status: int) -> None:
    """One step before and after now passes, no other."""
    with time_machine.travel(NOON, tick=False):
        page = give_password(client)
        assert give_code(client, page, code_of(at=NOON + dt.timedelta(seconds=off)))[0] == status


def test_recovery_code_passes_once_however_typed(app: Flask, client: FlaskClient, ada: int) -> None:
    """A recovery code works in place of the app, in small letters and without dashes, once; its owner is told."""
    with app.app_context(), transaction():
        codes = service.renew_recovery_codes(db.session.get_one(Account, ada), now=now())
    before = mails(app)
    typed = codes[3].lower().replace("-", " ")
    assert give_code(client, give_password(client), typed)[0] == 302
    assert mails(app) == before + 1
    other = app.test_client()
    assert give_code(other, give_password(other), codes[3])[0] == 422
    assert give_code(other, give_password(other), codes[4])[0] == 302
    with app.app_context():
        assert len(db.session.get_one(Account, ada).mf_recovery_codes or []) == 8


def test_wrong_codes_get_one_answer(app: Flask, client: FlaskClient, ada: int) -> None:
    """Wrong digits, words, a used or foreign recovery code, an empty-looking one: the page says the same."""
    said = set()
    for code in ("000000", "hello", "AAAA-BBBB-CCCC-DDDD", "\u0661\u0662\u0663\u0664\u0665\u0666", "-"):
        page = give_password(client)
        answer = client.post("/login/code", data={**page.form(), "code": code})
        assert answer.status_code == 422
        said.add(re.sub(r'value="[^"]*"|nonce-\S+', "", answer.text))
    assert len(said) == 1


def test_guessing_codes_is_slowed_and_told(make_app: MakeApp, smtp_sink: object) -> None:
    """After some wrong codes one must wait, even with the right one; the owner learns that the password is known."""
    app = make_app(durations=Durations(free_tries=3))
    make_account(app, Role.ADMINISTRATOR, password=True, email=ADA)
    client = app.test_client()
    page = give_password(client)
    statuses = [give_code(client, page, "000000")[0] for _ in range(4)]
    assert statuses == [422, 422, 422, 429]
    assert give_code(client, page, code_of())[0] == 429
    assert mails(app) == 1


def test_the_step_between_ends(app: Flask, client: FlaskClient, ada: int) -> None:
    """A page left open for more than ten minutes, or from before a new password, lets nobody in."""
    with time_machine.travel(NOON, tick=False):
        page = give_password(client)
    with time_machine.travel(NOON + dt.timedelta(minutes=11), tick=False):
        assert give_code(client, page, code_of()) == (302, "/login?next=/")
        page = give_password(client)
        with app.app_context(), transaction():
            service.change_password(db.session.get_one(Account, ada), "another under eight kites", now=now())
        assert give_code(client, page, code_of()) == (302, "/login?next=/")
    assert not is_in(client)


def test_step_of_somebody_else_is_refused(app: Flask, client: FlaskClient, ada: int) -> None:
    """What says that a password was right cannot be made up."""
    page = give_password(client)
    with app.app_context():
        forged = keyring().seal(f'{{"account": "{ada}"}}', "kept form")
    answer = client.post("/login/code", data={**page.form(), "step": forged, "code": code_of()})
    assert (answer.status_code, answer.location) == (302, "/login?next=/")


def test_mailed_link_and_new_password_ask_for_it_too(app: Flask, client: FlaskClient, ada: int) -> None:
    """A mailbox alone opens nothing: neither a sign-in link nor a reset goes round the second factor."""
    with app.app_context(), transaction():
        account = db.session.get_one(Account, ada)
        link = service.links.new_link(service.links.LinkPurpose.SIGN_IN, account, lasting=dt.timedelta(1), now=now())
        reset = service.links.new_link(service.links.LinkPurpose.RESET, account, lasting=dt.timedelta(1), now=now())
    assert submit(client, f"/login/link/{link}").heading == "Your code"
    assert not is_in(client)
    page = submit(client, f"/reset/{reset}", new_password="another under eight kites")
    assert page.heading == "Your code"
    assert not is_in(client)
    assert give_code(client, page, code_of())[0] == 302
    assert is_in(client)


@pytest.mark.each_database
def test_two_with_one_code_at_once(app: Flask, ada: int) -> None:
    """Of two transactions that check the same code, one passes: the second reads what the first wrote."""
    passed = []
    code = code_of()
    for _ in range(2):
        with app.app_context(), transaction():
            account = locked(ada)
            assert account is not None
            passed.append(service.passes_factor(account, code, now=now()))
    assert passed == [True, False]


def test_secret_opens_in_its_own_row_alone(app: Flask, ada: int) -> None:
    """A sealed secret copied into another account's row is worthless there."""
    other = make_account(app, Role.ADMINISTRATOR)
    with app.app_context():
        with transaction():
            them = db.session.get_one(Account, other)
            them.tf_totp_secret = db.session.get_one(Account, ada).tf_totp_secret
        with pytest.raises(Exception, match="another place"):
            factor.step_of(db.session.get_one(Account, other), code_of(TOTP_SECRET), now=now())
        assert db.session.scalar(sa.select(sa.func.count()).select_from(SignIn)) == 0
