"""Who may be told what, looked at again before the mail leaves."""

import datetime as dt

import pytest
import sqlalchemy as sa

from tests.digests.world import World, followed, text_of
from tracker.accounts.models import Account, CampaignMember, Role
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, transaction
from tracker.digests import running, service
from tracker.digests.models import DigestItem
from tracker.mail.models import Email
from tracker.timeline.models import EntryKind, EntryVisibility, TimelineEntry

pytestmark = pytest.mark.each_database
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


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


def test_an_entry_closed_or_removed_between_composing_and_sending(world: World) -> None:
    """Also a single entry, in a campaign that stays open, is looked at again."""
    campaign, _reader = followed(world)
    closed, removed = world.entry(campaign, "Closed"), world.entry(campaign, "Removed")
    world.entry(campaign, "Open")
    running.sweep(world.at("2026-11-23 08:00"))
    world.change(TimelineEntry, closed, visibility=EntryVisibility.MEMBERS)
    world.change(TimelineEntry, removed, deleted_at=world.at("2026-11-23 08:00"))
    world.run("2026-11-23 08:01")
    (text,) = world.texts()
    assert "Open" in text
    assert "Closed" not in text
    assert "Removed" not in text


def test_one_campaign_stopped_between_composing_and_sending(world: World) -> None:
    """What somebody stopped in the last minute leaves the mail; the rest is told."""
    first, reader = followed(world)
    second = world.campaign("Rekognition")
    world.follow(reader, second)
    world.at("2026-11-23 07:30")
    world.entry(first, "The first")
    world.entry(second, "The second")
    running.sweep(world.at("2026-11-23 08:00"))
    with transaction():
        stopped = db.session.get_one(Campaign, first)
        service.stop_campaign(world.subscriber(reader), stopped, now=world.at("2026-11-23 08:00"))
    world.run("2026-11-23 08:01")
    (text,) = world.texts()
    assert "The second" in text
    assert "The first" not in text
