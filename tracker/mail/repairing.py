"""What the sweep puts right in the outbox: claims of senders that died, mails that were held, clocks set back.

Inside a transaction of the caller.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from tracker.db import db
from tracker.mail.claims import unknown
from tracker.mail.models import Email, EmailState
from tracker.settings import config

# By how much the clocks of several machines may differ without one taking away what another holds.
CLOCKS_DIFFER = dt.timedelta(minutes=1)


def free_lost_claims(*, now: dt.datetime) -> int:
    """Repair what a killed sender left: claimed rows are pending again, rows in transmit unknown, held ones due.

    A moment further ahead than any that is given out is of a clock that was set back since: nothing waits for it.
    Returns how many rows it changed; running it again changes nothing.
    """
    durations = config().durations
    changes: list[tuple[Any, dict[str, Any]]] = [
        (
            sa.and_(Email.state == EmailState.CLAIMED, _is_over(Email.lease_until, durations.claim_lease, now)),
            {"state": EmailState.PENDING, "token": None, "lease_until": None, "next_attempt_at": now},
        ),
        (
            sa.and_(Email.state == EmailState.TRANSMIT, _is_over(Email.lease_until, durations.transmit_lease, now)),
            unknown(now),
        ),
        (
            sa.and_(
                Email.state == EmailState.UNKNOWN,
                Email.settled_at.is_(None),
                Email.ambiguous.is_(False),
                _is_over(Email.next_attempt_at, durations.unknown_hold, now),
            ),
            # The token stays: a late 250 of the first attempt is still heard.
            {"state": EmailState.PENDING, "ambiguous": True, "next_attempt_at": now},
        ),
        (
            sa.and_(Email.state == EmailState.PENDING, Email.attempts == 0, Email.created_at > now + CLOCKS_DIFFER)
            & (Email.next_attempt_at > now),
            {"next_attempt_at": now},
        ),
    ]
    return sum(
        db.session.execute(
            sa.update(Email).where(condition).values(**values).execution_options(synchronize_session=False)
        ).rowcount  # type: ignore[attr-defined]
        for condition, values in changes
    )


def _is_over(moment: Any, span: dt.timedelta, now: dt.datetime) -> sa.ColumnElement[bool]:
    """Whether a moment, so far ahead when it was written, has passed; or a clock that was set back since wrote it."""
    return sa.or_(moment <= now, moment > now + span + CLOCKS_DIFFER)
