"""From an entry to the mail in the folder, and all that may come between."""

import datetime as dt

import pytest
import sqlalchemy as sa

from tests.digests.world import World, text_of
from tracker.accounts.models import Account, CampaignMember, Role
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, transaction
from tracker.digests import composing, planning, running, service
from tracker.digests.models import DigestItem, DigestRun, DigestState, Subscription
from tracker.digests.periods import Schedule
from tracker.mail.models import Email, EmailState
from tracker.timeline.models import EntryKind, EntryVisibility, TimelineEntry

pytestmark = pytest.mark.each_database
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def followed(world: World, **columns: object) -> tuple[int, int]:
    """Somebody who follows a campaign, daily at eight; an hour has passed since."""
    campaign, reader = world.campaign(**columns), world.account("reader@example.org")
    world.follow(reader, campaign)
    world.at("2026-11-23 07:00")
    return campaign, reader


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
        service.change_schedule(subscriber, Schedule("weekly", 8, "UTC", weekday=2), now=world.at("2026-11-23 08:01"))
    world.run("2026-11-23 08:02")
    world.run("2026-11-24 08:02")
    assert len(world.mails()) == 1
    assert world.states() == ["sent", "skipped: nothing to say"]


def test_unsubscribed_between_composing_and_sending(world: World) -> None:
    """Whoever left in the last minute gets nothing; the words are wiped."""
    campaign, reader = followed(world)
    world.entry(campaign)
    running.sweep(world.at("2026-11-23 08:00"))
    with transaction():
        service.unsubscribe(world.subscriber(reader), now=world.at("2026-11-23 08:00"))
    world.run("2026-11-23 08:01")
    assert world.mails() == []
    assert world.states() == ["skipped: unsubscribed by the reader"]
    assert db.session.scalars(sa.select(Email)).one().body.wiped_at is not None
    assert db.session.scalars(sa.select(DigestItem)).all() == []


def test_made_private_between_composing_and_sending(world: World) -> None:
    """What may no longer be seen leaves the mail; what may be seen is still told, by the same digest."""
    secret, reader = followed(world)
    other = world.campaign("Rekognition")
    world.follow(reader, other)
    world.at("2026-11-23 07:30")
    world.entry(secret, "The secret")
    world.entry(other, "The open")
    running.sweep(world.at("2026-11-23 08:00"))
    world.change(Campaign, secret, visibility=Visibility.MEMBERS)
    world.run("2026-11-23 08:01")
    (text,) = world.texts()
    assert "The open" in text
    assert "secret" not in text
    assert world.states() == ["sent"]
    told = [item.entry_id for item in db.session.scalars(sa.select(DigestItem))]
    assert len(told) == 1, "the secret may be told when it opens again"


def test_a_named_campaign_made_private_between_composing_and_sending(world: World) -> None:
    """Also a campaign that is only named, for a deadline or its silence, is looked at again."""
    from tracker.campaigns.deadlines import Deadline

    campaign, reader = followed(world)
    secret = world.campaign("Secret plan")
    world.follow(reader, secret)
    with transaction():
        row = Deadline(campaign_id=secret, what="File", due_on=dt.date(2026, 12, 1), owner_id=reader)
        row.created_at = world.at("2026-11-23 07:00")
        db.session.add(row)
    world.at("2026-11-23 07:30")
    world.entry(campaign)
    running.sweep(world.at("2026-11-23 08:00"))
    world.change(Campaign, secret, visibility=Visibility.MEMBERS)
    world.run("2026-11-23 08:01")
    (text,) = world.texts()
    assert "Secret plan" not in text


def test_a_role_lost_between_composing_and_sending(world: World) -> None:
    """A member who was removed is told nothing of what only members may read."""
    campaign, reader = followed(world, visibility=Visibility.MEMBERS)
    world.member(campaign, reader)
    world.at("2026-11-23 07:30")
    world.entry(campaign, visibility=EntryVisibility.MEMBERS)
    running.sweep(world.at("2026-11-23 08:00"))
    assert world.states() == ["ready"]
    with transaction():
        db.session.execute(sa.delete(CampaignMember))
    world.run("2026-11-23 08:01")
    assert world.mails() == []
    assert world.states() == ["skipped: nothing to say"]


def test_an_account_disabled_between_composing_and_sending(world: World) -> None:
    """An account that is not in use hears nothing."""
    campaign, reader = followed(world)
    world.entry(campaign)
    running.sweep(world.at("2026-11-23 08:00"))
    world.change(Account, reader, active=False)
    world.run("2026-11-23 08:01")
    assert world.mails() == []
    assert world.states() == ["skipped: the account is not in use"]


