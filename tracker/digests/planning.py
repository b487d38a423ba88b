"""Which digests fall due: rows first (digests.md, rules 2 and 5). Idempotent; any number may plan at once."""

from __future__ import annotations

import datetime as dt
import functools
import logging
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from tracker.db import along, db, dialect, given, insert_missing, inserting, new_public_id, one_of
from tracker.digests.models import Digest, DigestRun, DigestState, Frequency, Subscriber
from tracker.digests.periods import Period, Schedule, elapsed_periods, next_period, period_key
from tracker.digests.readers import alike
from tracker.postgresql import checked_by_one_plan
from tracker.settings import config

BATCH = 2_000
SETTLED = (DigestState.SENT, DigestState.SKIPPED, DigestState.FAILED)

logger = logging.getLogger("tracker.digests")


class Planned(NamedTuple):
    """What of a subscriber says when their digests fall due: a run has thousands."""

    id: int
    frequency: Frequency
    hour: int
    zone: str
    weekday: int
    month_day: int
    next_due_at: dt.datetime
    scheduled_from: dt.datetime


def plan(now: dt.datetime, *, limit: int = BATCH) -> int:
    """Write a Digest for each period that elapsed and has none, for up to `limit` subscribers; how many of these.

    Periods missed by more than `missed_periods` get no row of their own unless they are the last one: what they would
    have told is told by the next, since a digest tells what was not told. Call again until it returns 0.
    """
    found = (
        sa.select(*(getattr(Subscriber, name) for name in Planned._fields))
        .where(
            Subscriber.next_due_at <= now,
            Subscriber.ended_at.is_(None),
            sa.or_(Subscriber.account_id.is_not(None), Subscriber.confirmed_at.is_not(None)),
        )
        .order_by(Subscriber.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    subscribers = [Planned(*row) for row in db.session.execute(found)]
    try:
        with db.session.begin_nested():
            plan_for(subscribers, now)
    except sa.exc.DBAPIError:
        raise  # the database is to blame: the whole batch comes again
    except Exception:
        logger.warning("somebody of a batch cannot be planned for; looking at each alone")
        for one in subscribers:
            plan_alone(db.session.get_one(Subscriber, one.id), now)
    return len(subscribers)


def plan_alone(subscriber: Subscriber, now: dt.datetime) -> None:
    """The same for one, whom the caller has locked. Where something of them is broken, such as a zone that this machine
    does not know, their digest has failed, with the reason, and the next is tried a day later."""
    try:
        with db.session.begin_nested():
            plan_for([subscriber], now)
    except sa.exc.DBAPIError:
        raise
    except Exception as error:
        logger.error("subscriber %s cannot be planned for", subscriber.public_id, exc_info=error)
        due_at = subscriber.next_due_at
        period = Period(due_at=due_at, key=period_key(subscriber.frequency, due_at.date()))
        words = f"could not be planned: {type(error).__name__}"
        _write([(subscriber, period)], now, state=DigestState.FAILED, reason=words)
        _move_on([subscriber.id], now + dt.timedelta(days=1))


def plan_for(subscribers: Sequence[Subscriber | Planned], now: dt.datetime) -> None:
    """The same for these subscribers, whom the caller has locked. Raises what is wrong with any of them."""
    due: list[tuple[Subscriber | Planned, Period]] = []
    coming: dict[dt.datetime, list[int]] = {}
    for group in alike(subscribers, lambda one: (Schedule.of(one), one.next_due_at, one.scheduled_from)):
        elapsed = _due(group[0], now)
        due += [(one, period) for one in group for period in elapsed]
        coming.setdefault(next_period(Schedule.of(group[0]), after=now).due_at, []).extend(one.id for one in group)
    _write(due, now)
    for due_at, ids in sorted(coming.items()):
        _move_on(sorted(ids), due_at)
    db.session.expire_all()


def _move_on(ids: Sequence[int], due_at: dt.datetime) -> None:
    """When the next digest of these falls due. Not through the object: its version is the reader's, who changes the
    schedule, not the clock's."""
    table = cast(sa.Table, Subscriber.__table__)
    db.session.execute(sa.update(table).where(one_of(table.c.id, ids)).values(next_due_at=due_at))


def _write(
    due: Sequence[tuple[Subscriber | Planned, Period]],
    now: dt.datetime,
    *,
    state: DigestState = DigestState.DUE,
    reason: str = "",
) -> None:
    """A row for each of these that has none."""
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
    rows = [(new_public_id(), runs[one.frequency, period.due_at], one.id, period.key) for one, period in due]
    if rows:
        kind, settled_at = dialect(), None if state is DigestState.DUE else now
        values = along(kind, "rows", rows) | {"state": state, "reason": reason, "settled_at": settled_at}
        with checked_by_one_plan(db.session.connection()):
            db.session.execute(_made(kind), values)


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
        "state": sa.bindparam("state", type_=digest.c.state.type),
        "reason": sa.bindparam("reason", type_=digest.c.reason.type),
        "settled_at": sa.bindparam("settled_at", type_=digest.c.settled_at.type),
    }
    found = sa.select(*values.values()).where(run.id == rows.run_id)
    found = found.order_by(rows.subscriber_id, run.frequency, rows.period_key)
    return inserting(digest, kind).from_select([*values], found, include_defaults=False).on_conflict_do_nothing()


def _due(subscriber: Subscriber | Planned, now: dt.datetime) -> list[Period]:
    """A subscriber's elapsed periods that want a row: those of the last days, and the last one however old."""
    # `next_due_at` is the first period nobody has planned; the second is what "later than" leaves out.
    after = max(subscriber.next_due_at - dt.timedelta(seconds=1), subscriber.scheduled_from)
    elapsed = elapsed_periods(Schedule.of(subscriber), after=after, until=now)
    oldest = now - config().durations.missed_periods
    return [period for period in elapsed if period.due_at > oldest or period is elapsed[-1]]


def close_runs(now: dt.datetime) -> None:
    """Close the runs of which nothing waits any longer; one that got a row again is open again.

    What stays unknown for good waits for nothing: a person may send it again, and the desk counts it all the same.
    """
    is_over = sa.or_(
        Digest.state.in_(SETTLED), sa.and_(Digest.state == DigestState.UNKNOWN, Digest.settled_at.is_not(None))
    )
    waiting = sa.select(Digest.id).where(Digest.run_id == DigestRun.id, ~is_over).exists()
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
