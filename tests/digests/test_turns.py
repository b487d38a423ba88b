"""Doing it twice, changing the schedule, sharing words, closing runs."""

import datetime as dt

import pytest
import sqlalchemy as sa

from tests.digests.world import World, followed
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.digests import composing, planning, running, service
from tracker.digests.models import DigestRun, DigestState, Frequency, Subscription
from tracker.digests.periods import Schedule
from tracker.mail.models import Email, EmailState

pytestmark = pytest.mark.each_database
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def test_planning_twice_changes_nothing(world: World) -> None:
    """Two beats, or one that fires twice, make one digest a period."""
    followed(world)
    now = world.at("2026-11-23 08:00")
    for _turn in range(2):
        with transaction():
            planning.plan(now)
    with transaction():
        db.session.execute(sa.text("UPDATE subscriber SET next_due_at = scheduled_from"))
        planning.plan(now)
    assert world.states() == ["due"]


def test_a_changed_frequency_makes_no_second_mail(world: World) -> None:
    """Who has had today's digest gets none at another hour, by another frequency or in another zone of the same day."""
    campaign, reader = followed(world)
    world.entry(campaign, "Before eight")
    world.run("2026-11-23 08:00")
    world.at("2026-11-23 08:30")
    world.entry(campaign, "After eight")
    for change in (
        {"hour": 9},
        {"frequency": "weekly", "weekday": 1, "hour": 9},
        {"frequency": "monthly", "month_day": 23, "hour": 9},
        {"hour": 9, "zone": "America/New_York"},
    ):
        world.follow(reader, campaign, **change)
        world.run("2026-11-23 23:00")
        assert len(world.mails()) == 1, change
        world.at("2026-11-23 08:40")
    world.follow(reader, campaign, hour=9)
    world.run("2026-11-24 09:00")
    assert "After eight" in world.texts()[1]


def test_the_frequency_changes_while_the_digest_waits(world: World) -> None:
    """A digest that is composed already is sent as it is; nothing in it is told again."""
    campaign, reader = followed(world)
    world.entry(campaign)
    running.sweep(world.at("2026-11-23 08:00"))
    assert world.states() == ["ready"]
    with transaction():
        subscriber = world.subscriber(reader)
        tuesdays = Schedule(Frequency.WEEKLY, 8, "UTC", weekday=2)
        service.change_schedule(subscriber, tuesdays, now=world.at("2026-11-23 08:01"))
    world.run("2026-11-23 08:02")
    world.run("2026-11-24 08:02")
    assert len(world.mails()) == 1
    assert world.states() == ["sent", "skipped: nothing to say"]


def test_a_waiting_digest_gives_way_to_the_next(world: World) -> None:
    """A digest that could not be sent all day is not sent late: its news is in the next one, once."""
    from tracker.digests.service import pause_sending, resume_sending

    campaign, _reader = followed(world)
    world.entry(campaign, "On Monday")
    with transaction():
        pause_sending("a try", now=world.at("2026-11-23 07:00"))
    world.run("2026-11-23 08:00")
    world.at("2026-11-23 12:00")
    world.entry(campaign, "On Tuesday")
    world.run("2026-11-24 08:00")
    with transaction():
        resume_sending(now=world.at("2026-11-24 08:00"))
    world.run("2026-11-24 08:01")
    assert world.states() == ["skipped: merged into the next one", "sent"]
    (text,) = world.texts()
    assert "On Monday" in text
    assert "On Tuesday" in text


def test_two_readers_of_the_same_words_share_them(world: World) -> None:
    """One stored body, each mail with its own links."""
    campaign, _reader = followed(world)
    second = world.account("second@example.org")
    world.at("2026-11-23 06:00")
    world.follow(second, campaign)
    world.at("2026-11-23 07:00")
    world.entry(campaign)
    world.run("2026-11-23 08:00")
    first, other = db.session.scalars(sa.select(Email).order_by(Email.id))
    assert first.body_id == other.body_id
    one, two = world.mails()
    assert one["List-Unsubscribe"] != two["List-Unsubscribe"]
    assert one["Message-ID"] != two["Message-ID"]


def test_stopping_one_campaign_of_everything(world: World) -> None:
    """Whoever follows everything can leave one out, and take it back by following it."""
    campaign, reader = world.campaign(), world.account()
    world.follow(reader)
    with transaction():
        account = world.subscriber(reader)
        service.stop_campaign(account, db.session.get_one(Campaign, campaign), now=world.at("2026-11-23 06:30"))
        service.stop_campaign(account, db.session.get_one(Campaign, campaign), now=world.at("2026-11-23 06:31"))
    assert len(db.session.scalars(sa.select(Subscription)).all()) == 2
    world.at("2026-11-23 07:00")
    world.entry(campaign, "Unheard")
    world.run("2026-11-23 08:00")
    assert world.mails() == []
    world.at("2026-11-23 09:00")
    world.follow(reader, campaign)
    world.at("2026-11-23 10:00")
    world.entry(campaign, "Heard")
    world.run("2026-11-24 08:00")
    assert "Heard" in world.texts()[0]


def test_a_subscriber_that_cannot_be_composed_stops_no_other(world: World) -> None:
    """One broken row fails with a reason; everybody else gets their mail."""
    campaign, broken = followed(world)
    other = world.account("other@example.org")
    world.follow(other, campaign)
    world.at("2026-11-23 07:30")
    world.entry(campaign)
    with transaction():
        row = world.subscriber(broken)
        row.locale = "not a language"
    world.run("2026-11-23 08:00")
    assert [mail["To"] for mail in world.mails()] == ["other@example.org"]
    assert sorted(one.state for one in world.digests()) == [DigestState.FAILED, DigestState.SENT]


def test_runs_close_when_nothing_waits(world: World) -> None:
    """A run is closed once each of its digests is sent, skipped or failed."""
    campaign, _reader = followed(world)
    world.entry(campaign)
    running.sweep(world.at("2026-11-23 08:00"))
    run = db.session.scalars(sa.select(DigestRun)).one()
    assert run.closed_at is None
    world.run("2026-11-23 08:01")
    db.session.rollback()
    assert run.closed_at is not None


def test_composing_twice_writes_once(world: World) -> None:
    """A second composer finds nothing left to compose."""
    campaign, _reader = followed(world)
    world.entry(campaign)
    now = world.at("2026-11-23 08:00")
    with transaction():
        planning.plan(now)
    for _turn in range(2):
        with transaction():
            composing.compose_due(now)
    assert len(db.session.scalars(sa.select(Email)).all()) == 1
    assert db.session.scalars(sa.select(Email.state)).one() is EmailState.PENDING
