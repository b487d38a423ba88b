"""Sign-in rows: one a device, known by the hash of a random id in Flask's signed cookie, checked on each request.

A cookie alone would still work after signing out; deleting the row ends the sign-in at once (house.md, 4).
"""

from __future__ import annotations

import datetime as dt
import secrets

import sqlalchemy as sa
from flask import g, request, session
from flask_login import current_user
from flask_security.utils import login_user, logout_user

from tracker import clock
from tracker.accounts import queries
from tracker.accounts.models import Account, SignIn
from tracker.accounts.tokens import token_hash
from tracker.db import db, transaction
from tracker.settings import config

IN_COOKIE = "sign_in"
QUIET_ENDPOINTS = frozenset({"static"})


def start(account: Account, *, now: dt.datetime) -> dict[str, object]:
    """Add a sign-in row; what the cookie must hold to use it. Inside a transaction."""
    token = secrets.token_urlsafe(32)
    db.session.add(SignIn(token_hash=token_hash(token), account_id=account.id, started_at=now, last_seen_at=now))
    note_here(account.id, now=now)
    return {IN_COOKIE: token, "_user_id": account.fs_uniquifier, "_fresh": True, "_permanent": True}


def begin(account: Account, *, way: str, now: dt.datetime) -> None:
    """Sign this browser in: a new id each time, the earlier one ended, old rows swept. Inside a transaction."""
    _end_present()
    db.session.execute(queries.outworn_sign_ins(config().durations, now=now))
    cookie = start(account, now=now)
    _empty_cookie()
    login_user(account, remember=False, authn_via=[way])
    session.update(cookie)
    db.session.flush()
    g.sign_in = db.session.scalar(sa.select(SignIn).where(SignIn.token_hash == token_hash(str(cookie[IN_COOKIE]))))


def end() -> None:
    """Sign this browser out. Inside a transaction."""
    _end_present()
    logout_user()
    _empty_cookie()


def _end_present() -> None:
    if token := session.get(IN_COOKIE):
        db.session.execute(sa.delete(SignIn).where(SignIn.token_hash == token_hash(token)))


def _empty_cookie() -> None:
    session.clear()
    g.pop("csrf_token", None)  # Flask-WTF keeps the old token there and would put it into the next form
    g.pop("sign_in", None)


def load_account(uniquifier: str) -> Account | None:
    """Who this cookie's sign-in row belongs to, if the row still counts; for Flask-Login."""
    token = session.get(IN_COOKIE)
    if not token:
        return None
    row = queries.sign_in(token_hash(token))
    if row is None or not row.account.active or row.account.fs_uniquifier != uniquifier:
        return None
    if is_over(row, now=clock.now()):
        return None
    g.sign_in = row
    return row.account


def note_here(account_id: int, *, now: dt.datetime) -> None:
    """That somebody is here. After a silence as long as ends a sign-in a new visit begins: what was recorded since the
    end of the one before is new to them (docs/adr/013)."""
    is_new_visit = Account.last_here_at < now - config().durations.sign_in_idle
    db.session.execute(
        sa.update(Account)
        .where(Account.id == account_id)
        .values(
            last_home_at=sa.case((is_new_visit, Account.last_here_at), else_=Account.last_home_at), last_here_at=now
        )
        .execution_options(synchronize_session=False)
    )


def is_over(row: SignIn, *, now: dt.datetime) -> bool:
    """Whether a sign-in has rested too long or is too old."""
    durations = config().durations
    return now - row.last_seen_at > durations.sign_in_idle or now - row.started_at > durations.sign_in_absolute


def present() -> SignIn | None:
    """The sign-in row of this request."""
    return g.get("sign_in") if current_user.is_authenticated else None


def note_seen() -> None:
    """Before each request: write when this sign-in was last seen, at most once a minute, apart from the rest."""
    if request.endpoint in QUIET_ENDPOINTS or IN_COOKIE not in session:
        return
    row = present()
    moment = clock.now()
    if row is None or moment - row.last_seen_at < config().durations.last_seen_precision:
        return
    number, account_id = row.id, row.account_id
    with transaction():
        db.session.execute(sa.update(SignIn).where(SignIn.id == number).values(last_seen_at=moment))
        note_here(account_id, now=moment)
