"""Ways back in by mail. The same work is done for an address without an account: its mailbox learns the difference."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from tracker.accounts import emails, queries
from tracker.accounts.models import Account, LinkPurpose
from tracker.accounts.service.links import absolute, new_link, use
from tracker.accounts.service.own import change_password
from tracker.accounts.service.people import checked_address
from tracker.mail.models import EmailKind
from tracker.settings import config


class AskForLink(Protocol):
    """Have a link mailed to an address; `ask_for_sign_in_link` and `ask_for_reset`."""

    def __call__(self, email: str, *, now: dt.datetime) -> None: ...


def ask_for_sign_in_link(email: str, *, now: dt.datetime) -> None:
    """Mail a link that signs in once. Raises AccountError only for what is no address at all."""
    made = _link(email, LinkPurpose.SIGN_IN, EmailKind.SIGN_IN_LINK, lasting=config().durations.sign_in_link, now=now)
    if made is not None:
        emails.sign_in_link(made.account, absolute(f"/login/link/{made.token}"), until=made.until, now=now)


def follow_sign_in_link(token: str, *, now: dt.datetime) -> Account:
    """The account that may sign in with this link; it is used up. Raises LinkUsed."""
    account = use(token, LinkPurpose.SIGN_IN, now=now).account
    assert account is not None
    return account


def ask_for_reset(email: str, *, now: dt.datetime) -> None:
    """Mail a link for choosing a new password. Raises AccountError only for what is no address at all."""
    made = _link(email, LinkPurpose.RESET, EmailKind.PASSWORD_RESET, lasting=config().durations.password_reset, now=now)
    if made is not None:
        emails.password_reset(made.account, absolute(f"/reset/{made.token}"), until=made.until, now=now)


def reset_password(token: str, password: str, *, now: dt.datetime) -> Account:
    """Choose a new password by link. Raises LinkUsed, AccountError."""
    account = use(token, LinkPurpose.RESET, now=now).account
    assert account is not None
    change_password(account, password, now=now)
    return account


@dataclass(frozen=True)
class _Link:
    account: Account
    token: str
    until: dt.datetime


def _link(
    email: str, purpose: LinkPurpose, kind: EmailKind, *, lasting: dt.timedelta, now: dt.datetime
) -> _Link | None:
    """A link for whoever has this address; None when nobody is to get one, after telling an unknown mailbox so."""
    email = checked_address(email)
    if emails.enough_today(email, now=now):
        return None
    account = queries.account_by_email(email)
    if account is not None and not account.active:
        account = None
    # Of nobody too: writing the row takes time, and the time would tell. Its token is thrown away.
    token = new_link(purpose, account, lasting=lasting, now=now)
    if account is None:
        emails.no_account(email, kind, now=now)
        return None
    return _Link(account, token, now + lasting)
