"""One broken row stops nobody else: not at planning, not right before sending."""

import pytest
import sqlalchemy as sa

from tests.digests.world import World, followed
from tracker import clock
from tracker.db import db, transaction
from tracker.digests import running
from tracker.digests.models import Subscriber
from tracker.digests.periods import Schedule
from tracker.digests.service import change_schedule
from tracker.mail import outbox
from tracker.mail.models import Email, EmailKind, EmailState, Suppression
from tracker.mail.render import render

pytestmark = pytest.mark.each_database
UNREADABLE = "00000000:AAAA"


def two_readers(world: World) -> tuple[int, int, int]:
    """A campaign and two who follow it."""
    campaign, broken = followed(world)
    whole = world.account("whole@example.org")
    world.follow(whole, campaign)
    world.at("2026-11-23 07:30")
    return campaign, broken, whole


def test_a_digest_that_cannot_be_opened_stops_no_other(world: World) -> None:
    """It has failed, with the reason; another's digest and a sign-in link of the same claim leave."""
    campaign, _reader, other = two_readers(world)
    world.entry(campaign)
    running.sweep(world.at("2026-11-23 08:00"))
    poison = world.digests()[-1]  # the last of those who read the same speaks for all of them
    assert poison.subscriber.account_id == other
    number = poison.email_id
    with transaction():
        outbox.put(render("test", locale="en"), to="in@example.org", kind=EmailKind.SIGN_IN_LINK, now=clock.now())
        db.session.execute(sa.update(Email).where(Email.id == number).values(links_sealed=UNREADABLE))
    running.send()
    assert sorted(mail["To"] for mail in world.mails()) == ["in@example.org", "reader@example.org"]
    (sent, failed) = world.states()
    assert failed.startswith("failed: It could not be looked at again: ")
    assert "DATA_KEY" in failed
    assert sent == "sent"


def test_a_mail_whose_receiver_is_unreadable_ends_nothing(world: World) -> None:
    """An address that must not be written to, and whose mail cannot be opened: it fails, the others leave."""
    with transaction():
        words = render("test", locale="en")
        poison = outbox.put(words, to="gone@example.org", kind=EmailKind.REMINDER, now=clock.now()).id
        outbox.put(words, to="whole@example.org", kind=EmailKind.REMINDER, now=clock.now())
        row = db.session.get_one(Email, poison)
        row.recipient_sealed = UNREADABLE
        outbox.suppress(row.recipient_hash, "gone", now=clock.now())
    assert running.send() == {"failed": 1, "sent": 1}
    assert world.get(Email, poison).state is EmailState.FAILED
    assert db.session.scalars(sa.select(Suppression)).one()


def test_a_zone_that_is_not_known_here_stops_no_other(world: World) -> None:
    """A database restored where the list of zones is older: the one has a row that failed, the other a mail; and it is
    not tried every minute. With a zone that is known the next one comes, and tells all."""
    campaign, broken, whole = two_readers(world)
    world.entry(campaign)
    with transaction():
        one = sa.update(Subscriber.__table__).where(Subscriber.account_id == broken)
        db.session.execute(one.values(zone="Mars/Olympus"))
    world.run("2026-11-23 08:00")
    assert sorted(world.states()) == ["failed: could not be planned: ZoneInfoNotFoundError", "sent"]
    assert [mail["To"] for mail in world.mails()] == ["whole@example.org"]
    assert world.subscriber(broken).next_due_at > clock.now()
    world.at("2026-11-23 09:00")
    with transaction():
        subscriber = world.subscriber(broken)
        change_schedule(subscriber, Schedule(subscriber.frequency, 8, "Europe/Berlin"), now=clock.now())
    world.run("2026-11-24 08:00")
    assert [mail["To"] for mail in world.mails()] == ["whole@example.org", "reader@example.org"]
    assert world.subscriber(whole).next_due_at > clock.now()
