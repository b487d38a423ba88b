"""How hearing of it ends by what came back: where a mail may not be written to any longer, every subscription ends.

Only of whoever has that address today: somebody who took another one since is not to blame for the old one.
"""

from __future__ import annotations

import datetime as dt
import logging

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.db import db
from tracker.deliveries.leaving import end_news
from tracker.digests.models import Subscriber
from tracker.digests.queries import digest_of
from tracker.digests.service import unsubscribe
from tracker.mail import outbox, unsealed
from tracker.mail.models import Email, Suppression
from tracker.sealing import SealError, keyring

logger = logging.getLogger("tracker.digests")


def end_if_suppressed(email: Email, subscriber: Subscriber | None, now: dt.datetime) -> None:
    """End what is followed at a mail's address if that must not be written to; `subscriber` is whose digest it was."""
    suppression = db.session.get(Suppression, email.recipient_hash) if email.recipient_hash else None
    if suppression is None:
        return
    if subscriber is None:
        subscriber = _whose(email)
    elif not goes_to(email, subscriber):
        return
    if subscriber is not None:
        unsubscribe(subscriber, now=now, reason=suppression.reason)


def end_forgotten(
    email: Email, reason: str, now: dt.datetime, *, is_complaint: bool, way_out: str | None = None
) -> bool:
    """The same where a complaint or bounce is about a mail whose receiver was forgotten: whose digest it was is known
    still. Who complained hears no more, whatever their address is now; another address is not put on the list. Of news
    to those who signed, the mail's own `way_out` alone says whose it was. Whether anybody was found."""
    digest = digest_of(email)
    if digest is None:
        return end_news(email, way_out or "", reason, now)
    subscriber = digest.subscriber
    since = subscriber.account.email_since if subscriber.account is not None else None
    is_same = since is None or since <= email.created_at
    if not (is_same or is_complaint):
        return False
    if is_same:
        for one in _hashes_of(subscriber)[:1]:
            outbox.suppress(one, reason, now=now)
    unsubscribe(subscriber, now=now, reason=reason)
    return True


def goes_to(email: Email, subscriber: Subscriber) -> bool:
    """Whether a mail was written to a subscriber's present address."""
    return email.recipient_hash in _hashes_of(subscriber)


def _hashes_of(subscriber: Subscriber) -> tuple[str, ...]:
    """What mail to a subscriber's present address is known by; the one by which it is hashed today is first."""
    if subscriber.account is not None:
        return keyring().address_hashes(subscriber.account.email)
    known = (subscriber.address_hash,) if subscriber.address_hash else ()
    if subscriber.address_sealed is None:
        return known
    address = keyring().open(subscriber.address_sealed, f"subscriber|address|{subscriber.public_id}")
    return (*keyring().address_hashes(address), *known)


def _whose(email: Email) -> Subscriber | None:
    """Who hears from us at the address of a mail: by an account or without one, whichever key it was hashed by."""
    found = sa.select(Subscriber).where(Subscriber.address_hash == email.recipient_hash)
    if (subscriber := db.session.scalar(found)) is not None:
        return subscriber
    try:
        address = unsealed.receiver_of(email)
    except SealError:  # whose it was is not known; it stops no other mail
        logger.warning("the receiver of mail %s cannot be opened; nobody's subscriptions end by it", email.public_id)
        return None
    if not address:
        return None
    is_theirs = sa.or_(
        sa.func.lower(Account.email) == address.lower(),
        Subscriber.address_hash.in_(keyring().address_hashes(address)),
    )
    return db.session.scalar(sa.select(Subscriber).outerjoin(Subscriber.account).where(is_theirs))
