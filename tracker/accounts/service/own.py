"""What somebody does to their own account."""

from __future__ import annotations

import datetime as dt
import secrets

import sqlalchemy as sa

from tracker.accounts import emails, passwords, queries
from tracker.accounts.having import has_address
from tracker.accounts.models import Account, DismissedHint, LinkPurpose, SignIn
from tracker.accounts.service.errors import AccountError
from tracker.accounts.service.links import absolute, end_links, new_link, use
from tracker.accounts.service.people import TAKEN, checked_address, checked_hash, checked_zone, end_sign_ins
from tracker.db import db, insert_missing
from tracker.settings import config
from tracker.words import _

SAME_ADDRESS = _("This is your address already.")
UNKNOWN_LANGUAGE = _("Choose a language from the list.")
LANGUAGES = {"en": "English"}


def change_settings(account: Account, *, name: str, zone: str, locale: str, shortcuts: bool) -> None:
    """Another name or handle, zone, language; whether single keys do something. Raises AccountError."""
    if locale not in LANGUAGES:
        raise AccountError(UNKNOWN_LANGUAGE, "locale")
    account.name, account.zone, account.locale = name.strip(), checked_zone(zone), locale
    account.shortcuts = shortcuts


def mark_seen(account: Account, until: dt.datetime, *, now: dt.datetime) -> None:
    """Everything recorded until then is no news to this reader; what came in while they read stays new."""
    until = min(until, now)
    if account.last_home_at is None or account.last_home_at < until:
        account.last_home_at = until


def dismiss_hint(account: Account, hint: str, *, now: dt.datetime) -> None:
    """Never show this hint to this account again. May be called twice."""
    insert_missing(DismissedHint, [{"account_id": account.id, "hint": hint, "dismissed_at": now}])


def change_password(account: Account, password: str, *, now: dt.datetime) -> None:
    """Another password; ends every sign-in and open link, and says so by mail. Raises AccountError."""
    account.password = checked_hash(password, account.email, account.name, "new_password")
    # Whatever else Flask-Security ever signed for this account ends too.
    account.fs_uniquifier = secrets.token_urlsafe(32)
    end_sign_ins(account)
    end_links(account)
    emails.password_changed(account, now=now)


def ask_for_email_change(account: Account, email: str, *, now: dt.datetime) -> None:
    """Send a link to the new address; nothing changes before it is confirmed. Raises AccountError for a bad address.

    Whether another account has that address, only its mailbox learns.
    """
    email = checked_address(email)
    if email == account.email:
        raise AccountError(SAME_ADDRESS, "email")
    other = queries.account_by_email(email)
    if other is not None:
        emails.address_taken(other, now=now)
        return
    lasting = config().durations.setup_link
    token = new_link(LinkPurpose.EMAIL_CHANGE, account, lasting=lasting, now=now, email=email)
    emails.confirm_address(account, email, absolute(f"/account/email/{token}"), until=now + lasting, now=now)


def confirm_email_change(token: str, *, now: dt.datetime) -> Account:
    """Take the new address; the old one is told, and the links mailed to it end.

    Raises LinkUsed, AccountError when somebody has it meanwhile.
    """
    link = use(token, LinkPurpose.EMAIL_CHANGE, now=now)
    account = link.account
    assert account is not None
    if queries.account_by_email(link.email) is not None:
        raise AccountError(TAKEN)
    old, account.email, account.email_since = account.email, link.email, now
    # Those that lie in the old mailbox, too.
    end_links(account)
    emails.address_changed(account, old, now=now)
    has_address(account, now)
    return account


def end_sign_in(account: Account, public_id: str) -> bool:
    """End one sign-in of this account; whether there was one."""
    ended = db.session.execute(
        sa.delete(SignIn).where(SignIn.account_id == account.id, SignIn.public_id == public_id).returning(SignIn.id)
    )
    return ended.first() is not None


def end_other_sign_ins(account: Account, kept: SignIn) -> int:
    """Sign out everywhere but here; how many."""
    ended = db.session.execute(
        sa.delete(SignIn).where(SignIn.account_id == account.id, SignIn.id != kept.id).returning(SignIn.id)
    )
    return len(ended.all())


def is_password_of(account: Account, password: str) -> bool:
    """Whether this is the account's password."""
    return passwords.matches(password, account.password)
