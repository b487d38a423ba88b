"""Whose digests are due, and what of theirs waits already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa

from tracker.db import db, dialect, one_of
from tracker.digests.models import Digest, DigestState
from tracker.mail.models import Email, EmailState


class Due(NamedTuple):
    """A digest that is due."""

    id: int
    subscriber_id: int
    due_at: dt.datetime


def whose_turn(limit: int) -> sa.Select[int]:
    """The subscribers of digests that are due, for an IN: as EXISTS SQLite would look through all that is due for each.

    On PostgreSQL only so many, whose digests nobody else looks at: it would read the rows of all whose turn it is, each
    time anew, to find those that come first.
    """
    waiting = sa.select(Digest.subscriber_id).where(Digest.state == DigestState.DUE)
    if dialect() != "postgresql":
        return waiting
    first = waiting.order_by(Digest.subscriber_id, Digest.id).limit(limit).with_for_update(skip_locked=True).cte()
    return sa.select(first.c.subscriber_id)


def due_by(subscriber_ids: Iterable[int]) -> dict[int, list[Due]]:
    """What is due, by subscriber, the oldest first."""
    found: dict[int, list[Due]] = {}
    rows = sa.select(Digest.id, Digest.subscriber_id, Digest.due_at).where(
        one_of(Digest.subscriber_id, [*subscriber_ids]), Digest.state == DigestState.DUE
    )
    for row in db.session.execute(rows.order_by(Digest.due_at, Digest.id)):
        found.setdefault(row[1], []).append(Due(*row))
    return found


def waiting_by(subscriber_ids: Iterable[int]) -> dict[int, list[Digest]]:
    """Digests whose mail waits and was never handed to a server, by subscriber: their news goes into the next one."""
    rows = (
        sa.select(Digest, Email)
        .join(Email, Digest.email_id == Email.id)
        .where(one_of(Digest.subscriber_id, [*subscriber_ids]), *is_waiting())
        .order_by(Digest.id)
        .with_for_update(skip_locked=True, of=Email)
    )
    found: dict[int, list[Digest]] = {}
    for digest, _email in db.session.execute(rows):
        found.setdefault(digest.subscriber_id, []).append(digest)
    return found


def is_waiting() -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions on a digest and its mail."""
    return Digest.state == DigestState.READY, Email.state == EmailState.PENDING, Email.ambiguous.is_(False)
