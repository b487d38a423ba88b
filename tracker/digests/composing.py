"""Composing: digests, what they tell and their mails, written together, one short transaction a batch (rule 3)."""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import time
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm.util import identity_key

from tracker.db import db, one_of
from tracker.digests.addressees import Addressee, addressees
from tracker.digests.content import Content, Gathered, gather_for
from tracker.digests.due import Due, due_by, waiting_by, whose_turn
from tracker.digests.emails import digest_message
from tracker.digests.models import Digest, DigestState, Subscriber
from tracker.digests.quoting import hold_deadlines, hold_quoted, hold_sizes
from tracker.digests.readers import alike
from tracker.digests.sending import take_back
from tracker.digests.telling import Ready, Telling, receivers_of, tell
from tracker.digests.turns import Turn, turns
from tracker.mail import outbox
from tracker.mail.mailings import Mailing
from tracker.mail.models import EmailBody
from tracker.mail.render import Message
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
    ready = _prepared(addressees(Subscriber.id.in_(whose_turn(limit)), limit=limit), now, counts)
    tellings: list[Telling] = []
    for group in alike(_turns(ready, now, counts), lambda turn: turn.words):
        if (counts or tellings) and time.monotonic() > end:
            break  # the others are due as before
        ones = [ready[turn.reader.id] for turn in group]
        try:
            if not _is_gathered(group[0], known, now):
                continue  # left due while somebody changes what they quote
            telling = _telling(group[0], ones, known, now)
        except sa.exc.DBAPIError:
            raise
        except Exception as error:
            _give_all_up(ones, error, now, counts)
            continue
        if telling is None:
            skip([one.digest for one in ones], NOTHING, now)
            counts["skipped"] += len(ones)
        else:
            tellings.append(telling)
    tell_all(tellings, now, counts)
    return counts


def tell_all(tellings: Sequence[Telling], now: dt.datetime, counts: Counter[str]) -> None:
    """Write all of these at once. Where one of them is broken, each is written alone."""
    if not tellings:
        return
    try:
        with db.session.begin_nested():
            tell(tellings, now)
        counts["ready"] += sum(len(one.readers) for one in tellings)
        return
    except sa.exc.DBAPIError:
        raise
    except Exception as error:
        if len(tellings) == 1:
            _give_all_up(tellings[0].readers, error, now, counts)
            outbox.wipe_body_if_idle(tellings[0].mailing.body.id, now=now)
            return
    logger.warning("some mail of a batch cannot be written; writing those of the same words alone")
    for one in tellings:
        tell_all([one], now, counts)


def _prepared(subscribers: Sequence[Addressee], now: dt.datetime, counts: Counter[str]) -> dict[int, Ready]:
    """Settle what needs no words: nobody to write to, periods missed. Who is left, by subscriber."""
    due = due_by(one.id for one in subscribers)
    # Who is missing in it was composed by somebody else while we waited for the lock.
    waiting = waiting_by(due)
    ready: dict[int, Ready] = {}
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
            skip(due[subscriber.id], subscriber.end_reason or "the account is not in use", now)
            counts["skipped"] += len(due[subscriber.id])
            continue
        waits = [one for one in waiting.get(subscriber.id, ()) if one.due_at < digest.due_at]
        earlier = [one for one in waits if take_back(one, MERGED, now=now)]
        if missed or earlier:
            skip([*missed, *earlier], MERGED, now, into=digest)
            counts["merged"] += len(missed) + len(earlier)
        ready[subscriber.id] = Ready(subscriber, digest, address)
    return ready


def _turns(ready: Mapping[int, Ready], now: dt.datetime, counts: Counter[str]) -> list[Turn]:
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


def _is_gathered(turn: Turn, known: _Known, now: dt.datetime) -> bool:
    """Whether it is known by now what is told to readers of these words, and stays so until the transaction ends."""
    if turn.words not in known.gathered:
        if not hold_quoted(turn.told):
            return False
        gathered = gather_for(turn, now=now)
        if gathered is not None and not (hold_deadlines(gathered.deadlines) and hold_sizes(gathered.sized)):
            return False
        known.gathered[turn.words] = gathered
    return True


def _telling(turn: Turn, ones: Sequence[Ready], known: _Known, now: dt.datetime) -> Telling | None:
    """What is told to readers of the same words, of whom this is one; None when there is nothing to say."""
    gathered = known.gathered[turn.words]
    if gathered is None:
        return None
    body, message = known.written.get(gathered.content) or (None, digest_message(gathered.content))
    receivers = receivers_of(message, ones, gathered.campaigns)
    if body is None:
        body = outbox.put_body(message, now=now)
        known.written[gathered.content] = body, message
    return Telling(ones, Mailing(body, receivers), gathered.entries)


def skip(digests: Sequence[Due | Digest], reason: str, now: dt.datetime, *, into: Due | None = None) -> None:
    """There is no mail of these, for a reason."""
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


def _give_all_up(ones: Sequence[Ready], error: Exception, now: dt.datetime, counts: Counter[str]) -> None:
    """What is broken must not keep the mail from all others; the next period tells what this one did not."""
    for one in ones:
        _give_up(one.subscriber, error, now, counts)


def _give_up(subscriber: Addressee, error: Exception, now: dt.datetime, counts: Counter[str]) -> None:
    logger.error("digest of subscriber %s could not be composed", subscriber.public_id, exc_info=error)
    due = [one.id for one in due_by([subscriber.id])[subscriber.id]]
    reason = f"could not be composed: {type(error).__name__}"
    _settle(due, state=DigestState.FAILED, reason=reason, settled_at=now)
    counts["failed"] += len(due)
