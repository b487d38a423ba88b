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
def heard(dialect: str) -> ReturningUpdate[int, str, EmailKind]:
    """What servers `said` (id, token, code, answer). Where that is nothing yet, the last bytes leave: with a lease
    `until`, if the mail was claimed so and sending does not rest. Else the server took it, `now`. Those to which it was
    news: id, token and kind."""
    said = given(dialect, "said", id=sa.Integer(), token=sa.Text(), code=sa.Integer(), answer=sa.Text())
    email, begins = _TABLE.c, said.c.code.is_(None)
    now, until = (sa.bindparam(name, type_=email.sent_at.type) for name in ("now", "until"))
    begun, sent = (sa.literal(state, email.state.type) for state in (EmailState.TRANSMIT, EmailState.SENT))
    return (
        sa.update(_TABLE)
        .where(
            email.id == said.c.id,
            email.token == said.c.token,
            sa.or_(
                sa.and_(begins, _STATE == EmailState.CLAIMED, ~_PAUSED.exists()),
                sa.and_(~begins, _STATE.in_(_HEARD)),
            ),
        )
        .values(
            state=sa.case((begins, begun), else_=sent),
            lease_until=sa.case((begins, until), else_=sa.null()),
            smtp_code=sa.func.coalesce(said.c.code, email.smtp_code),
            answer=sa.func.coalesce(said.c.answer, email.answer),
            sent_at=sa.case((begins, email.sent_at), else_=now),
            settled_at=sa.case((begins, email.settled_at), else_=now),
        )
        .returning(email.id, email.token, email.kind)
    )


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