def test_only_restricted_entries(world: World) -> None:
    """Confidential words are never mailed: members learn that there is a note, others not even that."""
    campaign, reader = followed(world)
    outsider = world.account("outsider@example.org")
    world.follow(outsider, campaign)
    world.member(campaign, reader)
    world.at("2026-11-23 07:30")
    world.entry(campaign, "Jassy said so", words="in the lift", visibility=EntryVisibility.NOT_FOR_ATTRIBUTION)
    world.run("2026-11-23 08:00")
    (mail,) = world.mails()
    assert mail["To"] == "reader@example.org"
    assert mail["Subject"] == "Amazon.com: one new note, sign in to read it"
    assert "One new note; sign in to read it" in text_of(mail)
    assert b"Jassy" not in mail.as_bytes()
    assert b"lift" not in mail.as_bytes()
    assert sorted(world.states()) == ["sent", "skipped: nothing to say"]


def test_off_the_record_is_for_named_readers(world: World) -> None:
    """Even a member and an administrator hear nothing of it unless they were named."""
    campaign, reader = followed(world)
    named, boss = world.account("named@example.org"), world.account("boss@example.org", Role.ADMINISTRATOR)
    for account in (named, boss):
        world.follow(account, campaign)
    world.member(campaign, reader)
    world.at("2026-11-23 07:30")
    world.entry(campaign, "Fired", visibility=EntryVisibility.OFF_THE_RECORD, reader_ids=[named])
    world.run("2026-11-23 08:00")
    assert [mail["To"] for mail in world.mails()] == ["named@example.org"]
    assert "Fired" not in world.texts()[0]


def test_a_campaign_that_opens_is_one_line(world: World) -> None:
    """What was recorded before a campaign became visible to somebody is one line, told once."""
    campaign, reader = world.campaign(visibility=Visibility.MEMBERS), world.account()
    world.follow(reader)
    world.at("2026-11-23 07:00")
    for number in range(3):
        world.entry(campaign, f"Old {number}")
    now = world.at("2026-11-23 07:30")
    world.change(Campaign, campaign, visibility=Visibility.SIGNED_IN, opened_at=now)
    world.at("2026-11-23 07:40")
    world.entry(campaign, "New one")
    world.run("2026-11-23 08:00")
    world.run("2026-11-24 08:00")
    (text,) = world.texts()
    assert "now open to you, with 3 entries in its history" in text
    assert "Old" not in text
    assert "New one" in text


def test_joining_a_campaign_opens_it(world: World) -> None:
    """The same for somebody who becomes a member."""
    campaign, reader = world.campaign(visibility=Visibility.MEMBERS), world.account()
    world.follow(reader)
    world.entry(campaign, "Old", visibility=EntryVisibility.MEMBERS)
    world.at("2026-11-23 07:30")
    world.member(campaign, reader)
    world.run("2026-11-23 08:00")
    (mail,) = world.mails()
    assert mail["Subject"] == "We won’t build it is now open to you"


def test_public_from_is_the_campaigns_midnight(world: World) -> None:
    """Outsiders hear of an entry once its day has come where the campaign is; members at once."""
    campaign, _outsider = followed(world, zone="Pacific/Auckland")  # thirteen hours ahead
    member = world.account("member@example.org")
    world.follow(member, campaign)
    world.member(campaign, member)
    world.at("2026-11-23 07:30")
    world.entry(campaign, public_from=dt.date(2026, 11, 25))
    world.run("2026-11-23 08:00")
    assert [mail["To"] for mail in world.mails()] == ["member@example.org"]
    world.run("2026-11-24 08:00")  # 21:00 in Auckland, still the 24th
    assert len(world.mails()) == 1
    world.run("2026-11-25 08:00")
    assert [mail["To"] for mail in world.mails()] == ["member@example.org", "reader@example.org"]


def test_an_entry_opened_later_is_told_then(world: World) -> None:
    """An entry widened to more people is news to them when it is widened."""
    campaign, reader = world.campaign(), world.account()
    entry = world.entry(campaign, visibility=EntryVisibility.MEMBERS)
    world.at("2026-11-23 07:00")
    world.follow(reader, campaign)
    world.run("2026-11-23 08:00")
    now = world.at("2026-11-23 12:00")
    world.change(TimelineEntry, entry, visibility=EntryVisibility.PUBLIC, opened_at=now)
    world.run("2026-11-24 08:00")
    assert len(world.mails()) == 1


def test_a_correction_is_marked_and_takes_the_place_of_what_it_corrects(world: World) -> None:
    """Told in the same mail, only the right version stands; told later, it says that it corrects."""
    campaign, _reader = followed(world)
    wrong = world.entry(campaign, "Five hundred signed")
    world.at("2026-11-23 07:10")
    world.entry(
        campaign, "Four hundred signed", kind=EntryKind.CORRECTION,
        corrects=world.get(TimelineEntry, wrong), correction_reason="misread",
    )  # fmt: skip
    world.run("2026-11-23 08:00")
    world.run("2026-11-24 08:00")
    (text,) = world.texts()
    assert "Correction: Four hundred signed (misread)" in text
    assert "Five hundred" not in text


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
