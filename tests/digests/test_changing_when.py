"""Another frequency, hour or zone: no day is lost and none has two digests, whenever it is changed."""

import datetime as dt
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.digests.world import World
from tracker import clock
from tracker.db import transaction
from tracker.digests import planning, running, service
from tracker.digests.models import Frequency, Subscriber
from tracker.digests.periods import Schedule

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Pacific/Kiritimati", "Pacific/Honolulu"]
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def change(world: World, reader: int, frequency: str = "daily", hour: int = 8, zone: str = "UTC", **day: Any) -> None:
    with transaction():
        subscriber = world.subscriber(reader)
        service.change_schedule(subscriber, Schedule(Frequency(frequency), hour, zone, **day), now=clock.now())


def keys(world: World) -> list[str]:
    return [one.period_key for one in world.digests()]


def reading(world: World, **schedule: Any) -> tuple[int, int]:
    """Somebody whose Sunday had its digest, and a campaign with news since."""
    world.at("2026-11-21 12:00")
    campaign, reader = world.campaign(), world.account("reader@example.org")
    world.follow(reader, campaign, **schedule)
    world.at("2026-11-21 13:00")
    world.entry(campaign, "On Saturday")
    running.run(world.at("2026-11-22 08:30"))
    world.at("2026-11-22 09:00")
    world.entry(campaign, "On Sunday")
    return campaign, reader


@pytest.mark.each_database
@pytest.mark.parametrize(
    ("to", "due"),
    [
        ({"hour": 7}, "2026-11-23 07:00"),  # its new hour has passed: at once
        ({"hour": 9}, "2026-11-23 09:00"),
        ({"zone": "Asia/Tokyo"}, "2026-11-22 23:00"),  # eight in Tokyo has passed on this day: at once
        ({"zone": "America/New_York"}, "2026-11-23 13:00"),
        ({"frequency": "weekly", "weekday": 1, "hour": 7}, "2026-11-23 07:00"),  # today is the weekly day
        ({"frequency": "weekly", "weekday": 2}, "2026-11-24 08:00"),
        ({"frequency": "monthly", "month_day": 23, "hour": 7}, "2026-11-23 07:00"),
    ],
)
def test_the_day_of_the_change_is_not_lost(world: World, to: dict[str, Any], due: str) -> None:
    """Changed on Monday half an hour before Monday's digest: it comes, once, by the new hour or at once."""
    _campaign, reader = reading(world)
    world.at("2026-11-23 07:30")
    change(world, reader, **to)
    moment = dt.datetime.fromisoformat(due).replace(tzinfo=dt.UTC)
    assert world.subscriber(reader).next_due_at == moment
    running.run(world.at(max(moment, clock.now())))
    assert len(world.mails()) == 2, "Monday's"
    for later in range(1, 16):
        running.run(world.at(dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC) + later * HOUR))
    assert len(world.mails()) == 2, "and no second one on that day"


def test_what_fell_due_before_the_change_still_comes(world: World) -> None:
    """Changed after the moment and before anybody planned it: the digest of the old schedule has its row."""
    _campaign, reader = reading(world, frequency="monthly", month_day=23)
    world.at("2026-11-23 08:00:30")
    change(world, reader, "monthly", 9, month_day=23)
    assert keys(world) == ["2026-11"]
    running.run(clock.now())
    assert len(world.mails()) == 1
    assert world.subscriber(reader).next_due_at == dt.datetime(2026, 12, 23, 9, tzinfo=dt.UTC)


def test_the_page_tells_a_day_that_is_still_free(world: World) -> None:
    """A week that had its digest is not promised another one on a later weekday."""
    _campaign, reader = reading(world, frequency="weekly", weekday=7)
    world.at("2026-11-24 08:00")
    running.run(clock.now())
    change(world, reader, "weekly", weekday=1)
    assert world.subscriber(reader).next_due_at == dt.datetime(2026, 11, 30, 8, tzinfo=dt.UTC)
    running.run(world.at("2026-11-30 08:00"))
    world.at("2026-12-01 08:00")
    change(world, reader, "weekly", weekday=7)
    assert world.subscriber(reader).next_due_at == dt.datetime(2026, 12, 13, 8, tzinfo=dt.UTC)


def test_a_day_before_following_is_none(world: World) -> None:
    """Following at half past seven and then choosing seven o'clock begins tomorrow: there was no digest to lose."""
    world.at("2026-11-23 07:30")
    campaign, reader = world.campaign(), world.account()
    world.follow(reader, campaign)
    change(world, reader, hour=7)
    assert world.subscriber(reader).next_due_at == dt.datetime(2026, 11, 24, 7, tzinfo=dt.UTC)


@example(changes=[(2, 11, "UTC"), (26, 0, "Pacific/Kiritimati")], late=0)
@example(
    changes=[(35, 15, "America/New_York"), (54, 5, "UTC"), (15, 18, "America/New_York"), (27, 18, "Asia/Tokyo")],
    late=34,
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.integers(1, 40), st.integers(0, 23), st.sampled_from(ZONES)), min_size=1, max_size=6),
    late=st.integers(0, 90),
)
def test_days_follow_each_other(world: World, changes: list[tuple[int, int, str]], late: int) -> None:
    """Hour and zone changed at any moments, the planner late by any minutes: no day is left out, but one that, on the
    new clock, is the day of the digest before."""
    begun = world.at("2026-11-23 06:00")
    reader = world.account()
    world.follow(reader, world.campaign())
    now, number = begun, world.subscriber(reader).id
    for hours, hour, zone in [*changes, (72, 8, "UTC")]:
        until = now + hours * HOUR
        while (due := world.subscriber(reader).next_due_at + dt.timedelta(minutes=late)) < until:
            now = world.at(max(due, now))
            with transaction():
                planning.plan(now)
        now = world.at(until)
        change(world, reader, hour=hour, zone=zone)
    found = [one for one in world.digests() if one.subscriber_id == number]
    zones = [ZoneInfo(zone) for _hours, _hour, zone in changes]
    for one, following in pairwise(found):
        day = dt.date.fromisoformat(one.period_key)
        while (day := day + DAY) < dt.date.fromisoformat(following.period_key):
            assert day in {one.due_at.astimezone(zone).date() for zone in zones}, "that day has had the one before"
    assert world.subscriber(reader).next_due_at - now < 3 * DAY
    world.change(Subscriber, number, next_due_at=dt.datetime(2100, 1, 1, tzinfo=dt.UTC))  # not planned in later stories
