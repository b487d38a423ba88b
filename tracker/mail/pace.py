"""How many mails may leave now: in all, and to one domain. The database keeps the pace for all workers together.

Inside a transaction of the caller. Each name has a moment until which its mails were let go; a mail moves it by one
interval. Up to a second's worth may go at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

import sqlalchemy as sa

from tracker.db import db, insert_missing, one_of
from tracker.mail.models import Email, EmailState, MailPace
from tracker.mail.urgency import PATIENT
from tracker.settings import config

ALL = "*"
# One mail of so many is a digest or news, however much comes in that is more urgent: a flood of confirmations must
# not hold up a run for good.
TURNS = 5
BURST = dt.timedelta(seconds=1)
# No turn is given out further ahead; what would have a later one asks again then.
LONGEST_TURN = dt.timedelta(hours=1)
_PLAINLY = {"synchronize_session": False}


class Room(NamedTuple):
    """How many mails may be claimed, and how many of them are of those that wait for what is more urgent, if any do."""

    mails: int
    for_the_patient: int = 0


def allowance(now: dt.datetime, wanted: int) -> Room:
    """How many of the mails that could be claimed may be; the row is locked until the transaction ends."""
    rate = config().mail.rate
    if not rate or not wanted:
        return Room(wanted)
    (row,) = _locked([ALL])
    # By the mails let go so far, which all workers count together.
    is_theirs = int(row.free_at.timestamp() * rate) % TURNS == TURNS - 1
    if row.free_at > now + 2 * BURST:  # the clock was set back
        row.free_at = now
    room = now + BURST - max(row.free_at, now)
    mails = max(0, min(wanted, int(room * rate / BURST)))
    return Room(mails, mails // TURNS or int(is_theirs))


def spend(now: dt.datetime, taken: int) -> None:
    """Note that so many were claimed."""
    rate = config().mail.rate
    if rate and taken:
        (row,) = _locked([ALL])
        row.free_at = max(row.free_at, now) + taken * BURST / rate
        db.session.flush()


class Paced(Protocol):
    """What of a claimed mail decides its turn."""

    @property
    def id(self) -> int: ...
    @property
    def domain_hash(self) -> str: ...
    @property
    def has_turn(self) -> bool: ...
    @property
    def priority(self) -> int: ...


def untried(due: dt.datetime) -> dict[str, Any]:
    """The values of a claimed mail that is handed back as if nobody had claimed it, due at this moment."""
    return {
        "state": EmailState.PENDING,
        "token": None,
        "lease_until": None,
        "attempts": Email.attempts - 1,
        "first_tried_at": sa.case((Email.attempts > 1, Email.first_tried_at), else_=None),
        "next_attempt_at": due,
    }


One = TypeVar("One", bound=Paced)


def hold_back(emails: Sequence[One], now: dt.datetime) -> list[One]:
    """Of claimed mails those that may go now. The others are handed back with a turn of their own, not far ahead."""
    rate = config().mail.rate_per_domain
    if not rate:
        return list(emails)
    paced = {email.domain_hash for email in emails if email.domain_hash and not email.has_turn}
    free = {row.name: row for row in _locked(sorted(paced))}
    going: list[One] = []
    turns: list[int] = []
    until: dict[int, dt.datetime] = {}  # when those who are handed back are due again
    furthest = now + LONGEST_TURN
    # Rounded up: three turns of a third of a second are a second, and not a microsecond less.
    interval = -(-BURST // rate)
    for each in free.values():
        if each.free_at > furthest + 2 * BURST:  # the clock was set back
            each.free_at = now
    for email in emails:
        row = free.get(email.domain_hash)
        if row is None or email.has_turn:
            going.append(email)
            continue
        turn, is_patient = max(row.free_at, now), email.priority >= PATIENT
        if is_patient and turn > furthest:
            until[email.id] = furthest
            continue
        turns.append(email.id)
        row.free_at = min(turn + interval, furthest + BURST)
        if is_patient and turn >= now + BURST:
            until[email.id] = turn
        else:
            going.append(email)
    db.session.flush()
    if turns:
        db.session.execute(
            sa.update(Email).where(one_of(Email.id, sorted(turns))).values(has_turn=True), execution_options=_PLAINLY
        )
    for moment in sorted(set(until.values())):
        db.session.execute(
            sa.update(Email)
            .where(one_of(Email.id, sorted(one for one in until if until[one] == moment)))
            .values(untried(moment)),
            execution_options=_PLAINLY,
        )
    return going


def forget_idle(now: dt.datetime) -> None:
    """Remove the rows of domains to which nothing was sent for long."""
    db.session.execute(sa.delete(MailPace).where(MailPace.free_at < now - dt.timedelta(hours=1)))


def _locked(names: Collection[str]) -> list[MailPace]:
    """The rows of these names, made where there are none; locked in one order by all."""
    if not names:
        return []
    long_ago = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    insert_missing(MailPace, [{"name": name, "free_at": long_ago} for name in names])
    found = sa.select(MailPace).where(MailPace.name.in_(names)).order_by(MailPace.name).with_for_update()
    return list(db.session.scalars(found.execution_options(populate_existing=True)))
