"""The day of a moment in a zone, asked of the database: for counting by day what happened at many moments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

FIRST_YEAR = 2000  # nothing was recorded here before


class local_day(FunctionElement[dt.date]):  # noqa: N801 - reads like a function of the database
    """The day of a moment in a zone, on both databases alike: the offset is ours, from the same rules as Python's.

    SQLite knows no zones, and PostgreSQL's may be of another year than ours. Correct from FIRST_YEAR on.
    """

    type = sa.Date()
    inherit_cache = True
    name = "local_day"

    def __init__(self, moment: sa.ColumnElement[Any], zone: str, until_year: int) -> None:
        first, changes = _offsets(zone, until_year + 1)
        # The latest first: that is where most moments are.
        offset: Any = sa.literal(first)
        if changes:
            offset = sa.case(*((moment >= at, seconds) for at, seconds in reversed(changes)), else_=first)
        super().__init__(moment, offset)


@compiles(local_day, "sqlite")
def _on_sqlite(element: local_day, compiler: Any, **kw: Any) -> str:
    moment, offset = (compiler.process(clause, **kw) for clause in element.clauses)
    # Cut to the second: SQLite rounds the last microsecond of a day into the next.
    return f"date(substr({moment}, 1, 19), ({offset}) || ' seconds')"


@compiles(local_day, "postgresql")
def _on_postgresql(element: local_day, compiler: Any, **kw: Any) -> str:
    moment, offset = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(({moment}) AT TIME ZONE 'UTC' + ({offset}) * INTERVAL '1 second' AS DATE)"


@lru_cache(maxsize=256)
def _offsets(zone: str, until_year: int) -> tuple[int, list[tuple[dt.datetime, int]]]:
    """A zone's offset in seconds at first, then each moment at which it changes, with the offset from then on."""
    rules = ZoneInfo(zone)
    start, end = dt.datetime(FIRST_YEAR, 1, 1, tzinfo=dt.UTC), dt.datetime(until_year + 1, 1, 1, tzinfo=dt.UTC)

    def offset(at: dt.datetime) -> int:
        return int((at.astimezone(rules).utcoffset() or dt.timedelta()).total_seconds())

    before = first = offset(start)
    changes = []
    for at in _days(start, end):
        now = offset(at)
        if now != before:
            changes.append((_changed_at(at - dt.timedelta(days=1), at, offset), now))
            before = now
    return first, changes


def _days(start: dt.datetime, end: dt.datetime) -> Iterable[dt.datetime]:
    return (start + dt.timedelta(days=number) for number in range(1, (end - start).days + 1))


def _changed_at(low: dt.datetime, high: dt.datetime, offset: Any) -> dt.datetime:
    """The second at which the offset changes between two moments."""
    before = offset(low)
    while high - low > dt.timedelta(seconds=1):
        middle = low + dt.timedelta(seconds=int((high - low).total_seconds()) // 2)
        if offset(middle) == before:
            low = middle
        else:
            high = middle
    return high
