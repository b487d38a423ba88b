"""Dates as lists write them. Never guessed: 05/10/2026 means a day in May to some and in October to others."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel import Locale

from tracker.db import Precision
from tracker.importing.models import DayOrder
from tracker.web.dates import EARLIEST, LATEST, UncertainDate, UnreadableDate, read_uncertain_date

# The languages whose months are read; English first. Spreadsheets write them as their owner's computer does.
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "fi", "cs")
# A time behind a day, and where that time is: "23:30", "T23:30:00.123Z", ", 9:15 PM GMT+1", " at 09:15 -0800 (PST)".
_TIME = re.compile(
    r"(?:T|,? +(?:at +|um +|à +)?)(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.]\d{2}(?:[.,]\d+)?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?: ?(?P<utc>Z|(?:UTC|GMT)(?![+-])|(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?))?"
    r"(?: [A-Z]{2,5})?(?: \([^)]*\))?$"
)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NUMBERS = re.compile(r"(\d{1,4}) ?([./-]) ?(\d{1,2}) ?\2 ?(\d{1,4})\.?")
# The day first: "21 Jan 2026", "21. Januar 2026", "21-Jan-26", "21 de enero de 2026"; the year last.
_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er)?\.?[ -](?:de |of )?([^\W\d_]+)\.?,?[ -](?:de )?(\d{4}|\d{2})")
# The month first, and the year behind a time, as JavaScript and `date` write: "Jan 21 2026", "Jan 21, 2026".
_MONTH_FIRST = re.compile(r"([^\W\d_]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_SERIAL = range(20_000, 80_000)  # days since 1899-12-30, as spreadsheets store them: 1954 to 2119


class Ambiguous(ValueError):
    """Two orders of day and month would both do."""


@lru_cache(maxsize=5_000)  # a list has few days, and many people on each
def read_date(text: str, order: DayOrder, zone: ZoneInfo) -> UncertainDate:
    """The day in the campaign's zone: a moment with an offset is moved there, one without is the day that is written.

    Raises Ambiguous, or ValueError when it is no date.
    """
    if match := _ISO.fullmatch(text):  # by far the most common; the rest is only slower
        return _day(dt.date(int(match[1]), int(match[2]), int(match[3])))
    words = " ".join(text.split())
    if words.isdecimal():
        return _from_digits(words, zone)
    behind = _TIME.search(words)
    written = words[: behind.start()] if behind else words
    found = _written(_without_weekday(written), order)
    if behind is None or behind["utc"] is None or found.precision is not Precision.DAY:
        return found
    return _day(_moved(found.date, behind, zone))


def _from_digits(words: str, zone: ZoneInfo) -> UncertainDate:
    if len(words) in (10, 13) and words[0] == "1":  # seconds or milliseconds since 1970
        return _day(dt.datetime.fromtimestamp(int(words[:10]), dt.UTC).astimezone(zone).date())
    if len(words) == 8:
        return _day(dt.date(int(words[:4]), int(words[4:6]), int(words[6:])))
    if len(words) == 5 and int(words) in _SERIAL:
        return _day(dt.date(1899, 12, 30) + dt.timedelta(days=int(words)))
    return read_uncertain_date(words)


def _without_weekday(words: str) -> str:
    name, blank, rest = words.partition(" ")
    if not blank or _plain(name) not in _names("days"):
        return words
    # "mar" is a Tuesday to some and March to others: a weekday has another month, or a day in numbers, behind it.
    others = {_plain(word) for word in re.split(r"[ -]", rest)}
    return rest if _NUMBERS.fullmatch(rest) or not others.isdisjoint(_names("months")) else words


def _written(words: str, order: DayOrder) -> UncertainDate:
    if match := _NUMBERS.fullmatch(words):
        return _day(_from_numbers(match, order))
    for pattern, day, month, year in ((_NAMED, 1, 2, 3), (_MONTH_FIRST, 2, 1, 3)):
        if (match := pattern.fullmatch(words)) and (number := _names("months").get(_plain(match[month]))):
            return _day(dt.date(_full_year(match[year]), number, int(match[day])))
    name, _blank, year_alone = words.rpartition(" ")
    if (number := _names("months").get(_plain(name))) and re.fullmatch(r"\d{4}", year_alone):
        return UncertainDate(_day(dt.date(int(year_alone), number, 1)).date, Precision.MONTH)
    return read_uncertain_date(words)


def _moved(day: dt.date, time: re.Match[str], zone: ZoneInfo) -> dt.date:
    """The day on which a moment elsewhere falls in the zone."""
    hour = int(time["hour"])
    if time["half"]:
        hour = hour % 12 + (12 if time["half"] in "Pp" else 0)
    offset = dt.timedelta(hours=int(time["hours"] or 0), minutes=int(time["minutes"] or 0))
    away = dt.timezone(-offset if time["sign"] == "-" else offset)
    return dt.datetime.combine(day, dt.time(hour, int(time["minute"])), away).astimezone(zone).date()


def _from_numbers(match: re.Match[str], order: DayOrder) -> dt.date:
    one, mark, two, three = match[1], match[2], int(match[3]), match[4]
    if len(one) == 4:  # 2026/10/5
        return dt.date(int(one), two, int(three))
    first, year = int(one), _full_year(three)
    if first == two:
        return dt.date(year, first, first)
    if two > 12:
        return dt.date(year, first, two)
    if first > 12 or mark == ".":  # with points the day comes first wherever they are used
        return dt.date(year, two, first)
    if order is DayOrder.UNKNOWN:
        raise Ambiguous("day or month first")
    return dt.date(year, two, first) if order is DayOrder.DAY_FIRST else dt.date(year, first, two)


def _full_year(written: str) -> int:
    if len(written) not in (2, 4):
        raise UnreadableDate("year")
    return int(written) if len(written) == 4 else 2000 + int(written)


@cache
def _names(what: str) -> dict[str, int]:
    """Months or days by their names and short names. Where two languages disagree, the first is right."""
    found: dict[str, int] = {"sept": 9} if what == "months" else {}
    for language in LANGUAGES:
        locale = Locale.parse(language)
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in getattr(locale, what)[context][width].items():
                    found.setdefault(_plain(name), number)
    return found


def _plain(name: str) -> str:
    return name.casefold().rstrip(".,")


def _day(date: dt.date) -> UncertainDate:
    if not EARLIEST <= date.year <= LATEST:
        raise UnreadableDate("year")
    return UncertainDate(date, Precision.DAY)
