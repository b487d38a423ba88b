"""Facts in, messages out: every mail about an account. Each goes into the outbox of the caller's transaction."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa

from tracker.accounts.models import Account, Invitation
from tracker.accounts.names import display_name
from tracker.db import db
from tracker.mail import outbox
from tracker.mail.models import Email, EmailKind
from tracker.mail.render import render
from tracker.sealing import keyring

# safety.md, 5: whoever asks in somebody's name can fill their mailbox no further than this.
MAILS_A_DAY = 5
ASKED_BY_ANYBODY = (EmailKind.SIGN_IN_LINK, EmailKind.PASSWORD_RESET)


def enough_today(email: str, *, now: dt.datetime) -> bool:
    """Whether this address got its five mails of today already."""
    sent = db.session.scalar(
        sa.select(sa.func.count()).where(
            Email.recipient_hash.in_(keyring().address_hashes(email)),
            Email.kind.in_(ASKED_BY_ANYBODY),
            Email.created_at > now - dt.timedelta(days=1),
        )
    )
    return (sent or 0) >= MAILS_A_DAY


def minutes(span: dt.timedelta) -> int:
    """Whole minutes."""
    return int(span.total_seconds()) // 60


def invitation(row: Invitation, url: str, *, campaign_title: str, now: dt.datetime) -> None:
    """You are invited."""
    inviter = db.session.get(Account, row.invited_by_id) if row.invited_by_id else None
    message = render(
        "invitation",
        receiver=row.name,
        campaign=campaign_title,
        inviter=str(display_name(inviter, for_outsiders=False)) if inviter else "",
        days=(row.expires_at - now).days,
    )
    outbox.put(message, to=row.email, kind=EmailKind.INVITATION, now=now, links={"accept": url})


def sign_in_link(account: Account, url: str, *, until: dt.datetime, now: dt.datetime) -> None:
    """Here is your link."""
    message = render("sign_in_link", locale=account.locale, minutes=minutes(until - now))
    outbox.put(message, to=account.email, kind=EmailKind.SIGN_IN_LINK, now=now, links={"sign_in": url})


def password_reset(account: Account, url: str, *, until: dt.datetime, now: dt.datetime) -> None:
    """Choose a new password here."""
    message = render("password_reset", locale=account.locale, minutes=minutes(until - now))
    outbox.put(message, to=account.email, kind=EmailKind.PASSWORD_RESET, now=now, links={"reset": url})


def no_account(email: str, kind: EmailKind, *, now: dt.datetime) -> None:
    """Somebody, perhaps you, asked for a link; there is no account with this address."""
    outbox.put(render("no_account"), to=email, kind=kind, now=now)


def confirm_address(account: Account, email: str, url: str, *, until: dt.datetime, now: dt.datetime) -> None:
    """Confirm that this is your new address."""
    message = render("confirm_address", locale=account.locale, hours=minutes(until - now) // 60)
    outbox.put(message, to=email, kind=EmailKind.CONFIRMATION, now=now, links={"confirm": url})


def address_taken(account: Account, *, now: dt.datetime) -> None:
    """Somebody wanted to use your address for their account."""
    message = render("address_taken", locale=account.locale)
    outbox.put(message, to=account.email, kind=EmailKind.ACCOUNT_NOTICE, now=now)


def address_changed(account: Account, old: str, *, now: dt.datetime) -> None:
    """Your account has another address now; to the old one."""
    message = render("address_changed", locale=account.locale)
    outbox.put(message, to=old, kind=EmailKind.ACCOUNT_NOTICE, now=now)


def password_changed(account: Account, *, now: dt.datetime) -> None:
    """Your password was changed."""
    message = render("password_changed", locale=account.locale)
    outbox.put(message, to=account.email, kind=EmailKind.ACCOUNT_NOTICE, now=now)


class FactorNews(enum.StrEnum):
    """What happened to somebody's second factor."""

    ON = "on"
    OFF = "off"
    RESET = "reset"  # by an administrator or the command line
    CODES = "codes"  # new recovery codes
    RECOVERED = "recovered"  # a recovery code was used
    GUESSED = "guessed"  # somebody had the password and guessed at codes


def factor_changed(account: Account, news: FactorNews, *, left: int = 0, now: dt.datetime) -> None:
    """Something happened to your second factor; whoever did not do it learns it at once."""
    message = render("factor_changed", locale=account.locale, news=news.value, left=left)
    outbox.put(message, to=account.email, kind=EmailKind.ACCOUNT_NOTICE, now=now)
