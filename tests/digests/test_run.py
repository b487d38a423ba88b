"""From an entry to the mail in the folder; periods that nothing, or nobody, filled."""

import datetime as dt

import pytest

from tests.digests.world import World, followed, text_of
from tracker.db import db, transaction

pytestmark = pytest.mark.each_database
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def test_an_entry_is_in_the_next_digest(world: World) -> None:
    """What is recorded before eight is in the mailbox at eight, and in no mail before or after."""
    campaign, _reader = followed(world)
    world.entry(campaign)
    assert not world.run("2026-11-23 07:56")  # four minutes early
    world.run("2026-11-23 08:00")
    assert world.states() == ["sent"]
    (mail,) = world.mails()
    assert mail["To"] == "reader@example.org"
    assert mail["Subject"] == "Amazon refuses to answer"
    assert "Amazon refuses to answer" in text_of(mail)
    world.run("2026-11-23 08:01")
    world.run("2026-11-24 08:01")
    assert len(world.mails()) == 1
    assert world.states() == ["sent", "skipped: nothing to say"]


def test_nothing_happened(world: World) -> None:
    """Nobody gets an empty digest; the period has its row and the reason."""
    followed(world)
    world.run("2026-11-23 08:00")
    assert world.mails() == []
    assert world.states() == ["skipped: nothing to say"]


def test_a_deadline_alone_makes_no_digest(world: World) -> None:
    """Reminders have mails of their own; a digest comes when something changed."""
    from tracker.campaigns.deadlines import Deadline

    campaign, reader = followed(world)
    with transaction():
        row = Deadline(campaign_id=campaign, what="File", due_on=dt.date(2026, 12, 1), owner_id=reader)
        row.created_at = world.at("2026-11-23 07:00")
        db.session.add(row)
    world.run("2026-11-23 08:00")
    assert world.mails() == []


def test_what_happened_before_following_is_not_told(world: World) -> None:
    """A subscription begins when it begins."""
    campaign, reader = world.campaign(), world.account()
    world.entry(campaign, "Long ago")
    world.at("2026-11-23 07:00")
    world.follow(reader, campaign)
    world.at("2026-11-23 07:30")
    world.entry(campaign, "Just now")
    world.run("2026-11-23 08:00")
    (text,) = world.texts()
    assert "Just now" in text
    assert "Long ago" not in text


def test_an_old_date_recorded_today_is_news(world: World) -> None:
    """Recorded counts, not occurred."""
    campaign, _reader = followed(world)
    world.entry(campaign, "They met", occurred_on=dt.date(2018, 6, 21))
    world.run("2026-11-23 08:00")
    assert "21 June 2018: They met" in world.texts()[0]


def test_the_edge_of_the_period(world: World) -> None:
    """An entry recorded at the due moment itself is in the next digest, not in both and not in none."""
    campaign, _reader = followed(world)
    world.at("2026-11-23 08:00")
    world.entry(campaign)
    world.run("2026-11-23 08:00")
    assert world.mails() == []
    world.run("2026-11-24 08:00")
    assert len(world.mails()) == 1


def test_a_late_commit_is_told_once(world: World) -> None:
    """An entry stamped in one period and committed after its digest left is in the next one."""
    campaign, _reader = followed(world)
    world.entry(campaign, "In time")
    world.run("2026-11-23 08:00")
    world.at("2026-11-23 08:05")
    world.entry(campaign, "Stamped early", now=dt.datetime(2026, 11, 23, 7, 59, tzinfo=dt.UTC))
    world.run("2026-11-24 08:00")
    world.run("2026-11-25 08:00")
    first, second = world.texts()
    assert "Stamped early" in second
    assert "In time" not in second
    assert "Stamped early" not in first


def test_one_entry_under_two_subscriptions(world: World) -> None:
    """Followed twice, told once."""
    campaign, reader = followed(world)
    world.follow(reader, company="Amazon.com, Inc.")
    world.follow(reader)
    world.at("2026-11-23 07:30")
    world.entry(campaign)
    world.run("2026-11-23 08:00")
    world.run("2026-11-24 08:00")
    (text,) = world.texts()
    assert text.count("Amazon refuses to answer") == 1


def test_imports_flood_nobody(world: World) -> None:
    """Entries that do not announce themselves are in no digest."""
    campaign, _reader = followed(world)
    world.entry(campaign, announce=False)
    world.run("2026-11-23 08:00")
    assert world.states() == ["skipped: nothing to say"]


def test_the_scheduler_was_down_three_days(world: World) -> None:
    """Each missed period has its row, merged into the last; one mail tells everything."""
    campaign, _reader = followed(world)
    world.entry(campaign, "On Monday")
    world.at("2026-11-24 12:00")
    world.entry(campaign, "On Tuesday")
    world.run("2026-11-26 09:00")
    assert world.states() == ["skipped: merged into the next one"] * 3 + ["sent"]
    rows = world.digests()
    assert {one.merged_into_id for one in rows[:3]} == {rows[3].id}
    (text,) = world.texts()
    assert "On Monday" in text
    assert "On Tuesday" in text


def test_the_scheduler_was_down_a_month(world: World) -> None:
    """Periods missed by more than a week merge without a row; nothing is lost, one mail comes."""
    campaign, _reader = followed(world)
    world.entry(campaign)
    world.run("2026-12-23 09:00")
    assert world.states() == ["skipped: merged into the next one"] * 6 + ["sent"]
    assert len(world.mails()) == 1


def test_a_monthly_digest_missed_by_long_still_comes(world: World) -> None:
    """The last period that elapsed is sent however late; the one after it is not moved."""
    campaign, reader = followed(world)
    world.follow(reader, campaign, frequency="monthly", month_day=1)
    world.entry(campaign)
    world.run("2026-12-20 09:00")
    assert world.states() == ["sent"]
    assert world.subscriber(reader).next_due_at == dt.datetime(2027, 1, 1, 8, tzinfo=dt.UTC)
