"""Ways back in by mail. The same work is done for an address without an account: its mailbox learns the difference."""

from __future__ import annotations

import datetime as dt
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
    email = checked_address(email)
    if emails.enough_today(email, now=now):
        return
    account = _active(email)
    if account is None:
        emails.no_account(email, EmailKind.SIGN_IN_LINK, now=now)
        return
    lasting = config().durations.sign_in_link
    token = new_link(LinkPurpose.SIGN_IN, account, lasting=lasting, now=now)
    emails.sign_in_link(account, absolute(f"/login/link/{token}"), until=now + lasting, now=now)


def follow_sign_in_link(token: str, *, now: dt.datetime) -> Account:
    """The account that may sign in with this link; it is used up. Raises LinkUsed."""
    account = use(token, LinkPurpose.SIGN_IN, now=now).account
    assert account is not None
    return account


def ask_for_reset(email: str, *, now: dt.datetime) -> None:
    """Mail a link for choosing a new password. Raises AccountError only for what is no address at all."""
    email = checked_address(email)
    if emails.enough_today(email, now=now):
        return
    account = _active(email)
    if account is None:
        emails.no_account(email, EmailKind.PASSWORD_RESET, now=now)
        return
    lasting = config().durations.password_reset
    token = new_link(LinkPurpose.RESET, account, lasting=lasting, now=now)
    emails.password_reset(account, absolute(f"/reset/{token}"), until=now + lasting, now=now)


def reset_password(token: str, password: str, *, now: dt.datetime) -> Account:
    """Choose a new password by link. Raises LinkUsed, AccountError."""
    account = use(token, LinkPurpose.RESET, now=now).account
    assert account is not None
    change_password(account, password, now=now)
    return account


def _active(email: str) -> Account | None:
    account = queries.account_by_email(email)
    return account if account is not None and account.active else None
