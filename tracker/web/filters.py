"""How dates, moments and numbers look to a reader. Templates use these; models never format."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from urllib.parse import urlsplit

from flask import Flask
from flask_babel import format_date, format_decimal, get_timezone, gettext, ngettext
from markupsafe import Markup

from tracker.db import Precision
from tracker.web.dates import UncertainDate
from tracker.web.diff import diff

# Day before month, the month in letters: the one order nobody misreads.
DAY, MONTH, YEAR = "d MMMM y", "MMMM y", "y"
SHORT_DAY, SHORT_MONTH = "d MMM y", "MMM y"


def uncertain(value: dt.date | UncertainDate | None, precision: str | None = None, short: bool = False) -> str:
    """A date no more exact than it is known: "21 June 2018", "June 2018", "2018"; "" for none."""
    if value is None:
        return ""
    if isinstance(value, UncertainDate):
        value, precision = value
    known = Precision(precision or Precision.DAY)
    if known is Precision.YEAR:
        return str(format_date(value, YEAR))
    if known is Precision.MONTH:
        return str(format_date(value, SHORT_MONTH if short else MONTH))
    return str(format_date(value, SHORT_DAY if short else DAY))


def iso(value: dt.date | UncertainDate | None, precision: str | None = None) -> str:
    """The same for machines and for `<time datetime>`: "2018-06"."""
    if value is None:
        return ""
    if isinstance(value, UncertainDate):
        return value.iso
    return UncertainDate(value, Precision(precision or Precision.DAY)).iso


def day(value: dt.date | dt.datetime | None, short: bool = False) -> str:
    """A day, "21 June 2018"; of a moment, the day in the reader's zone."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        value = _local(value).date()
    return str(format_date(value, SHORT_DAY if short else DAY))


def moment(value: dt.datetime | None, short: bool = False) -> str:
    """A moment in the reader's zone, which is named: "21 June 2018, 14:05 CEST"."""
    if value is None:
        return ""
    local = _local(value)
    return f"{day(local, short)}, {local:%H:%M} {_zone_name(local)}"


def clock_time(value: dt.datetime | None) -> str:
    """The time of day of a moment in the reader's zone: "14:05 CEST"."""
    if value is None:
        return ""
    local = _local(value)
    return f"{local:%H:%M} {_zone_name(local)}"


def _local(value: dt.datetime) -> dt.datetime:
    return value.astimezone(get_timezone())


def _zone_name(local: dt.datetime) -> str:
    name = local.tzname() or "UTC"
    return f"UTC{name}" if name[0] in "+-" else name


def due(value: dt.date, today: dt.date) -> str:
    """How far off a day is: "today", "tomorrow", "in 9 days", "3 days ago"."""
    days = (value - today).days
    if days == 0:
        return str(gettext("today"))
    if days == 1:
        return str(gettext("tomorrow"))
    if days == -1:
        return str(gettext("yesterday"))
    if days > 0:
        return str(ngettext("in %(num)d day", "in %(num)d days", days))
    return str(ngettext("%(num)d day ago", "%(num)d days ago", -days))


def number(value: int | float | Decimal | None) -> str:
    """A number with the reader's thousands mark: "12,450"."""
    return "" if value is None else str(format_decimal(value))


def percent(value: float | Decimal | None, digits: int = 2) -> str:
    """A percentage that is already one (27.5 means 27.5 %): at most `digits` decimals, none invented."""
    if value is None:
        return ""
    pattern = "#,##0." + "#" * digits if digits else "#,##0"
    # A no-break space: 27.5 % must not be torn apart at the end of a line.
    return f"{format_decimal(value, pattern)}\N{NO-BREAK SPACE}%"


def qualified(value: int | None, qualifier: str | None) -> str:
    """A number as it was claimed: "more than 450", "about 500", "12"."""
    if value is None:
        return ""
    shown = number(value)
    match str(qualifier or "exactly").replace("_", " ").replace("-", " "):
        case "exactly":
            return shown
        case "at least":
            return str(gettext("at least %(number)s", number=shown))
        case "more than":
            return str(gettext("more than %(number)s", number=shown))
        case "about":
            return str(gettext("about %(number)s", number=shown))
        case "fewer than":
            return str(gettext("fewer than %(number)s", number=shown))
        case other:
            raise ValueError(f"No words for the qualifier {other!r}")


def host(url: str | None) -> str:
    """The site of an address, for a citation: "www.sec.gov" without "www."."""
    return (urlsplit(url or "").hostname or "").removeprefix("www.")


def mailbox(address: str | None) -> Markup:
    """An e-mail address that breaks, where a line is too short for it, behind its @ and before a dot: not in a word."""
    parts = re.split(r"(?<=@)|(?=\.)", address or "")
    return Markup("<span>{}</span>").format(Markup("<wbr>").join(parts))


def plain(value: object) -> str:
    """An enum's value as a macro's key: "members_only" whether written with _, - or a space."""
    return str(value or "").strip().lower().replace("-", "_").replace(" ", "_")


def begun(words: object) -> str:
    """Words that begin a line: the first letter large, the others as they are."""
    said = str(words)
    return said[:1].upper() + said[1:]


def init_app(app: Flask) -> None:
    """Register every filter under its own name."""
    for function in (
        uncertain,
        iso,
        day,
        moment,
        clock_time,
        due,
        number,
        percent,
        qualified,
        host,
        mailbox,
        plain,
        begun,
    ):
        app.add_template_filter(function, function.__name__)
    app.jinja_env.globals["diff"] = diff
