"""Sending what is due: three short transactions a mail, with the talk to the server between them.

A named exception to the one door (house.md, 4): claim · commit · MAIL, RCPT, DATA → 354 · transmit · commit · body and
dot · settle · commit. Killed anywhere, the next sweep can tell "surely not sent" from "perhaps sent".
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from tracker import clock
from tracker.db import transaction
from tracker.mail import claims, outbox
from tracker.mail.letter import Letter, letter
from tracker.mail.models import Email, EmailState
from tracker.mail.transport import (
    Folder,
    Interrupted,
    LeaseLost,
    Refused,
    Smtp,
    Uncertain,
    Unreachable,
    remove_letter,
    transport,
)
from tracker.sealing import SealError
from tracker.settings import config

# Addresses that do not exist (RFC 3463, X.1.Y); 5.1.7 and 5.1.8 speak of the sender's own.
_NO_SUCH_ADDRESS = re.compile(r"\b5\.1\.(?![78]\b)\d+\b")

Recheck = Callable[[Email, dt.datetime], str | None]
Settled = Callable[[Email, dt.datetime], None]


@dataclass(frozen=True)
class Watch:
    """What features above the mail want to say and hear; both are called inside the sender's transaction."""

    # Right before sending: may it still go? A reason in words stops it; the callee has put its own rows right.
    recheck: Recheck = lambda email, now: None
    # After each change of an email's state.
    settled: Settled = lambda email, now: None


NOBODY = Watch()


def send_due(watch: Watch = NOBODY, *, most: int = 200, seconds: float = 40) -> Counter[str]:
    """Send what is due now, one after another, at most so many; counts by what became of them.

    Begins none after so many seconds: a task that Celery ends while it waits for a server's last word leaves a mail
    unknown. Stops early when the server cannot be reached, or when there is nothing left.
    """
    counts: Counter[str] = Counter()
    end = time.monotonic() + seconds
    settings = config()
    name = urlsplit(settings.public_base_url).hostname or "localhost"
    with transport(settings.mail, settings.durations, name=name) as carrier:
        while sum(counts.values()) < most and time.monotonic() < end:
            with transaction():
                found = _next(watch, counts)
            if found is None:
                break
            email_id, attempt = found
            if attempt is None:
                continue
            try:
                _deliver(carrier, email_id, attempt, watch, counts)
            except Unreachable as error:
                with transaction():
                    _later(email_id, attempt, None, str(error), watch, counts)
                break
    return counts


@dataclass(frozen=True)
class Attempt:
    """A claimed mail, ready to be handed over."""

    token: str
    letter: Letter


def _next(watch: Watch, counts: Counter[str]) -> tuple[int, Attempt | None] | None:
    """Claim one mail and look at it again. No attempt: it was settled without one."""
    now = clock.now()
    claimed = claims.claim(now=now)
    if not claimed:
        return None
    email = claimed[0]
    token = email.token or ""
    if (reason := watch.recheck(email, now)) is not None:
        if email.ambiguous:  # it may have arrived already; what can still be done is not to send it again
            claims.settle_failed(email.id, token, code=None, answer=reason, now=now)
            _tell(email.id, watch, now, counts)
            return email.id, None
        if email.state is EmailState.CLAIMED:
            outbox.cancel(email, reason, now=now)
        counts["cancelled"] += 1
        return email.id, None
    try:
        ready = letter(email)
        problem = "Its words were destroyed." if ready is None else None
    except (SealError, ValueError) as error:  # one broken row stops no other
        ready, problem = None, str(error)
    problem = problem or (outbox.refusal(ready.receiver) if ready else None)
    if problem or ready is None:
        claims.settle_failed(email.id, token, code=None, answer=problem or "", now=now)
        _tell(email.id, watch, now, counts)
        return email.id, None
    return email.id, Attempt(token, ready)


def _deliver(carrier: Folder | Smtp, email_id: int, attempt: Attempt, watch: Watch, counts: Counter[str]) -> None:
    def transmit() -> bool:
        with transaction():
            return claims.begin_transmit(email_id, attempt.token, now=clock.now())

    try:
        reply = carrier.deliver(attempt.letter, transmit)
    except LeaseLost:
        counts["lease lost"] += 1
    except Interrupted as error:
        with transaction():
            _later(email_id, attempt, None, str(error), watch, counts)
    except Uncertain:
        with transaction():
            now = clock.now()
            claims.settle_unknown(email_id, attempt.token, now=now)
            _tell(email_id, watch, now, counts)
    except Refused as refused:
        with transaction():
            _refused(email_id, attempt, refused, watch, counts)
    else:
        with transaction():
            now = clock.now()
            claims.settle_sent(email_id, attempt.token, code=reply.code, answer=reply.answer, now=now)
            _tell(email_id, watch, now, counts)


def _refused(email_id: int, attempt: Attempt, refused: Refused, watch: Watch, counts: Counter[str]) -> None:
    reply = refused.reply
    if reply.code < 500:
        _later(email_id, attempt, reply.code, reply.answer, watch, counts)
        return
    now = clock.now()
    email = _load(email_id)
    if refused.about_receiver and _NO_SUCH_ADDRESS.search(reply.answer):
        outbox.suppress(email.recipient_hash, "the mail server says that there is no such address", now=now)
    claims.settle_failed(email_id, attempt.token, code=reply.code, answer=reply.answer, now=now)
    _tell(email_id, watch, now, counts)


def _later(email_id: int, attempt: Attempt, code: int | None, answer: str, watch: Watch, counts: Counter[str]) -> None:
    now = clock.now()
    email = _load(email_id)
    if email.token == attempt.token:
        claims.settle_later(email, code=code, answer=answer, now=now)
    _tell(email_id, watch, now, counts)


def _tell(email_id: int, watch: Watch, now: dt.datetime, counts: Counter[str]) -> None:
    email = _load(email_id)
    counts[email.state.value] += 1
    watch.settled(email, now)


def _load(email_id: int) -> Email:
    email = claims.email_by_id(email_id)
    if email is None:
        raise LookupError(f"email {email_id} is gone")
    return email


def wipe_old() -> int:
    """Forget settled mails whose time is over, and their files; how many."""
    total = 0
    while True:
        with transaction():
            gone = claims.wipe_settled(now=clock.now())
        for public_id in gone:
            remove_letter(config().mail, public_id)
        total += len(gone)
        if not gone:
            return total
