"""One-time links: made, looked up, used. Only a hash is kept; a newer link of the same kind ends the older ones."""

from __future__ import annotations

import datetime as dt
import secrets

import sqlalchemy as sa

from tracker.accounts import queries
from tracker.accounts.models import Account, LinkPurpose, OneTimeLink
from tracker.accounts.service.errors import AccountError
from tracker.accounts.tokens import token_hash
from tracker.db import db
from tracker.settings import config
from tracker.words import _

OVER = _("This link has been used already, or is too old. Ask for a new one.")


class LinkUsed(AccountError):
    """A one-time link that no longer works."""

    def __init__(self) -> None:
        super().__init__(OVER)


def new_link(
    purpose: LinkPurpose, account: Account | None, *, lasting: dt.timedelta, now: dt.datetime, email: str = ""
) -> str:
    """A new token for this purpose; earlier unused ones of the account end."""
    whose = OneTimeLink.account_id.is_(None) if account is None else OneTimeLink.account_id == account.id
    db.session.execute(
        sa.delete(OneTimeLink).where(
            sa.or_(OneTimeLink.expires_at < now, sa.and_(OneTimeLink.purpose == purpose, whose))
        )
    )
    token = secrets.token_urlsafe(32)
    db.session.add(
        OneTimeLink(
            token_hash=token_hash(token),
            purpose=purpose,
            account_id=account.id if account else None,
            email=email,
            created_at=now,
            expires_at=now + lasting,
        )
    )
    return token


def use(token: str, purpose: LinkPurpose, *, now: dt.datetime) -> OneTimeLink:
    """Use a link up. Raises LinkUsed."""
    link = queries.usable_link(token_hash(token), purpose, now=now)
    if link is None or (link.account is not None and not link.account.active):
        raise LinkUsed
    used = (
        sa.update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
        .values(used_at=now)
        .returning(OneTimeLink.id)
    )
    # Two people press at once: the row decides who was first.
    if db.session.execute(used).first() is None:
        raise LinkUsed
    return link


def end_links(account: Account) -> None:
    """End every open link of an account: its password or address changed, or it was disabled."""
    db.session.execute(sa.delete(OneTimeLink).where(OneTimeLink.account_id == account.id))


def absolute(path: str) -> str:
    """A path of this site as the whole address that people type."""
    return config().public_base_url + path
