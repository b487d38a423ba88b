"""One broken row stops nobody else: not at planning, not at composing, not right before sending, not when foreseen."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.digests.world import World, followed
from tests.support.accounts import SignedIn
from tests.support.pages import visit
from tracker import clock
from tracker.accounts.models import Role
from tracker.db import db, transaction
from tracker.digests import foreseeing, links, running
from tracker.digests.foreseeing import Would
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


def elsewhere(account: int) -> None:
    """Let somebody live where this machine does not know the time."""
    with transaction():
        one = sa.update(Subscriber.__table__).where(Subscriber.account_id == account)
        db.session.execute(one.values(zone="Mars/Olympus"))


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
    elsewhere(broken)
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


def test_a_zone_that_is_not_known_here_is_foreseen(
    app: Flask, present: World, signed_in: Callable[..., SignedIn]
) -> None:
    """The desk and `tracker digest foresee` say what will fail and why, and what the others would get; the reader's own
    page says it as well, and lets them choose another."""
    reader, other, boss = signed_in(Role.VIEWER), signed_in(Role.VIEWER), signed_in(Role.ADMINISTRATOR)
    with app.app_context():
        campaign = present.campaign()
        present.follow(reader.account_id, campaign)
        present.follow(other.account_id, campaign)
        present.entry(campaign)
        elsewhere(reader.account_id)
        everybody = db.session.scalars(foreseeing.receivers()).all()
        found = {one.subscriber.account_id: one for one in foreseeing.foresee_all(everybody, now=clock.now())}
        assert found[other.account_id].would is Would.MAIL
        assert found[reader.account_id].would is Would.FAIL
        subscriber = present.subscriber(reader.account_id)
        public_id, token = subscriber.public_id, links.token(subscriber, links.MANAGE)
    page = visit(boss, "/digests/desk/foreseen")
    why = "his machine does not know the time zone Mars/Olympus"
    assert f"1 would fail: t{why}" in page.text and "1 would get a mail" in page.text
    assert f"T{why}" in page.text, "a cell begins with a large letter"
    assert f"T{why}" in visit(boss, f"/digests/desk/foreseen/{public_id}").text
    assert f"t{why}" in visit(app.test_client(), f"/u/{token}/manage").text


def test_an_address_that_cannot_be_opened_is_foreseen(world: World) -> None:
    """Whose address was sealed with a key that is gone would fail; the other would get a mail."""
    campaign, reader, _whole = two_readers(world)
    world.entry(campaign)
    world.at("2026-11-23 08:00")
    with transaction():
        one = world.subscriber(reader)
        one.account_id, one.address_sealed, one.confirmed_at = None, UNREADABLE, clock.now()
        one.address_hash = "unreadable"
        db.session.flush()
        found = foreseeing.foresee_all(db.session.scalars(foreseeing.receivers()).all(), now=clock.now())
        assert sorted(one.would for one in found) == [Would.FAIL, Would.MAIL]
        assert foreseeing.foresee(one, now=clock.now()).why == "it could not be composed (SealError)"
