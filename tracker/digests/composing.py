"""Composing: digests, what they tell and their mails, written together, one short transaction a batch (rule 3)."""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import time
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.orm.util import identity_key

from tracker.db import along, db, dialect, given, one_of
from tracker.digests.addressees import Addressee, addressees
from tracker.digests.content import Content, Gathered, gather_for
from tracker.digests.emails import digest_message
from tracker.digests.links import linker
from tracker.digests.models import Digest, DigestItem, DigestState, Subscriber
from tracker.digests.quoting import hold_quoted
from tracker.digests.sending import follow_mail, take_back
from tracker.digests.turns import Turn, turns
from tracker.mail import outbox
from tracker.mail.models import Email, EmailBody, EmailKind, EmailState
from tracker.mail.render import Message
from tracker.postgresql import keeping_plans
from tracker.sealing import SealError

# Subscribers; what decides their words is asked for all of them at once, and what takes longest is done once for those
# who read the same. Small enough to write within a second.
BATCH = 2_000
# Seconds of one transaction, within which words are gathered and written once. None begins with more subscribers when
# they would not be done by then, and what takes longer is left due.
LONGEST = 3.0
MERGED = "merged into the next one"
NOTHING = "nothing to say"

logger = logging.getLogger("tracker.digests")


@dataclass
class _Known:
    """What one transaction found out already: what is said to readers of some `words`, and its body."""

    gathered: dict[Hashable, Gathered | None] = field(default_factory=dict)
    written: dict[Content, tuple[EmailBody, Message]] = field(default_factory=dict)


def compose_due(
    now: dt.datetime, *, limit: int = BATCH, seconds: float = LONGEST, most: float = LONGEST
) -> Counter[str]:
    """Compose what is due, for `limit` subscribers at a time, for about so many seconds and `most` at most; counts by
    what became of their digests.

    Call again until it returns nothing. Any number may compose at once: a subscriber is locked by one of them.
    """
    counts: Counter[str] = Counter()
    known, began = _Known(), time.monotonic()
    for times in itertools.count(1):
        some = _compose_some(now, limit, known, began + most)
        counts += some
        if not some or (time.monotonic() - began) * (times + 1) / times > min(seconds, most):
            break
    return counts


def _compose_some(now: dt.datetime, limit: int, known: _Known, end: float) -> Counter[str]:
    counts: Counter[str] = Counter()
    # Not as EXISTS: for each subscriber SQLite would look through all that is due.
    waiting = sa.select(Digest.subscriber_id).where(Digest.state == DigestState.DUE)
    ready = _prepared(addressees(Subscriber.id.in_(waiting), limit=limit), now, counts)
    groups: dict[Hashable, list[Turn]] = {}
    for turn in _turns(ready, now, counts):
        groups.setdefault(turn.words, []).append(turn)
    for words, group in groups.items():
        if counts and time.monotonic() > end:
            break  # the others are due as before
        _compose(words, group, ready, known, now, counts)
    return counts


@dataclass(frozen=True)
class _Ready:
    """Somebody whose digest is to be composed, and where it goes."""

    subscriber: Addressee
    digest: _Due
    address: str


class _Due(NamedTuple):
    """A digest that is due."""

    id: int
    subscriber_id: int
    due_at: dt.datetime


def _prepared(subscribers: Sequence[Addressee], now: dt.datetime, counts: Counter[str]) -> dict[int, _Ready]:
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
            address = subscriber.address
        except SealError as error:
            _give_up(subscriber, error, now, counts)
            continue
        if subscriber.ended_at is not None or address is None:
            _skip(due[subscriber.id], subscriber.end_reason or "the account is not in use", now)
            counts["skipped"] += len(due[subscriber.id])
            continue
        waits = [one for one in waiting.get(subscriber.id, ()) if one.due_at < digest.due_at]
        earlier = [one for one in waits if take_back(one, MERGED, now=now)]
        if missed or earlier:
            _skip([*missed, *earlier], MERGED, now, into=digest)
            counts["merged"] += len(missed) + len(earlier)
        ready[subscriber.id] = _Ready(subscriber, digest, address)
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
    words: Hashable,
    group: Sequence[Turn],
    ready: Mapping[int, _Ready],
    known: _Known,
    now: dt.datetime,
    counts: Counter[str],
) -> None:
    """Write the digests of readers of the same words; left due while somebody changes what they quote."""
    if words not in known.gathered and not hold_quoted(group[0].told):
        return
    ones = [ready[turn.reader.id] for turn in group]
    written = dict(known.written)
    try:
        with db.session.begin_nested():
            if words not in known.gathered:
                known.gathered[words] = gather_for(group[0], now=now)
            gathered = known.gathered[words]
            if gathered is None:
                _skip([one.digest for one in ones], NOTHING, now)
            else:
                _write(ones, gathered, known, now)
    except sa.exc.DBAPIError:
        raise
    except Exception as error:
        known.written = written  # a body that was written for them is gone as well
        # What is broken must not keep the mail from all others; the next period tells what this one did not.
        for one in ones:
            _give_up(one.subscriber, error, now, counts)
        return
    counts["skipped" if gathered is None else "ready"] += len(ones)


def _write(ones: Sequence[_Ready], gathered: Gathered, known: _Known, now: dt.datetime) -> None:
    if gathered.content not in known.written:
        message = digest_message(gathered.content)
        known.written[gathered.content] = outbox.put_body(message, now=now), message
    body, message = known.written[gathered.content]
    links = linker(gathered.campaigns)
    db.session.flush()
    with keeping_plans(db.session.connection()):
        emails = outbox.put_many(
            body,
            message,
            [outbox.Receiver(one.address, links(one.subscriber)) for one in ones],
            kind=EmailKind.DIGEST,
            now=now,
        )
        _tell([(one, email.id) for one, email in zip(ones, emails, strict=True)], gathered.entries, now)
    for email in emails:
        if email.is_refused:
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


def _due_by(subscribers: Iterable[Addressee]) -> dict[int, list[_Due]]:
    """What is due, by subscriber, the oldest first."""
    found: dict[int, list[_Due]] = {}
    rows = sa.select(Digest.id, Digest.subscriber_id, Digest.due_at).where(
        one_of(Digest.subscriber_id, [one.id for one in subscribers]), Digest.state == DigestState.DUE
    )
    for row in db.session.execute(rows.order_by(Digest.due_at, Digest.id)):
        found.setdefault(row[1], []).append(_Due(*row))
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


def _skip(digests: Sequence[_Due | Digest], reason: str, now: dt.datetime, *, into: _Due | None = None) -> None:
    values = {"reason": reason, "settled_at": now, "merged_into_id": into.id if into else None}
    _settle([one.id for one in digests], state=DigestState.SKIPPED, **values)


def _settle(digest_ids: Sequence[int], **values: object) -> None:
    db.session.flush()
    db.session.execute(
        sa.update(Digest)
        .where(one_of(Digest.id, sorted(digest_ids)))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    for one in digest_ids:  # whoever holds the object reads it anew
        if (known := db.session.identity_map.get(identity_key(Digest, one))) is not None:
            db.session.expire(known)


def _give_up(subscriber: Addressee, error: Exception, now: dt.datetime, counts: Counter[str]) -> None:
    logger.error("digest of subscriber %s could not be composed", subscriber.public_id, exc_info=error)
    due = [one.id for one in _due_by([subscriber])[subscriber.id]]
    reason = f"could not be composed: {type(error).__name__}"
    _settle(due, state=DigestState.FAILED, reason=reason, settled_at=now)
    counts["failed"] += len(due)
