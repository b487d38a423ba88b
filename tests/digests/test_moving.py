"""An account takes another address: its mail goes there, and what comes back from the old one is not about the new."""

import datetime as dt

import pytest
import sqlalchemy as sa

from tests.digests.test_endings import ADDRESS, comes_back, joined, only, public_campaign
from tests.digests.world import World, followed
from tracker import clock
from tracker.accounts.models import Account, LinkPurpose, Role
from tracker.accounts.service import confirm_email_change
from tracker.accounts.service.links import new_link
from tracker.db import db, transaction
from tracker.digests import resending, running
from tracker.digests.models import Digest, Subscriber
from tracker.mail import bounces, outbox, sender
from tracker.mail.bounces import BounceKind
from tracker.mail.models import Email, EmailKind

pytestmark = pytest.mark.each_database
OLD, NEW = "reader@example.org", "elsewhere@example.org"


def move(world: World, reader: int) -> None:
    """Confirm another address by the link that was mailed there."""
    with transaction():
        account = db.session.get_one(Account, reader)
        lasting = dt.timedelta(days=1)
        token = new_link(LinkPurpose.EMAIL_CHANGE, account, lasting=lasting, now=clock.now(), email=NEW)
    with transaction():
        confirm_email_change(token, now=clock.now())


def digest_mails() -> list[Email]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Email).where(Email.kind == EmailKind.DIGEST).order_by(Email.id)))


def receivers(world: World) -> list[str]:
    return [mail["To"] for mail in world.mails() if mail["List-Id"]]


def test_between_composing_and_sending(world: World) -> None:
    """The digest that waits goes to the new address, once, and nothing to the old one."""
    campaign, reader = followed(world)
    world.entry(campaign)
    running.sweep(world.at("2026-11-23 08:00"))
    move(world, reader)
    world.run("2026-11-23 08:01")
    assert receivers(world) == [NEW]
    assert world.states() == ["sent"]


def test_what_comes_back_from_the_old_address_ends_nothing_at_the_new(world: World) -> None:
    """There is nobody at the old one any longer: it is not written to again; the new one hears on."""
    campaign, reader = followed(world)
    world.entry(campaign)
    world.run("2026-11-23 08:00")
    move(world, reader)
    comes_back(BounceKind.GONE, digest_mails()[0])
    assert world.subscriber(reader).ended_at is None
    assert outbox.refusal(OLD) == f"Do not mail: {bounces.BOUNCED}"
    assert outbox.refusal(NEW) is None
    world.entry(campaign, "Amazon answers")
    world.run("2026-11-24 08:00")
    assert receivers(world) == [OLD, NEW]


def test_sent_again_goes_to_the_new_address(world: World) -> None:
    """What was sent to the old address is composed anew for the new one, and not marked: it is another mail."""
    campaign, reader = followed(world)
    world.entry(campaign)
    world.run("2026-11-23 08:00")
    desk = world.account(role=Role.ADMINISTRATOR)
    move(world, reader)
    with transaction():
        asked = resending.resend(
            db.session.scalars(sa.select(Digest)).one(), by=db.session.get_one(Account, desk), now=clock.now()
        )
        assert not asked.is_same
    world.run("2026-11-23 08:02")
    assert receivers(world) == [OLD, NEW]


def late(world: World) -> Email:
    """The digest's mail, eight days after it left: whom it went to is forgotten."""
    world.at("2026-12-01 09:00")
    sender.wipe_old()
    email = digest_mails()[0]
    assert email.recipient_hash == ""
    return email


@pytest.mark.parametrize("has_account", [False, True], ids=["address alone", "account"])
def test_a_complaint_is_heard_however_late(world: World, has_account: bool) -> None:
    """Eight days later the receiver of the mail is forgotten; whose digest it was is not."""
    if has_account:
        campaign, _reader = followed(world)
    else:
        public = public_campaign(world)
        campaign = public.id
        joined(world, public)
        world.at("2026-11-23 07:00")
    world.entry(campaign)
    world.run("2026-11-23 08:00")
    comes_back(BounceKind.COMPLAINT, late(world))
    assert only(Subscriber).end_reason == bounces.COMPLAINED
    assert outbox.refusal(OLD if has_account else ADDRESS) == f"Do not mail: {bounces.COMPLAINED}"


def test_a_late_word_about_an_old_address(world: World) -> None:
    """A complaint ends what its sender follows, by whatever address; the new one, which never complained, can be
    written to. That the old mailbox is gone says nothing of the new one."""
    campaign, reader = followed(world)
    world.entry(campaign)
    world.run("2026-11-23 08:00")
    world.at("2026-11-23 09:00")
    move(world, reader)
    email = late(world)
    comes_back(BounceKind.GONE, email)
    assert world.subscriber(reader).ended_at is None
    comes_back(BounceKind.COMPLAINT, email)
    assert world.subscriber(reader).end_reason == bounces.COMPLAINED
    assert outbox.refusal(NEW) is None
