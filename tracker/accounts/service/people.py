"""Accounts as administrators see them: made, given a part, disabled, enabled."""

from __future__ import annotations

import datetime as dt
import secrets
import zoneinfo

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email

from tracker.accounts import passwords, queries
from tracker.accounts.having import has_address
from tracker.accounts.models import Account, Role, SignIn
from tracker.accounts.service.errors import AccountError
from tracker.accounts.service.links import end_links
from tracker.db import db
from tracker.sealing.keyring import canonical_address
from tracker.words import _

NO_ADDRESS = _("This does not look like an e-mail address.")
TAKEN = _("There is an account with this address already.")
LAST_ADMINISTRATOR = _("This is the last administrator. Make somebody else an administrator first.")
NO_ZONE = _("Choose a time zone from the list.")


def add_account(
    email: str, *, role: Role, name: str = "", password: str | None, zone: str = "UTC", now: dt.datetime
) -> Account:
    """Make an account. `password` None: it signs in by mailed links. Raises AccountError."""
    email = checked_address(email)
    if queries.account_by_email(email) is not None:
        raise AccountError(TAKEN, "email")
    account = Account(
        email=email,
        name=name.strip(),
        role=role,
        password=checked_hash(password, email, name) if password else None,
        fs_uniquifier=secrets.token_urlsafe(32),
        confirmed_at=now,
        zone=checked_zone(zone),
        created_at=now,
    )
    db.session.add(account)
    try:
        db.session.flush()
    except sa.exc.IntegrityError:  # the same address at the same moment
        raise AccountError(TAKEN, "email") from None
    has_address(account, now)
    return account


def change_part(account: Account, *, role: Role, may_see_contacts: bool, may_export: bool) -> None:
    """Give somebody another role or other permissions. Raises AccountError for the last administrator."""
    if role is not Role.ADMINISTRATOR:
        _keep_one_administrator(account, "role")
    account.role, account.may_see_contacts, account.may_export = role, may_see_contacts, may_export


def disable(account: Account) -> None:
    """Shut somebody out at once, everywhere. What they wrote stays. Raises AccountError for the last administrator."""
    _keep_one_administrator(account)
    account.active = False
    end_sign_ins(account)
    end_links(account)


def enable(account: Account, *, now: dt.datetime) -> None:
    """Let somebody in again."""
    account.active = True
    has_address(account, now)


def end_sign_ins(account: Account) -> None:
    """End every sign-in of an account."""
    db.session.execute(sa.delete(SignIn).where(SignIn.account_id == account.id))


def checked_address(email: str, field: str = "email") -> str:
    """The address as it is looked up. Raises AccountError."""
    try:
        validate_email(email.strip(), check_deliverability=False)
    except EmailNotValidError:
        raise AccountError(NO_ADDRESS, field) from None
    return canonical_address(email)


def checked_hash(password: str, email: str, name: str, field: str = "password") -> str:
    """The hash of a password that keeps the rules. Raises AccountError."""
    problem = passwords.weakness(password, (email, name))
    if problem is not None:
        raise AccountError(problem, field)
    return passwords.hashed(password)


def checked_zone(zone: str) -> str:
    """A zone the clock knows. Raises AccountError."""
    if zone not in zoneinfo.available_timezones():
        raise AccountError(NO_ZONE, "zone")
    return zone


def _keep_one_administrator(account: Account, field: str | None = None) -> None:
    if account.role is not Role.ADMINISTRATOR or not account.active:
        return
    # Two who disable each other at once must not both see one left: the rows are locked, in one order.
    if not set(db.session.scalars(queries.administrators_locked())) - {account.id}:
        raise AccountError(LAST_ADMINISTRATOR, field)
