"""Which digests fall due: rows first (digests.md, rules 2 and 5). Idempotent; any number may plan at once."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import json
from collections.abc import Sequence
from typing import Any, cast

import sqlalchemy as sa

from tracker.db import db, dialect, given, insert_missing, inserting, new_public_id, one_of
from tracker.digests.models import Digest, DigestRun, DigestState, Subscriber
from tracker.digests.periods import Period, Schedule, elapsed_periods, next_period
from tracker.settings import config

BATCH = 2_000
Known = dict[tuple[Schedule, dt.datetime], list[Period]]  # the periods since a moment
SETTLED = (DigestState.SENT, DigestState.SKIPPED, DigestState.FAILED)


def plan(now: dt.datetime, *, limit: int = BATCH) -> int:
    """Write a Digest for each period that elapsed and has none, for up to `limit` subscribers; how many of these.

    Periods missed by more than `missed_periods` get no row of their own unless they are the last one: what they would
    have told is told by the next, since a digest tells what was not told. Call again until it returns 0.
    """
    subscribers = list(
        db.session.scalars(
            sa.select(Subscriber)
            .where(
                Subscriber.next_due_at <= now,
                Subscriber.ended_at.is_(None),
                sa.or_(Subscriber.account_id.is_not(None), Subscriber.confirmed_at.is_not(None)),
            )
            .order_by(Subscriber.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    plan_for(subscribers, now)
    return len(subscribers)


def plan_for(subscribers: Sequence[Subscriber], now: dt.datetime) -> None:
    """The same for these subscribers, whom the caller has locked."""
    known: Known = {}
    due = [(subscriber, period) for subscriber in subscribers for period in _due(subscriber, now, known)]
    insert_missing(
        DigestRun,
        [
            {"public_id": new_public_id(), "frequency": frequency, "due_at": due_at, "opened_at": now}
            for frequency, due_at in sorted({(one.frequency, period.due_at) for one, period in due})
        ],
    )
    moments = {period.due_at for _one, period in due}
    runs = {
        (run.frequency, run.due_at): run.id
        for run in db.session.scalars(sa.select(DigestRun).where(DigestRun.due_at.in_(moments)))
    }
    rows = [
        {
            "public_id": new_public_id(),
            "run_id": runs[one.frequency, period.due_at],
            "subscriber_id": one.id,
            "period_key": period.key,
        }
        for one, period in due
    ]
    if rows:
        db.session.execute(_made(dialect()), {"rows": json.dumps(rows)})
    coming: dict[Schedule, dt.datetime] = {}
    for one in subscribers:
        if (schedule := Schedule.of(one)) not in coming:
            coming[schedule] = next_period(schedule, after=now).due_at
    table = cast(sa.Table, Subscriber.__table__)
    # Not through the object: its version is the reader's, who changes the schedule, not the clock's.
    for due_at, ones in itertools.groupby(
        sorted(subscribers, key=lambda one: (coming[Schedule.of(one)], one.id)), lambda one: coming[Schedule.of(one)]
    ):
        db.session.execute(
            sa.update(table).where(one_of(table.c.id, [one.id for one in ones])).values(next_due_at=due_at)
        )
    db.session.expire_all()


@functools.cache
def _made(kind: str) -> sa.Insert:
    """A Digest for each of `rows` that there is none for; sorted, since writers in different orders deadlock."""
    columns: dict[str, sa.types.TypeEngine[Any]] = {
        "public_id": sa.Text(),
        "run_id": sa.Integer(),
        "subscriber_id": sa.Integer(),
        "period_key": sa.Text(),
    }
    rows, run = given(kind, "rows", **columns).c, cast(sa.Table, DigestRun.__table__).c
    digest = cast(sa.Table, Digest.__table__)
    values: dict[str, sa.ColumnElement[Any]] = {
        "public_id": rows.public_id,
        "run_id": run.id,
        "subscriber_id": rows.subscriber_id,
        "frequency": run.frequency,
        "period_key": rows.period_key,
        "due_at": run.due_at,
        "state": sa.literal(DigestState.DUE, digest.c.state.type),
        "reason": sa.literal(""),
    }
    found = sa.select(*values.values()).where(run.id == rows.run_id)
    found = found.order_by(rows.subscriber_id, run.frequency, rows.period_key)
    return inserting(digest, kind).from_select([*values], found, include_defaults=False).on_conflict_do_nothing()


def _due(subscriber: Subscriber, now: dt.datetime, known: Known) -> list[Period]:
    """A subscriber's elapsed periods that want a row: those of the last days, and the last one however old."""
    # `next_due_at` is the first period nobody has planned; the second is what "later than" leaves out.
    after = max(subscriber.next_due_at - dt.timedelta(seconds=1), subscriber.scheduled_from)
    schedule = Schedule.of(subscriber)
    if (schedule, after) not in known:  # many have the same
        known[schedule, after] = elapsed_periods(schedule, after=after, until=now)
    elapsed = known[schedule, after]
    oldest = now - config().durations.missed_periods
    return [period for period in elapsed if period.due_at > oldest or period is elapsed[-1]]


def close_runs(now: dt.datetime) -> None:
    """Close the runs of which nothing waits any longer; one that got a row again is open again."""
    waiting = sa.select(Digest.id).where(Digest.run_id == DigestRun.id, Digest.state.not_in(SETTLED)).exists()
    for condition, closed_at in (
        (sa.and_(DigestRun.closed_at.is_(None), ~waiting), now),
        (sa.and_(DigestRun.closed_at.is_not(None), waiting), None),
    ):
        db.session.execute(
            sa.update(DigestRun)
            .where(condition)
            .values(closed_at=closed_at)
            .execution_options(synchronize_session=False)
        )
