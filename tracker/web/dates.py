"""Dates as people know them: to the day, the month or only the year. Reading what was typed, and writing it back."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from tracker.db import Precision

EARLIEST, LATEST = 1800, 2199
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sept", "sep"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}
_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_DAY_FIRST = re.compile(r"(?:(\d{1,2})(?:st|nd|rd|th)?\s+)?([a-z]+)\.?,?\s+(\d{4})")
_MONTH_FIRST = re.compile(r"([a-z]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")


class UncertainDate(NamedTuple):
    """A date and how exactly it is known; month and year are stored as their first day."""

    date: dt.date
    precision: Precision

    @property
    def iso(self) -> str:
        """ "2018", "2018-06" or "2018-06-21": what is known and no more."""
        return self.date.isoformat()[: {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10}[self.precision]]


class UnreadableDate(ValueError):
    """The text is no date; `reason` is `form`, `month`, `day` or `year`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_uncertain_date(text: str) -> UncertainDate:
    """Understand "2018", "2018-06", "2018-06-21", "June 2018", "21 June 2018" or "June 21, 2018".

    Raises UnreadableDate. Never guesses: 06/07/2018 means different days to different people and is refused.
    """
    words = " ".join(text.split()).lower()
    if match := _ISO.fullmatch(words):
        year, month, day = (int(part) if part else None for part in match.groups())
    elif match := _DAY_FIRST.fullmatch(words):
        day, month, year = (int(match[1]) if match[1] else None), _month(match[2]), int(match[3])
    elif match := _MONTH_FIRST.fullmatch(words):
        month, day, year = _month(match[1]), int(match[2]), int(match[3])
    else:
        raise UnreadableDate("form")
    assert year is not None
    if not EARLIEST <= year <= LATEST:
        raise UnreadableDate("year")
    if month is not None and not 1 <= month <= 12:
        raise UnreadableDate("month")
    try:
        date = dt.date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        raise UnreadableDate("day") from None
    if day is not None:
        return UncertainDate(date, Precision.DAY)
    return UncertainDate(date, Precision.YEAR if month is None else Precision.MONTH)


def _month(name: str) -> int:
    try:
        return _MONTHS[name]
    except KeyError:
        raise UnreadableDate("form") from None
