"""The statements that a run makes for each handful of mails: about many rows at once, put together once."""

from __future__ import annotations

import functools
from typing import cast

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningUpdate

from tracker.db import given
from tracker.mail.models import Email, EmailKind, EmailState

_TABLE = cast(sa.Table, Email.__table__)
# By way of a function: without statistics SQLite would rather look through all that waits, by the index on the state,
# than find a few rows by their keys.
_STATE = sa.func.coalesce(_TABLE.c.state, sa.null(), type_=_TABLE.c.state.type)
_HEARD = [EmailState.TRANSMIT, EmailState.UNKNOWN, EmailState.PENDING]


@functools.cache
def begun(dialect: str) -> ReturningUpdate[int, str]:
    """That the last bytes of `held` (id, token) leave, with a lease `until`; those that were claimed so."""
    held, email = given(dialect, "held", id=sa.Integer(), token=sa.Text()), _TABLE.c
    return (
        sa.update(_TABLE)
        .where(email.id == held.c.id, email.token == held.c.token, _STATE == EmailState.CLAIMED)
        .values(state=EmailState.TRANSMIT, lease_until=sa.bindparam("until", type_=email.lease_until.type))
        .returning(email.id, email.token)
    )


@functools.cache
def sent(dialect: str) -> ReturningUpdate[int, EmailKind]:
    """That a server took `taken` (id, token, code, answer), `now`; ids and kinds of those to which that was news."""
    taken = given(dialect, "taken", id=sa.Integer(), token=sa.Text(), code=sa.Integer(), answer=sa.Text())
    email, now = _TABLE.c, sa.bindparam("now", type_=_TABLE.c.sent_at.type)
    return (
        sa.update(_TABLE)
        .where(email.id == taken.c.id, email.token == taken.c.token, _STATE.in_(_HEARD))
        .values(
            state=EmailState.SENT, smtp_code=taken.c.code, answer=taken.c.answer, lease_until=None, sent_at=now,
            settled_at=now,
        )
        .returning(email.id, email.kind)
    )  # fmt: skip
