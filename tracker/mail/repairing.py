"""What the sweep puts right in the outbox: claims of senders that died, mails that were held, clocks set back.

Inside a transaction of the caller.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from tracker.db import db
from tracker.mail.claims import JITTER, settle_later, unknown
from tracker.mail.models import Email, EmailState
from tracker.mail.pace import LONGEST_TURN
from tracker.settings import config

# By how much the clocks of several machines may differ without one taking away what another holds.
CLOCKS_DIFFER = dt.timedelta(minutes=1)


LOST = "The worker that had it fell silent before the mail was handed over."


def free_lost_claims(*, now: dt.datetime) -> int:
    """Repair what a killed sender left: claimed rows are pending again, rows in transmit unknown, held ones due or,
    where MAIL_UNKNOWN says so, left to a person.

    A claim that is lost for the first time is due at once, since its worker was killed; from the second on it climbs
    the ladder, since the mail itself may be what takes so long. A moment further ahead than any that is given out is of
    a clock that was set back since: nothing waits for it. Returns how many rows it changed; running it again changes
    nothing.
    """
    durations, is_claimed = config().durations, Email.state == EmailState.CLAIMED
    is_lost = sa.and_(is_claimed, _is_over(Email.lease_until, durations.claim_lease, now))
    again: dict[str, Any] = {"state": EmailState.PENDING, "ambiguous": True, "next_attempt_at": now}
    if config().mail.holds_unknown:
        again = {"settled_at": now}
    return (
        _put_off(sa.and_(is_lost, Email.attempts > 1), now)
        + _change(is_lost, state=EmailState.PENDING, token=None, lease_until=None, next_attempt_at=now)
        + _change(
            sa.and_(Email.state == EmailState.TRANSMIT, _is_over(Email.lease_until, durations.transmit_lease, now)),
            **unknown(now),
        )
        + _change(
            sa.and_(
                Email.state == EmailState.UNKNOWN,
                Email.settled_at.is_(None),
                Email.ambiguous.is_(False),
                _is_over(Email.next_attempt_at, durations.unknown_hold, now),
            ),
            **again,  # the token stays: a late 250 of the first attempt is still heard
        )
        + _change(sa.and_(Email.state == EmailState.PENDING, _is_beyond(now)), next_attempt_at=now)
    )


def _put_off(condition: sa.ColumnElement[bool], now: dt.datetime) -> int:
    found = sa.select(Email).where(condition).order_by(Email.id).with_for_update(skip_locked=True)
    return sum(settle_later(email, code=None, answer=LOST, now=now) for email in db.session.scalars(found).all())


def _change(condition: sa.ColumnElement[bool], **values: Any) -> int:
    changed = db.session.execute(
        sa.update(Email).where(condition).values(**values).execution_options(synchronize_session=False)
    )
    return changed.rowcount  # type: ignore[attr-defined,no-any-return]


def _is_over(moment: Any, span: dt.timedelta, now: dt.datetime) -> sa.ColumnElement[bool]:
    """Whether a moment, so far ahead when it was written, has passed; or a clock that was set back since wrote it."""
    return sa.or_(moment <= now, moment > now + span + CLOCKS_DIFFER)


def _is_beyond(now: dt.datetime) -> sa.ColumnElement[bool]:
    """Whether the next try is further ahead than the ladder, or the turn of a domain, can put it."""
    durations, next_at = config().durations, Email.next_attempt_at
    rungs = [LONGEST_TURN, *durations.retry_ladder]
    steps = [
        sa.and_(Email.attempts == tries, next_at > now + max(rung * (1 + JITTER), LONGEST_TURN) + CLOCKS_DIFFER)
        for tries, rung in enumerate(rungs)
    ]
    longest = max(durations.retry_every * (1 + JITTER), LONGEST_TURN) + CLOCKS_DIFFER
    before_it_was_written = sa.and_(Email.attempts == 0, Email.created_at > now + CLOCKS_DIFFER, next_at > now)
    return sa.or_(before_it_was_written, *steps, sa.and_(Email.attempts >= len(rungs), next_at > now + longest))
