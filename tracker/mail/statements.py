"""The statements that a run makes for each handful of mails: about many rows at once, put together once."""

from __future__ import annotations

import functools
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from tracker.db import given
from tracker.instance import SENDING_PAUSED, Setting
from tracker.mail.models import Email, EmailKind, EmailState

_TABLE = cast(sa.Table, Email.__table__)
# By way of a function: without statistics SQLite would rather look through all that waits, by the index on the state,
# than find a few rows by their keys.
_STATE = sa.func.coalesce(_TABLE.c.state, sa.null(), type_=_TABLE.c.state.type)
_PAUSED = sa.select(Setting.name).where(Setting.name == SENDING_PAUSED)
_HEARD = [EmailState.TRANSMIT, EmailState.UNKNOWN, EmailState.PENDING]


# What is each receiver's own in a mail's row.
OWN = (
    "public_id", "recipient_sealed", "recipient_hash", "domain_hash", "links_sealed", "message_id", "answer", "state",
)  # fmt: skip


@functools.cache
def begun(dialect: str) -> ReturningUpdate[int, str]:
    """That the last bytes of `held` (id, token) leave, with a lease `until`; those that were claimed so. None while
    sending rests."""
    held, email = given(dialect, "held", id=sa.Integer(), token=sa.Text()), _TABLE.c
    return (
        sa.update(_TABLE)
        .where(email.id == held.c.id, email.token == held.c.token, _STATE == EmailState.CLAIMED, ~_PAUSED.exists())
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


@functools.cache
def put_in(dialect: str) -> ReturningInsert[str, int]:
    """Mails of one `kind` and `priority` into the outbox, `now`: `rows` are what is each receiver's own, and the number
    of the words. The public ids, with the numbers of their rows."""
    columns: dict[str, sa.types.TypeEngine[Any]] = {**dict.fromkeys(OWN, sa.Text()), "body_id": sa.Integer()}
    rows, email = given(dialect, "rows", **columns), _TABLE.c
    now = sa.bindparam("now", type_=email.created_at.type)
    values: dict[sa.Column[Any], sa.ColumnElement[Any]] = {
        **{email[name]: rows.c[name] for name in columns},
        email.kind: sa.bindparam("kind", type_=email.kind.type),
        email.priority: sa.bindparam("priority", type_=sa.Integer()),
        email.has_turn: sa.false(),
        email.attempts: sa.literal(0),
        email.ambiguous: sa.false(),
        email.next_attempt_at: now,
        email.created_at: now,
        email.settled_at: sa.case((rows.c.state != EmailState.PENDING.value, now), else_=sa.null()),
    }
    found = sa.select(*values.values())
    return sa.insert(_TABLE).from_select([*values], found, include_defaults=False).returning(email.public_id, email.id)
