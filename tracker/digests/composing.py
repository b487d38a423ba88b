"""Composing: digests, what they tell and their mails, written together, one short transaction a batch (rule 3)."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter

import sqlalchemy as sa

from tracker.db import db
from tracker.digests.content import Content, Gathered, gather
from tracker.digests.emails import digest_message
from tracker.digests.links import links_of
from tracker.digests.models import Digest, DigestItem, DigestState, Subscriber
from tracker.digests.sending import address_of, follow_mail, take_back
from tracker.mail import outbox
from tracker.mail.models import Email, EmailBody, EmailKind, EmailState
from tracker.mail.render import Message

BATCH = 50
MERGED = "merged into the next one"
NOTHING = "nothing to say"

logger = logging.getLogger("tracker.digests")


def compose_due(now: dt.datetime, *, limit: int = BATCH) -> Counter[str]:
    """Compose what is due for up to `limit` subscribers; counts by what became of their digests.

    Call again until it returns nothing. Any number may compose at once: a subscriber is locked by one of them.
    """
    counts: Counter[str] = Counter()
    written: dict[Content, tuple[EmailBody, Message]] = {}
    waits = sa.select(Digest.id).where(Digest.subscriber_id == Subscriber.id, Digest.state == DigestState.DUE)
    subscribers = db.session.scalars(
        sa.select(Subscriber)
        .where(waits.exists())
        .order_by(Subscriber.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Subscriber)
    ).all()
    for subscriber in subscribers:
        try:
            with db.session.begin_nested():
                _compose(subscriber, written, now, counts)
        except sa.exc.DBAPIError:
            raise  # the database is to blame: the whole batch comes again
        except Exception as error:
            # One broken row must not keep the mail from all others; the next period tells what this one did not.
            logger.exception("digest of subscriber %s could not be composed", subscriber.public_id)
            _give_up(subscriber, type(error).__name__, now)
            counts["failed"] += 1
    return counts


def _compose(
    subscriber: Subscriber,
    written: dict[Content, tuple[EmailBody, Message]],
    now: dt.datetime,
    counts: Counter[str],
) -> None:
    due = _due(subscriber)
    if not due:
        return  # somebody composed it while we waited for the lock
    *missed, digest = due
    address = address_of(subscriber)
    if subscriber.ended_at is not None or address is None:
        for one in due:
            _skip(one, subscriber.end_reason or "the account is not in use", now)
        counts["skipped"] += len(due)
        return
    for one in missed:
        _skip(one, MERGED, now, into=digest)
    counts["merged"] += len(missed)
    for one in _waiting_before(digest):
        take_back(one, MERGED, now=now)
        _skip(one, MERGED, now, into=digest)
        counts["merged"] += 1
    db.session.flush()
    gathered = gather(subscriber, due_at=digest.due_at, now=now)
    if gathered is None:
        _skip(digest, NOTHING, now)
        counts["skipped"] += 1
        return
    _write(digest, gathered, address, written, now)
    counts["ready"] += 1


def _write(
    digest: Digest,
    gathered: Gathered,
    address: str,
    written: dict[Content, tuple[EmailBody, Message]],
    now: dt.datetime,
) -> None:
    if gathered.content not in written:
        message = digest_message(gathered.content)
        written[gathered.content] = outbox.put_body(message, now=now), message
    body, message = written[gathered.content]
    email = outbox.put_to(
        body,
        message,
        to=address,
        kind=EmailKind.DIGEST,
        now=now,
        links=links_of(digest.subscriber, list(gathered.campaigns)),
    )
    digest.email, digest.state, digest.reason = email, DigestState.READY, ""
    digest.composed_at, digest.settled_at = now, None
    db.session.add_all(
        DigestItem(subscriber_id=digest.subscriber_id, entry_id=entry_id, digest=digest)
        for entry_id in gathered.entries
    )
    db.session.flush()
    follow_mail(email, now)


def _due(subscriber: Subscriber) -> list[Digest]:
    found = sa.select(Digest).where(Digest.subscriber_id == subscriber.id, Digest.state == DigestState.DUE)
    return list(db.session.scalars(found.order_by(Digest.due_at, Digest.id)))


def _waiting_before(digest: Digest) -> list[Digest]:
    """Earlier digests whose mail waits and was never handed to a server: their news goes into this one."""
    found = (
        sa.select(Digest, Email)
        .join(Email, Digest.email_id == Email.id)
        .where(
            Digest.subscriber_id == digest.subscriber_id,
            Digest.due_at < digest.due_at,
            Digest.state == DigestState.READY,
            Email.state == EmailState.PENDING,
            Email.ambiguous.is_(False),
        )
        .order_by(Digest.id)
        .with_for_update(skip_locked=True, of=Email)
    )
    return [one for one, _email in db.session.execute(found)]


def _skip(digest: Digest, reason: str, now: dt.datetime, *, into: Digest | None = None) -> None:
    digest.state, digest.reason, digest.settled_at = DigestState.SKIPPED, reason, now
    digest.merged_into_id = into.id if into else None


def _give_up(subscriber: Subscriber, what: str, now: dt.datetime) -> None:
    for one in _due(subscriber):
        one.state, one.reason, one.settled_at = DigestState.FAILED, f"could not be composed: {what}", now
    db.session.flush()
