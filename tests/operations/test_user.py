"""Accounts from the command line."""

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support.accounts import PASSWORD, make_account
from tests.support.mails import outbox
from tracker.accounts.models import Account, Role
from tracker.db import db


def test_user_is_added_with_a_password_from_standard_input(app: Flask, run) -> None:  # type: ignore[no-untyped-def]
    """`tracker user add` makes somebody who can sign in at once."""
    result = run(
        "user", "add", "Ada@example.org", "--role", "administrator", "--password-stdin", "--name", "Ada",
        stdin=PASSWORD + "\n",
    )  # fmt: skip
    assert (result.exit_code, result.output) == (0, "ada@example.org can sign in as administrator.\n")
    with app.app_context():
        account = db.session.scalars(sa.select(Account)).one()
        assert (account.role, account.name) == (Role.ADMINISTRATOR, "Ada")
    data = {"email": "ada@example.org", "password": PASSWORD}
    assert app.test_client().post("/login", data=data).status_code == 302


@pytest.mark.parametrize(
    ("email", "password", "words"),
    [
        ("ada@example.org", "short\n", "at least 12 characters"),
        ("ada@example.org", "", "No password came on standard input"),
        ("ada", PASSWORD, "does not look like an e-mail address"),
    ],
)
def test_refusals_are_sentences(app: Flask, run, email: str, password: str, words: str) -> None:  # type: ignore[no-untyped-def]
    """What cannot be done is said in words, with a status that is not 0, and nothing is made."""
    result = run("user", "add", email, "--role", "viewer", "--password-stdin", stdin=password)
    assert result.exit_code == 1
    assert words in result.output
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Account)) == 0


def test_user_is_invited(app: Flask, run) -> None:  # type: ignore[no-untyped-def]
    """`tracker user invite` puts an invitation into the outbox."""
    result = run("user", "invite", "bo@example.org", "--role", "viewer", "--name", "Bo")
    assert (result.exit_code, result.output) == (0, "An invitation is on its way to bo@example.org.\n")
    mail = outbox(app, "bo@example.org")[0]
    assert "Hello Bo," in mail.text
    assert app.test_client().get(mail.path("accept")).status_code == 200


def test_last_administrators_factor_is_taken_away(app: Flask, run) -> None:  # type: ignore[no-untyped-def]
    """Who lost phone and recovery codes, and is the only administrator, gets back in by the command line."""
    make_account(app, Role.ADMINISTRATOR, password=True, email="ada@example.org")
    assert run("user", "reset-factor", "ada@example.org").exit_code == 0
    data = {"email": "ada@example.org", "password": PASSWORD}
    assert app.test_client().post("/login", data=data).location == "/account/second-factor?next=/"
    assert "second factor was taken away" in outbox(app, "ada@example.org")[0].subject
    assert "has no second factor" in run("user", "reset-factor", "Ada@example.org").output
    assert "no account" in run("user", "reset-factor", "bo@example.org").output
