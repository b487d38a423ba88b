"""When digests fall due, in every zone and on every awkward day."""

import datetime as dt
import zoneinfo
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracker.digests.models import Frequency
from tracker.digests.periods import Schedule, elapsed_periods, moment_of, next_period, period_key, periods

ZONES = sorted(zoneinfo.available_timezones())
UTC = dt.UTC


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=UTC)


schedules = st.builds(
    Schedule,
    frequency=st.sampled_from(Frequency),
    hour=st.integers(0, 23),
    zone=st.sampled_from(ZONES),
    weekday=st.integers(1, 7),
    month_day=st.integers(1, 31),
)
moments = st.integers(0, 65 * 365 * 24 * 3600).map(lambda seconds: at("1995-01-01") + dt.timedelta(seconds=seconds))


@settings(deadline=None)  # a busy machine is not a fault
@given(schedules, moments)
@example(Schedule(Frequency.DAILY, 8, "Pacific/Apia"), at("2011-12-30T09:00"))  # the day that did not exist
@example(Schedule(Frequency.DAILY, 2, "Antarctica/Troll"), at("2026-03-28T12:00"))  # two hours skipped
def test_periods_go_on_without_a_gap(schedule: Schedule, after: dt.datetime) -> None:
    """Due moments are later than asked, never go back, and each is followed by the next day, week or month."""
    found = list(islice(periods(schedule, after=after), 5))
    assert found[0].due_at > after
    assert next_period(schedule, after=after) == found[0]
    keys = [period.key for period in found]
    assert len(set(keys)) == len(keys), "one period has one key"
    assert sorted(keys) == keys
    widest = {Frequency.DAILY: 2, Frequency.WEEKLY: 8, Frequency.MONTHLY: 33}[schedule.frequency]
    for earlier, later in pairwise(found):
        assert dt.timedelta(0) <= later.due_at - earlier.due_at <= dt.timedelta(days=widest)
    assert elapsed_periods(schedule, after=after, until=found[3].due_at)[:4] == found[:4]


@settings(deadline=None)  # a busy machine is not a fault
@given(schedules, moments)
def test_the_hour_is_the_readers(schedule: Schedule, after: dt.datetime) -> None:
    """A digest comes at the chosen hour of the reader's own clock, or at the moment the clocks jump over it."""
    zone = ZoneInfo(schedule.zone)
    due_at = next_period(schedule, after=after).due_at
    local = due_at.astimezone(zone)
    if (local.hour, local.minute) != (schedule.hour, 0):
        before = (due_at - dt.timedelta(seconds=1)).astimezone(zone)
        jump = local.replace(tzinfo=None) - before.replace(tzinfo=None)
        assert jump > dt.timedelta(seconds=1), f"{local} is no jump"
    if schedule.frequency is Frequency.WEEKLY and local.hour == schedule.hour:
        assert local.isoweekday() == schedule.weekday


@pytest.mark.parametrize(
    ("zone", "day", "hour", "expected"),
    [
        ("Europe/Berlin", "2026-03-29", 2, "2026-03-29T01:00"),  # skipped: three o'clock summer time
        ("Europe/Berlin", "2026-10-25", 2, "2026-10-25T00:00"),  # twice: the first
        ("America/New_York", "2026-03-08", 2, "2026-03-08T07:00"),
        ("America/New_York", "2026-11-01", 1, "2026-11-01T05:00"),
        ("Australia/Lord_Howe", "2026-10-04", 2, "2026-10-03T15:30"),  # half an hour skipped
        ("Antarctica/Troll", "2026-03-29", 2, "2026-03-29T01:00"),  # from one to three: the jump itself
        ("Pacific/Apia", "2011-12-30", 8, "2011-12-30T10:00"),  # no such day: the first moment after it
        ("Asia/Kathmandu", "2026-11-23", 8, "2026-11-23T02:15"),
    ],
)
def test_awkward_hours(zone: str, day: str, hour: int, expected: str) -> None:
    """A skipped hour means the jump over it, a doubled one its first coming."""
    assert moment_of(dt.date.fromisoformat(day), hour, ZoneInfo(zone)) == at(expected)


@pytest.mark.parametrize(
    ("frequency", "day", "key"),
    [
        (Frequency.DAILY, "2026-11-23", "2026-11-23"),
        (Frequency.WEEKLY, "2026-11-23", "2026-W48"),
        (Frequency.WEEKLY, "2027-01-01", "2026-W53"),  # a year of 53 weeks
        (Frequency.WEEKLY, "2024-12-30", "2025-W01"),
        (Frequency.MONTHLY, "2026-11-23", "2026-11"),
    ],
)
def test_keys(frequency: Frequency, day: str, key: str) -> None:
    """A period is named by the reader's calendar, the week by ISO 8601."""
    assert period_key(frequency, dt.date.fromisoformat(day)) == key


@pytest.mark.parametrize(
    ("month_day", "days"),
    [
        (28, ["2027-01-28", "2027-02-28", "2027-03-28"]),
        (29, ["2027-01-29", "2027-02-28", "2027-03-29"]),
        (30, ["2027-01-30", "2027-02-28", "2027-03-30"]),
        (31, ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
    ],
)
def test_the_end_of_short_months(month_day: int, days: list[str]) -> None:
    """The 29th to the 31st mean the last day of a shorter month."""
    schedule = Schedule(Frequency.MONTHLY, 8, "UTC", month_day=month_day)
    found = islice(periods(schedule, after=at("2027-01-01T00:00")), len(days))
    assert [period.due_at.date().isoformat() for period in found] == days


def test_a_leap_day() -> None:
    """29 February has a digest of its own in a leap year."""
    daily = Schedule(Frequency.DAILY, 8, "UTC")
    assert next_period(daily, after=at("2028-02-28T09:00")).key == "2028-02-29"
    monthly = Schedule(Frequency.MONTHLY, 8, "UTC", month_day=30)
    assert next_period(monthly, after=at("2028-02-01T09:00")).due_at.date() == dt.date(2028, 2, 29)


def test_the_moment_itself_has_passed() -> None:
    """A period due at a moment is not the next one after it, and has elapsed at it."""
    daily = Schedule(Frequency.DAILY, 8, "UTC")
    assert next_period(daily, after=at("2026-11-23T08:00")).key == "2026-11-24"
    assert elapsed_periods(daily, after=at("2026-11-22T08:00"), until=at("2026-11-23T07:59")) == []
    (period,) = elapsed_periods(daily, after=at("2026-11-22T08:00"), until=at("2026-11-23T08:00"))
    assert period.key == "2026-11-23"
