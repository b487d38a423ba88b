"""Accounts for tests, and clients that are signed in as one.

    def test_a_page(signed_in):
        client = signed_in(Role.ORGANISER)               # a FlaskClient; client.account_id, client.email
        other = signed_in(Role.VIEWER, name="Bo", zone="Europe/Berlin")

    def test_a_journey(signed_in_page):
        page = signed_in_page(Role.ADMINISTRATOR)        # Playwright's page; page options as in new_page

`make_account(app, role, **columns)` only makes one (its id comes back); `sign_in(client, account_id)` signs any client
in. Neither hashes a password, so they cost nothing; PASSWORD is what `make_account(…, password=True)` gives.
"""

import datetime as dt
import secrets
from collections.abc import Callable
from functools import cache
from itertools import count
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from passlib.totp import TOTP
from playwright.sync_api import Page

from tracker.accounts import limits, passwords, sign_ins
from tracker.accounts.factor import METHOD, seal
from tracker.accounts.models import Account, CampaignMember, Membership, Role
from tracker.clock import now
from tracker.db import db, new_public_id, transaction

PASSWORD = "horseradish under seven kites"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_numbers = count(1)


class SignedIn(FlaskClient):
    """A client of the app, signed in."""

    account_id: int
    email: str


def make_account(
    app: Flask, role: Role = Role.ORGANISER, *, password: bool | str = False, factor: bool | None = None, **columns: Any
) -> int:
    """A new account; its id. With a second factor where it needs one, or as `factor` says."""
    with app.app_context(), transaction():
        number = next(_numbers)
        chosen = PASSWORD if password is True else password
        account = Account(
            **{
                "email": f"{role.value}{number}@example.org",
                "name": f"{role.value.capitalize()} {number}",
                "role": role,
                "password": _hash(chosen) if chosen else None,
                "fs_uniquifier": secrets.token_hex(16),
                "confirmed_at": now(),
                "created_at": now(),
                "public_id": new_public_id(),
                **columns,
            }
        )
        # Whoever needs a second factor has one, unless a test is about that.
        if account.needs_factor if factor is None else factor:
            have_factor(account)
        db.session.add(account)
        db.session.flush()
        return account.id


def give_factor(app: Flask, account_id: int) -> None:
    """Let an account have a second factor."""
    with app.app_context(), transaction():
        have_factor(db.session.get_one(Account, account_id))


def have_factor(account: Account) -> None:
    """The same inside a transaction."""
    account.tf_primary_method, account.tf_since = METHOD, now()
    account.tf_totp_secret = seal(TOTP_SECRET, account)


def code_of(secret: str = TOTP_SECRET, *, at: dt.datetime | None = None) -> str:
    """What an authenticator app with this secret shows now."""
    return str(TOTP(key=secret).generate(int((at or now()).timestamp())).token)


@cache
def _hash(password: str) -> str:
    """Its hash, made once: argon2 is slow on purpose, and the salt may be the same in every test."""
    return passwords.hashed(password)


def forget_tries() -> None:
    """Let everybody try again: no limit has been used up, no account has to wait."""
    limits.limiter.limiter.storage.reset()


def make_member(app: Flask, campaign_id: int, account_id: int, membership: Membership) -> None:
    """Take an account into a campaign."""
    with app.app_context(), transaction():
        db.session.add(
            CampaignMember(campaign_id=campaign_id, account_id=account_id, membership=membership, joined_at=now())
        )


def session_of(app: Flask, account_id: int) -> dict[str, object]:
    """What a browser's session holds after signing in as this account; the row is in the database."""
    with app.app_context(), transaction():
        return sign_ins.start(db.session.get_one(Account, account_id), now=now())


def sign_in(client: FlaskClient, account_id: int) -> None:
    """Sign a client in, without the page."""
    values = session_of(client.application, account_id)
    with client.session_transaction() as session:
        session.update(values)


@pytest.fixture
def signed_in(app: Flask) -> Callable[..., SignedIn]:
    """A function: `signed_in(role, **columns)` makes an account and a client signed in as it."""

    def make(role: Role = Role.ORGANISER, *, account_id: int | None = None, **columns: Any) -> SignedIn:
        client = SignedIn(app, app.response_class, use_cookies=True)
        client.account_id = account_id if account_id is not None else make_account(app, role, **columns)
        with app.app_context():
            client.email = db.session.get_one(Account, client.account_id).email
        sign_in(client, client.account_id)
        return client

    return make


@pytest.fixture
def signed_in_page(new_page: Callable[..., Page], app: Flask, live_server: Any) -> Callable[..., Page]:
    """A function: `signed_in_page(role)` opens a browser page signed in as a new account."""

    def make(
        role: Role = Role.ORGANISER, *, account_id: int | None = None, columns: Any = None, **options: Any
    ) -> Page:
        page = new_page(**options)
        number = account_id if account_id is not None else make_account(app, role, **(columns or {}))
        interface = app.session_interface
        assert isinstance(interface, SecureCookieSessionInterface)
        serializer = interface.get_signing_serializer(app)
        assert serializer is not None
        cookie = {
            "name": app.config["SESSION_COOKIE_NAME"],
            "value": serializer.dumps(session_of(app, number)),
            "url": live_server.url,
            "httpOnly": True,
            "sameSite": "Lax",
        }
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        return page

    return make
