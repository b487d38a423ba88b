"""Dates of lists: every form that programs and people write, one meaning each, and never a guess."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from tracker.importing.dates import Ambiguous, read_date
from tracker.importing.models import DayOrder

BERLIN = ZoneInfo("Europe/Berlin")
ONE_DAY = (
    "2026-01-31", "20260131", "31.01.2026", "31.1.26", "31/01/2026", "01/31/2026", "1/31/26", "2026/1/31", "31-01-2026",
    "31 January 2026", "January 31, 2026", "Jan 31 2026", "31-Jan-2026", "31-Jan-26", "31st Jan 2026", "31 Jan. 2026",
    "31. Januar 2026", "31 janvier 2026", "31 de enero de 2026", "31 gennaio 2026", "31 stycznia 2026",
    "sam. 31 janv. 2026", "Saturday, 31 January 2026", "Sat Jan 31 2026", "46053", " 2026-01-31\n",
    "2026-01-31 09:15", "2026-01-31T09:15:00", "1/31/2026 9:15:00 PM", "31/01/2026, 09:15", "31 Jan 2026 at 09:15",
    "2026-01-31 09:15:00 EST", "٢٠٢٦-٠١-٣١",
)  # fmt: skip
# Moments whose day in Berlin is not the day that is written, in either direction.
MOVED = (
    "2026-01-30T23:30:00Z", "2026-01-30T23:30:00.123456Z", "2026-01-30T15:30:00-08:00", "2026-01-30 15:30:00 -0800",
    "2026-01-30 23:30:00 UTC", "2026-01-30 23:30:00+00:00", "Fri, 30 Jan 2026 23:30:00 +0000", "2026-02-01T04:00+05:30",
    "Fri Jan 30 2026 15:30:00 GMT-0800 (Pacific Standard Time)", "2026/01/30 11:30:00 PM GMT", "1769815800",
    "2026/02/01 12:30:00 AM GMT+2", "1769815800123", "30 Jan 2026 23:30 GMT", "30-Jan-2026 11:30 pm UTC",
)  # fmt: skip


@pytest.mark.parametrize("written", ONE_DAY + MOVED)
def test_a_day_is_read_however_it_is_written(written: str) -> None:
    """A moment with an offset falls on the campaign's own day; without one it is the day that is written."""
    assert read_date(written, DayOrder.UNKNOWN, BERLIN).iso == "2026-01-31"


@pytest.mark.parametrize(
    ("written", "known"), [("2018", "2018"), ("2018-06", "2018-06"), ("June 2018", "2018-06"), ("Juni 2018", "2018-06")]
)
def test_what_is_known_to_the_month_is_kept_so(written: str, known: str) -> None:
    """A month or a year stays one; no day is invented."""
    assert read_date(written, DayOrder.UNKNOWN, BERLIN).iso == known


@pytest.mark.parametrize("written", ["05/10/2026", "5-10-26", "5/10/2026 09:15:00", "05/10/2026 11:30 PM GMT+2"])
def test_two_readings_are_asked_about(written: str) -> None:
    """Which comes first is said by a person, and then believed."""
    with pytest.raises(Ambiguous):
        read_date(written, DayOrder.UNKNOWN, BERLIN)
    assert read_date(written, DayOrder.DAY_FIRST, BERLIN).iso == "2026-10-05"
    assert read_date(written, DayOrder.MONTH_FIRST, BERLIN).iso == "2026-05-10"


@pytest.mark.parametrize(
    "written",
    ["soon", "31/31/2026", "2026-02-30", "30 February 2026", "31.12", "1/2/3", "123", "2026-01-31 25:00Z",
     "2026-01-31T09:15:00+99:00", "99991231235959", "-", "5 May", "May the fourth", "2026-13-01"],
)  # fmt: skip
def test_what_is_no_date_is_refused(written: str) -> None:
    """As a ValueError, whatever it is; the row says so in words."""
    with pytest.raises(ValueError, match=r".") as found:
        read_date(written, DayOrder.UNKNOWN, BERLIN)
    assert not isinstance(found.value, Ambiguous)
