"""Dates as lists write them. Never guessed: 05/10/2026 means a day in May to some and in October to others."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

from tracker.db import Precision
from tracker.importing.models import DayOrder
from tracker.web.dates import EARLIEST, LATEST, UncertainDate, UnreadableDate, read_uncertain_date

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")
_NUMBERS = re.compile(r"(\d{1,4})\s*([./-])\s*(\d{1,2})\s*\2\s*(\d{1,4})\.?(?:,?\s+\d{1,2}[:.]\d{2}.*)?", re.DOTALL)
_TIME_BEHIND = re.compile(r"[,\s]+(?:at\s+)?\d{1,2}:\d{2}.*$", re.DOTALL)


class Ambiguous(ValueError):
    """Two orders of day and month would both do."""


def read_date(text: str, order: DayOrder, zone: ZoneInfo) -> UncertainDate:
    """The day in the campaign's zone: a moment with an offset is moved there, one without is the day that is written.

    Raises Ambiguous, or ValueError when it is no date.
    """
    words = " ".join(text.split())
    if _ISO.fullmatch(words):
        return _day(_local(dt.datetime.fromisoformat(words.replace(" UTC", "+00:00").replace(" +", "+")), zone))
    if re.fullmatch(r"1\d{9}(?:\d{3})?", words):  # seconds or milliseconds since 1970
        return _day(_local(dt.datetime.fromtimestamp(int(words[:10]), dt.UTC), zone))
    if re.fullmatch(r"(?:19|20)\d{6}", words):
        return _day(dt.datetime.strptime(words, "%Y%m%d").date())  # noqa: DTZ007 - a day has no zone
    if match := _NUMBERS.fullmatch(words):
        return _day(_from_numbers(match, order))
    return read_uncertain_date(_TIME_BEHIND.sub("", words))


def _local(moment: dt.datetime, zone: ZoneInfo) -> dt.date:
    return moment.date() if moment.tzinfo is None else moment.astimezone(zone).date()


def _from_numbers(match: re.Match[str], order: DayOrder) -> dt.date:
    one, mark, two, three = match[1], match[2], int(match[3]), match[4]
    if len(one) == 4:  # 2026/10/5
        return dt.date(int(one), two, int(three))
    if len(three) not in (2, 4):
        raise ValueError("no year")
    first, year = int(one), int(three) if len(three) == 4 else 2000 + int(three)
    if first == two:
        return dt.date(year, first, first)
    if first > 12 or mark == ".":  # with points the day comes first wherever they are used
        return dt.date(year, two, first)
    if two > 12:
        return dt.date(year, first, two)
    if order is DayOrder.UNKNOWN:
        raise Ambiguous("day or month first")
    return dt.date(year, two, first) if order is DayOrder.DAY_FIRST else dt.date(year, first, two)


def _day(date: dt.date) -> UncertainDate:
    if not EARLIEST <= date.year <= LATEST:
        raise UnreadableDate("year")
    return UncertainDate(date, Precision.DAY)
