"""When a subscriber's next digest falls due, after a beginning or a change: no day is lost, and none has two.

Days are those of the reader's calendar, as the period keys name them: after a flight across the date line the name
decides. What fell due before a change is still what was agreed then, also when nobody has planned it yet.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tracker.db import db
from tracker.digests import planning
from tracker.digests.models import Digest, DigestState, Frequency, Subscriber
from tracker.digests.periods import Period, Schedule, clock_of, moment_of, period_on, periods
from tracker.digests.queries import active_subscriptions

SECOND, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)
# A digest that was, may have been, or still will be sent: its day has had one.
HAD = (DigestState.DUE, DigestState.READY, DigestState.SENT, DigestState.UNKNOWN)


def schedule_from(subscriber: Subscriber, now: dt.datetime) -> None:
    """Set the next moment a digest falls due, after now and not on a day that has had one."""
    _begin(subscriber, max(now, _last_days_end(subscriber)))


def reschedule(subscriber: Subscriber, schedule: Schedule, now: dt.datetime) -> None:
    """Hear at other times from now on. If today's digest was still to come and its new hour has passed, it comes at
    once: waiting for the next day, or week, would lose one. Today is the day on the former clock and on the new one."""
    if subscriber.next_due_at <= now and subscriber.ended_at is None:
        planning.plan_alone(subscriber, now)
    # Who heard every day hears today, also where another zone makes it another day.
    owed = now if subscriber.frequency is Frequency.DAILY else subscriber.next_due_at
    days = sorted({owed.astimezone(clock_of(zone) or dt.UTC).date() for zone in (subscriber.zone, schedule.zone)})
    subscriber.frequency, subscriber.hour, subscriber.zone = schedule.frequency, schedule.hour, schedule.zone
    subscriber.weekday, subscriber.month_day = schedule.weekday, schedule.month_day
    schedule_from(subscriber, now)
    if subscriber.ended_at is not None:
        return
    began = min((one.began_at for one in active_subscriptions(subscriber)), default=now)
    earliest = max(began, _last_days_end(subscriber))
    for day in days:
        period = period_on(schedule, day)
        if period and earliest < period.due_at <= now and period.key not in _taken(subscriber, period.due_at):
            subscriber.scheduled_from, subscriber.next_due_at = period.due_at - SECOND, period.due_at
            return


def _begin(subscriber: Subscriber, after: dt.datetime) -> None:
    taken = _taken(subscriber, after)
    subscriber.scheduled_from = after
    subscriber.next_due_at = _first_free(subscriber, after, taken).due_at


def _first_free(subscriber: Subscriber, after: dt.datetime, taken: set[str]) -> Period:
    return next(one for one in periods(Schedule.of(subscriber), after=after) if one.key not in taken)


def _taken(subscriber: Subscriber, since: dt.datetime) -> set[str]:
    """The names of periods that have their row, whatever became of it."""
    found = sa.select(Digest.period_key).where(
        Digest.subscriber_id == subscriber.id,
        Digest.frequency == subscriber.frequency,
        Digest.due_at > since - 32 * DAY,
    )
    return set(db.session.scalars(found))


def _last_days_end(subscriber: Subscriber) -> dt.datetime:
    """The last second of the last day, on the reader's present clock, that has had a digest."""
    zone = ZoneInfo(subscriber.zone)
    found = sa.select(sa.func.max(Digest.due_at)).where(Digest.subscriber_id == subscriber.id, Digest.state.in_(HAD))
    last = db.session.scalar(found)
    if last is None:
        return dt.datetime.min.replace(tzinfo=dt.UTC)
    # "Later than" a moment: the next day's first second counts, so step back by one.
    return moment_of(last.astimezone(zone).date() + DAY, 0, zone) - SECOND
