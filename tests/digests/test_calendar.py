"""Awkward days, lived through hour by hour: one digest a local day or week, and nothing told twice."""

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.digests.world import World, text_of
from tracker import clock
from tracker.accounts.models import Account
from tracker.db import db, transaction
from tracker.digests import running
from tracker.digests.models import Digest, Subscriber
from tracker.mail import claims
from tracker.mail.models import Email, EmailState

pytestmark = pytest.mark.each_database
HOUR = dt.timedelta(hours=1)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def lived(world: World, begin: str, hours: int) -> Iterator[dt.datetime]:
    """Each hour from a moment on, at whose end the run has done what is due; none where nothing falls due around it,
    as if nobody had nudged."""
    for number in range(hours):
        now = world.at(at(begin) + number * HOUR)
        yield now
        coming = sa.select(Subscriber.id).where(Subscriber.next_due_at <= now + HOUR)
        been = sa.select(Digest.id).where(Digest.due_at >= now - 2 * HOUR)
        if any(db.session.scalar(found.limit(1)) is not None for found in (coming, been)):
            running.run(now)


def keys(world: World) -> list[str]:
    """The periods for which a mail was sent, in order."""
    return [one.period_key for one in world.digests() if one.state == "sent"]


def reader(world: World, begin: str, **schedule: object) -> tuple[int, int]:
    world.at(begin)
    campaign, account = world.campaign(), world.account()
    world.follow(account, campaign, **schedule)
    return campaign, account


def told_once(texts: list[str], headlines: list[str]) -> None:
    assert [sum(text.count(one) for text in texts) for one in headlines] == [1] * len(headlines)


@pytest.mark.parametrize(
    ("zone", "hour", "begin", "day"),
    [
        ("Europe/Berlin", 2, "2026-03-27 12:30", "2026-03-29"),  # an hour that is skipped
        ("Europe/Berlin", 2, "2026-10-23 12:30", "2026-10-25"),  # an hour that comes twice
        ("America/New_York", 1, "2026-10-30 12:30", "2026-11-01"),
        ("Australia/Lord_Howe", 2, "2026-10-02 02:30", "2026-10-04"),  # half an hour is skipped
    ],
)
def test_a_day_on_which_the_clocks_change(world: World, zone: str, hour: int, begin: str, day: str) -> None:
    """One digest on each local day around the change, also where the reader's hour is skipped or comes twice."""
    campaign, _account = reader(world, begin, hour=hour, zone=zone)
    headlines = []
    for moment in lived(world, begin, 64):
        if moment.hour % 12 == 3:
            headlines.append(f"News {len(headlines):03}.")
            world.entry(campaign, headlines[-1])
    sent = keys(world)
    assert day in sent
    first = dt.date.fromisoformat(sent[0])
    assert sent == [(first + dt.timedelta(days=n)).isoformat() for n in range(len(sent))], (
        "each day once, none left out"
    )
    assert [one.due_at.astimezone(ZoneInfo(zone)).date().isoformat() for one in world.digests()] == sent
    world.run(at(begin) + 100 * HOUR)
    told_once(world.texts(), headlines)


@pytest.mark.parametrize("moved_at", [7, 9])
def test_a_zone_changed_on_its_digest_day(world: World, moved_at: int) -> None:
    """Before the hour or after it, to the east or to the west: no day of the new zone has two, and what happened is
    told once, and no later than two days after the digest before."""
    zones = ["Pacific/Auckland", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Kiritimati"]
    campaign, account = reader(world, "2026-11-22 12:00", hour=8)
    accounts = [account, *(world.account() for _zone in zones[1:])]
    for other in accounts[1:]:
        world.follow(other, campaign, hour=8)
    headlines = []
    for moment in lived(world, "2026-11-22 12:00", 84):
        if moment.hour % 12 == 1:
            headlines.append(f"News {len(headlines):03}.")
            world.entry(campaign, headlines[-1])
        if moment == at("2026-11-23") + moved_at * HOUR:
            for one, zone in zip(accounts, zones, strict=True):
                world.follow(one, campaign, hour=8, zone=zone)
    world.run("2026-11-28 12:00")
    for one, zone in zip(accounts, zones, strict=True):
        subscriber = world.subscriber(one).id
        dues = [digest.due_at for digest in world.digests() if digest.subscriber_id == subscriber]
        days = [due.astimezone(ZoneInfo(zone)).date() for due in dues]
        assert len(set(days)) == len(days), f"two on one day in {zone}"
        assert max(later - earlier for earlier, later in pairwise(dues)) < 48 * HOUR
        address = world.get(Account, one).email
        told_once([text_of(mail) for mail in world.mails() if mail["To"] == address], headlines)


def test_a_year_of_53_weeks(world: World) -> None:
    """Four Fridays around the new year are four weeks, the last of 2026 being its 53rd."""
    campaign, _account = reader(world, "2026-12-18 12:00", frequency="weekly", weekday=5)
    for friday in ("2026-12-25", "2027-01-01", "2027-01-08"):
        world.at(f"{friday} 07:00")
        world.entry(campaign, f"Before {friday}.")
        world.run(f"{friday} 08:00")
        world.run(f"{friday} 09:00")
    assert keys(world) == ["2026-W52", "2026-W53", "2027-W01"]
    told_once(world.texts(), [f"Before {day}." for day in ("2026-12-25", "2027-01-01", "2027-01-08")])


def test_the_29th_of_february(world: World) -> None:
    """A day like any other to whom a digest comes daily, and the last of the month to whom it comes on the 31st."""
    campaign, _account = reader(world, "2028-02-27 12:00", hour=8)
    monthly = world.account()
    world.follow(monthly, campaign, frequency="monthly", month_day=31)
    for day in ("2028-02-28", "2028-02-29", "2028-03-01"):
        world.at(f"{day} 07:00")
        world.entry(campaign, f"Before {day}.")
        world.run(f"{day} 08:00")
    assert keys(world) == ["2028-02-28", "2028-02-29", "2028-02", "2028-03-01"]


def test_a_clock_that_jumps_back(world: World) -> None:
    """Two hours back right after the digests went: the day has no second one, and what is recorded meanwhile is in the
    next, once."""
    campaign, _account = reader(world, "2026-11-22 12:00", hour=8)
    world.at("2026-11-23 07:00")
    world.entry(campaign, "Before the jump.")
    world.run("2026-11-23 08:00")
    for minutes in range(0, 150, 10):
        world.at(at("2026-11-23 06:05") + dt.timedelta(minutes=minutes))
        if minutes == 30:
            world.entry(campaign, "After the jump.")
        running.run(clock.now())
    assert keys(world) == ["2026-11-23"]
    world.run("2026-11-24 08:00")
    assert keys(world) == ["2026-11-23", "2026-11-24"]
    told_once(world.texts(), ["Before the jump.", "After the jump."])


def test_a_claim_of_a_clock_that_jumped_back(world: World) -> None:
    """A worker claims a mail, dies, and the clock goes back two hours: nobody waits for its lease, and what the mail
    told is told once."""
    campaign, _account = reader(world, "2026-11-22 12:00", hour=8)
    world.at("2026-11-23 07:00")
    world.entry(campaign, "Held.")
    running.sweep(world.at("2026-11-23 08:00"))
    with transaction():
        assert len(claims.claim(now=clock.now())) == 1
    for minutes in range(5, 15):
        world.run(at("2026-11-23 06:00") + dt.timedelta(minutes=minutes))
    db.session.rollback()
    assert EmailState.CLAIMED not in db.session.scalars(sa.select(Email.state)).all()
    world.run("2026-11-24 08:00")
    told_once(world.texts(), ["Held."])
