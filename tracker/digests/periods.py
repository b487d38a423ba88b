"""When digests fall due: pure arithmetic on calendars and zones (digests.md, rule 1).

A period is named by the reader's own calendar, 2026-11-23, 2026-W48 or 2026-11, and falls due at one moment.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tracker.digests.models import Frequency

DAY = dt.timedelta(days=1)


class Scheduled(Protocol):
    """What of a subscriber says when they want to hear from us."""

    @property
    def frequency(self) -> Frequency: ...
    @property
    def hour(self) -> int: ...
    @property
    def zone(self) -> str: ...
    @property
    def weekday(self) -> int: ...
    @property
    def month_day(self) -> int: ...


@dataclass(frozen=True)
class Schedule:
    """When somebody wants to hear from us, on their own clock."""

    frequency: Frequency
    hour: int
    zone: str
    weekday: int = 1  # ISO: Monday is 1
    month_day: int = 1  # 29 to 31 mean the last day of a shorter month

    @classmethod
    def of(cls, subscriber: Scheduled) -> Schedule:
        """A subscriber's schedule."""
        return cls(
            frequency=subscriber.frequency,
            hour=subscriber.hour,
            zone=subscriber.zone,
            weekday=subscriber.weekday,
            month_day=subscriber.month_day,
        )


@dataclass(frozen=True, order=True)
class Period:
    """One period: the moment it falls due (UTC) and its name in the reader's calendar."""

    due_at: dt.datetime
    key: str


def next_period(schedule: Schedule, *, after: dt.datetime) -> Period:
    """The first period that falls due later than this moment."""
    return next(periods(schedule, after=after))


def elapsed_periods(schedule: Schedule, *, after: dt.datetime, until: dt.datetime) -> list[Period]:
    """The periods that fell due later than `after` and not later than `until`, oldest first."""
    found = []
    for period in periods(schedule, after=after):
        if period.due_at > until:
            break
        found.append(period)
    return found


def period_on(schedule: Schedule, day: dt.date) -> Period | None:
    """The period that falls due on this local day; None when none does."""
    if next(_days(schedule, start=day)) != day:
        return None
    due_at = moment_of(day, schedule.hour, ZoneInfo(schedule.zone))
    return Period(due_at=due_at, key=period_key(schedule.frequency, day))


def periods(schedule: Schedule, *, after: dt.datetime) -> Iterator[Period]:
    """Every period that falls due later than this moment, in order, without end."""
    zone = ZoneInfo(schedule.zone)
    # Begin a little early: near midnight, or where a zone skipped a day, the local date is not where the moment is.
    for day in _days(schedule, start=after.astimezone(zone).date() - 2 * DAY):
        due_at = moment_of(day, schedule.hour, zone)
        if due_at > after:
            yield Period(due_at=due_at, key=period_key(schedule.frequency, day))


def period_key(frequency: Frequency, day: dt.date) -> str:
    """The name of the period that falls due on this local day."""
    if frequency is Frequency.DAILY:
        return day.isoformat()
    if frequency is Frequency.WEEKLY:
        year, week, _weekday = day.isocalendar()
        return f"{year:04}-W{week:02}"
    return f"{day:%Y-%m}"


def moment_of(day: dt.date, hour: int, zone: ZoneInfo) -> dt.datetime:
    """The moment, in UTC, at which it is this hour on this day in a zone.

    An hour that the clocks skip means the moment they jump over it; one that comes twice means the first.
    """
    wall = dt.datetime.combine(day, dt.time(hour))
    moment = wall.replace(tzinfo=zone).astimezone(dt.UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    # In a gap the offset before it (fold=0) and the one after it (fold=1) enclose the jump.
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(dt.UTC), moment
    while after - before > dt.timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).replace(tzinfo=None) >= wall:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)


def clock_of(zone: str) -> ZoneInfo | None:
    """The clock of a zone; None where this machine does not know it, so that its reader can be told."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _days(schedule: Schedule, *, start: dt.date) -> Iterator[dt.date]:
    """The local days on which a schedule falls due, from `start` on."""
    if schedule.frequency is Frequency.MONTHLY:
        year, month = start.year, start.month
        while True:
            day = dt.date(year, month, min(schedule.month_day, calendar.monthrange(year, month)[1]))
            if day >= start:
                yield day
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    step = DAY
    if schedule.frequency is Frequency.WEEKLY:
        start += DAY * ((schedule.weekday - start.isoweekday()) % 7)
        step = 7 * DAY
    while True:
        yield start
        start += step
