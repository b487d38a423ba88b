"""Composing: digests, what they tell and their mails, written together, one short transaction a batch (rule 3)."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.db import along, db, dialect, given, one_of
from tracker.digests.content import Content, Gathered, gather_for
from tracker.digests.emails import digest_message
from tracker.digests.links import links_of
from tracker.digests.models import Digest, DigestItem, DigestState, Subscriber
from tracker.digests.readers import alike
from tracker.digests.sending import address_of, follow_mail, take_back
from tracker.digests.turns import Turn, turns
from tracker.mail import outbox
from tracker.mail.models import Email, EmailBody, EmailKind, EmailState
from tracker.mail.render import Message
from tracker.sealing import SealError

# Subscribers; what decides their words is asked for all of them at once, and what takes longest is done once for those
# who read the same. Small enough to write within a second.
BATCH = 2_000
# Seconds of writing; what would take longer is left to the next batch: on SQLite nobody else writes meanwhile.
LONGEST = 3.0
MERGED = "merged into the next one"
NOTHING = "nothing to say"

logger = logging.getLogger("tracker.digests")

Written = dict[Content, tuple[EmailBody, Message]]


def compose_due(now: dt.datetime, *, limit: int = BATCH, seconds: float = LONGEST) -> Counter[str]:
    """Compose what is due for up to `limit` subscribers; counts by what became of their digests.

    Call again until it returns nothing. Any number may compose at once: a subscriber is locked by one of them.
    """
    counts: Counter[str] = Counter()
    # Not as EXISTS: for each subscriber SQLite would look through all that is due.
    waiting = sa.select(Digest.subscriber_id).where(Digest.state == DigestState.DUE)
    subscribers = db.session.scalars(
        sa.select(Subscriber)
        .where(Subscriber.id.in_(waiting))
        .order_by(Subscriber.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Subscriber)
        .options(joinedload(Subscriber.account))
    ).all()
    ready = _prepared(subscribers, now, counts)
    written: Written = {}
    groups = alike(_turns(ready, now, counts), lambda one: one.words)
    end = time.monotonic() + seconds
    for group in groups:
        if counts and time.monotonic() > end:
            break  # the others are due as before
        _compose(group, ready, written, now, counts)
    return counts


@dataclass(frozen=True)
class _Ready:
    """Somebody whose digest is to be composed, and where it goes."""

    subscriber: Subscriber
    digest: Digest
    address: str


def _prepared(subscribers: Sequence[Subscriber], now: dt.datetime, counts: Counter[str]) -> dict[int, _Ready]:
    """Settle what needs no words: nobody to write to, periods missed. Who is left, by subscriber."""
    due = _due_by(subscribers)
    # Who is missing in it was composed by somebody else while we waited for the lock.
    waiting = _waiting_by(due)
    ready: dict[int, _Ready] = {}
    for subscriber in subscribers:
        if subscriber.id not in due:
            continue
        *missed, digest = due[subscriber.id]
        try:
            address = address_of(subscriber)
        except SealError as error:
            _give_up(subscriber, error, now, counts)
            continue
        if subscriber.ended_at is not None or address is None:
            for one in due[subscriber.id]:
                _skip(one, subscriber.end_reason or "the account is not in use", now)
            counts["skipped"] += len(due[subscriber.id])
            continue
        waits = [one for one in waiting.get(subscriber.id, ()) if one.due_at < digest.due_at]
        earlier = [one for one in waits if take_back(one, MERGED, now=now)]
        for one in (*missed, *earlier):
            _skip(one, MERGED, now, into=digest)
            counts["merged"] += 1
        ready[subscriber.id] = _Ready(subscriber, digest, address)
    db.session.flush()
    return ready


def _turns(ready: Mapping[int, _Ready], now: dt.datetime, counts: Counter[str]) -> list[Turn]:
    """What decides everybody's words. Where one of them is broken, each is asked about alone."""
    due_at = {key: one.digest.due_at for key, one in ready.items()}
    try:
        return turns([one.subscriber for one in ready.values()], due_at=due_at, now=now) if ready else []
    except sa.exc.DBAPIError:
        raise  # the database is to blame: the whole batch comes again
    except Exception:
        logger.warning("some digest of a batch cannot be composed; looking at each alone")
    found: list[Turn] = []
    for key, one in ready.items():
        try:
            found += turns([one.subscriber], due_at={key: due_at[key]}, now=now)
        except sa.exc.DBAPIError:
            raise
        except Exception as error:
            _give_up(one.subscriber, error, now, counts)
    return found


