"""What became of mails, written down; and who wants to hear of it."""

from __future__ import annotations

import datetime as dt
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask

from tracker import clock
from tracker.db import transaction
from tracker.mail import claims, outbox
from tracker.mail.claims import Claimed, Taken
from tracker.mail.lanes import Parcel
from tracker.mail.models import Email, EmailState
from tracker.mail.transport import Interrupted, Refused, Reply, Uncertain, Unreachable

# Addresses that do not exist (RFC 3463, X.1.Y); 5.1.7 and 5.1.8 speak of the sender's own.
_NO_SUCH_ADDRESS = re.compile(r"\b5\.1\.(?![78]\b)\d+\b")

logger = logging.getLogger("tracker.mail")


@dataclass(frozen=True)
class Watch:
    """What features above the mail want to say and hear; all but `recheck` are called inside a transaction."""

    # Right before sending: which of these may not go any more, and why. Changes nothing.
    recheck: Callable[[Sequence[Claimed], dt.datetime], Mapping[int, str]] = lambda emails, now: {}
    # So these (ids) were cancelled, for that reason: to put right what waited for them.
    stopped: Callable[[Mapping[int, str], dt.datetime], None] = lambda reasons, now: None
    # The server took these (ids).
    sent: Callable[[set[int], dt.datetime], None] = lambda ids, now: None
    # After any other change of an email's state.
    changed: Callable[[Email, dt.datetime], None] = lambda email, now: None


NOBODY = Watch()


def settle(parcels: Sequence[Parcel], watch: Watch, now: dt.datetime) -> Counter[str]:
    """Write down what became of mails; counts by state."""
    counts: Counter[str] = Counter()
    replies = [(parcel, parcel.outcome) for parcel in parcels if isinstance(parcel.outcome, Reply)]
    sent = claims.settle_sent(
        [Taken(parcel.email_id, parcel.token, reply.code, reply.answer) for parcel, reply in replies], now=now
    )
    if sent:
        counts["sent"] += len(sent)
        watch.sent(sent, now)
    counts["lease lost"] += len(replies) - len(sent)
    for parcel in parcels:
        match parcel.outcome:
            case Reply():
                continue
            case Refused() as refused:
                _refused(parcel, refused, now)
            case Uncertain():
                claims.settle_unknown(parcel.email_id, parcel.token, now=now)
            case Interrupted() | Unreachable() as error:
                _later(parcel, None, str(error), now)
            case _:
                counts["lease lost"] += 1
                continue
        counts[tell(parcel.email_id, watch, now)] += 1
    return +counts


def part_with(
    emails: Sequence[Claimed], refused: Mapping[int, str], problems: Mapping[int, str], watch: Watch, now: dt.datetime
) -> Counter[str]:
    """Settle claimed mails that may not go any more, or never can, with the reasons; counts by state. Of what may have
    arrived already it is only said that it is not sent again."""
    counts: Counter[str] = Counter()
    stopped = {}
    for email in emails:
        problem = problems.get(email.id) or (refused.get(email.id) if email.ambiguous else None)
        if problem is not None:
            claims.settle_failed(email.id, email.token, code=None, answer=problem, now=now)
            counts[tell(email.id, watch, now)] += 1
        elif email.id in refused:
            row = load(email.id)
            is_ours = row.state is EmailState.CLAIMED and row.token == email.token
            if is_ours and outbox.cancel(row, refused[email.id], now=now):
                stopped[email.id] = refused[email.id]
            counts["cancelled"] += 1
    if stopped:
        watch.stopped(stopped, now)
    return counts


def settle_late(app: Flask, watch: Watch, parcel: Parcel) -> None:
    """In a thread of its own: settle what came after its sender went on. A database that is away is asked again for as
    long as the row is ours; after that the sweep calls the mail unknown."""
    end = time.monotonic() + app.extensions["config"].durations.transmit_lease.total_seconds()
    with app.app_context():
        while True:
            try:
                with transaction():
                    settle([parcel], watch, clock.now())
                return
            except sa.exc.DBAPIError as error:
                if time.monotonic() > end:
                    logger.warning("a late word was lost: %s", type(error).__name__)
                    return
                time.sleep(1)


def _refused(parcel: Parcel, refused: Refused, now: dt.datetime) -> None:
    reply = refused.reply
    if reply.code < 500:
        _later(parcel, reply.code, reply.answer, now)
        return
    if refused.about_receiver and _NO_SUCH_ADDRESS.search(reply.answer):
        reason = "the mail server says that there is no such address"
        outbox.suppress(load(parcel.email_id).recipient_hash, reason, now=now)
    claims.settle_failed(parcel.email_id, parcel.token, code=reply.code, answer=reply.answer, now=now)


def _later(parcel: Parcel, code: int | None, answer: str, now: dt.datetime) -> None:
    email = load(parcel.email_id)
    if email.token == parcel.token:
        claims.settle_later(email, code=code, answer=answer, now=now)


def tell(email_id: int, watch: Watch, now: dt.datetime) -> str:
    email = load(email_id)
    watch.changed(email, now)
    return email.state.value


def load(email_id: int) -> Email:
    email = claims.email_by_id(email_id)
    if email is None:
        raise LookupError(f"email {email_id} is gone")
    return email