def _compose(
    group: Sequence[Turn], ready: Mapping[int, _Ready], written: Written, now: dt.datetime, counts: Counter[str]
) -> None:
    """Write the digests of readers of the same words."""
    ones = [ready[turn.reader.id] for turn in group]
    try:
        with db.session.begin_nested():
            gathered = gather_for(group[0], now=now)
            if gathered is None:
                for one in ones:
                    _skip(one.digest, NOTHING, now)
            else:
                _write(ones, gathered, written, now)
    except sa.exc.DBAPIError:
        raise
    except Exception as error:
        # What is broken must not keep the mail from all others; the next period tells what this one did not.
        for one in ones:
            _give_up(one.subscriber, error, now, counts)
        return
    counts["skipped" if gathered is None else "ready"] += len(ones)


def _write(ones: Sequence[_Ready], gathered: Gathered, written: Written, now: dt.datetime) -> None:
    if gathered.content not in written:
        message = digest_message(gathered.content)
        written[gathered.content] = outbox.put_body(message, now=now), message
    body, message = written[gathered.content]
    campaigns = list(gathered.campaigns)
    emails = outbox.put_many(
        body,
        message,
        [outbox.Receiver(one.address, links_of(one.subscriber, campaigns)) for one in ones],
        kind=EmailKind.DIGEST,
        now=now,
    )
    _tell([(one, email.id) for one, email in zip(ones, emails, strict=True)], gathered.entries, now)
    for one, email in zip(ones, emails, strict=True):
        if email.is_refused:
            db.session.expire(one.digest)  # it was changed behind its back
            follow_mail(db.session.get_one(Email, email.id), now)


def _tell(mailed: Sequence[tuple[_Ready, int]], entries: Sequence[int], now: dt.datetime) -> None:
    """Note that these readers' digests are in these mails, and tell these entries; in a few statements."""
    kind, one = dialect(), {"subscriber_id": sa.Integer(), "digest_id": sa.Integer(), "email_id": sa.Integer()}
    ones = given(kind, "ones", **one)
    rows = sorted((ready.subscriber.id, ready.digest.id, email_id) for ready, email_id in mailed)
    given_ones = along(kind, "ones", rows)
    digest, item = cast(sa.Table, Digest.__table__), cast(sa.Table, DigestItem.__table__)
    told = given(kind, "told", entry_id=sa.Integer())
    db.session.execute(
        sa.update(digest)
        .where(digest.c.id == ones.c.digest_id)
        .values(email_id=ones.c.email_id, state=DigestState.READY, reason="", composed_at=now, settled_at=None),
        given_ones,
    )
    pairs = sa.select(ones.c.subscriber_id, told.c.entry_id, ones.c.digest_id).select_from(ones.join(told, sa.true()))
    db.session.execute(
        sa.insert(item).from_select(
            ["subscriber_id", "entry_id", "digest_id"], pairs.order_by(ones.c.subscriber_id, told.c.entry_id)
        ),
        given_ones | along(kind, "told", [(entry_id,) for entry_id in entries]),
    )


def _due_by(subscribers: Sequence[Subscriber]) -> dict[int, list[Digest]]:
    """What is due, by subscriber, the oldest first."""
    found: dict[int, list[Digest]] = {}
    rows = sa.select(Digest).where(
        one_of(Digest.subscriber_id, [one.id for one in subscribers]), Digest.state == DigestState.DUE
    )
    for digest in db.session.scalars(rows.order_by(Digest.due_at, Digest.id)):
        found.setdefault(digest.subscriber_id, []).append(digest)
    return found


def _waiting_by(subscriber_ids: Iterable[int]) -> dict[int, list[Digest]]:
    """Digests whose mail waits and was never handed to a server, by subscriber: their news goes into the next one."""
    rows = (
        sa.select(Digest, Email)
        .join(Email, Digest.email_id == Email.id)
        .where(
            one_of(Digest.subscriber_id, [*subscriber_ids]),
            Digest.state == DigestState.READY,
            Email.state == EmailState.PENDING,
            Email.ambiguous.is_(False),
        )
        .order_by(Digest.id)
        .with_for_update(skip_locked=True, of=Email)
    )
    found: dict[int, list[Digest]] = {}
    for digest, _email in db.session.execute(rows):
        found.setdefault(digest.subscriber_id, []).append(digest)
    return found


def _skip(digest: Digest, reason: str, now: dt.datetime, *, into: Digest | None = None) -> None:
    digest.state, digest.reason, digest.settled_at = DigestState.SKIPPED, reason, now
    digest.merged_into_id = into.id if into else None


def _give_up(subscriber: Subscriber, error: Exception, now: dt.datetime, counts: Counter[str]) -> None:
    logger.error("digest of subscriber %s could not be composed", subscriber.public_id, exc_info=error)
    for one in _due_by([subscriber])[subscriber.id]:
        one.state, one.settled_at = DigestState.FAILED, now
        one.reason = f"could not be composed: {type(error).__name__}"
        counts["failed"] += 1
    db.session.flush()
