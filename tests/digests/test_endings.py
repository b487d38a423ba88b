"""How hearing of it ends: with a reason, whatever told us; then the address goes, what forbids writing to it stays."""

import datetime as dt

import pytest
import sqlalchemy as sa

from tests.conftest import MakeApp
from tests.digests.conftest import Still
from tests.digests.world import World
from tests.operations.test_rotation import NEW, OLD
from tests.support.mails import outbox as mails_of
from tracker import clock
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, transaction
from tracker.digests import ending, joining, service
from tracker.digests.models import Frequency, Subscriber, Subscription
from tracker.digests.rechecking import WATCH
from tracker.mail import bounces, outbox, sender
from tracker.mail.bounces import BounceKind, Report
from tracker.mail.models import Email, EmailKind, EmailState, Suppression
from tracker.mail.render import render

pytestmark = pytest.mark.each_database
ADDRESS = "reader@example.net"
WEEK = dt.timedelta(days=7)


def public_campaign(world: World, title: str = "Fair rotas") -> Campaign:
    found: Campaign = world.get(Campaign, world.campaign(title, visibility=Visibility.PUBLIC))
    return found


def joined(world: World, *campaigns: Campaign) -> Subscriber:
    """An address that follows these campaigns, daily."""
    numbers = [campaign.id for campaign in campaigns]
    for number in numbers:
        with transaction():
            joining.ask(
                ADDRESS, db.session.get_one(Campaign, number), frequency=Frequency.DAILY, locale="en", now=clock.now()
            )
        token = mails_of(world.app, ADDRESS)[-1].links["confirm"].rpartition("/")[2]
        with transaction():
            joining.confirm(token, now=clock.now())
    return only(Subscriber)


def only(model: type) -> Subscriber:
    db.session.rollback()
    found: Subscriber = db.session.scalars(sa.select(model)).one()
    return found


def comes_back(kind: BounceKind, email: Email) -> None:
    with transaction():
        report = Report(kind, "5.1.1" if kind is BounceKind.GONE else "", None, email.message_id)
        bounces.take(report, now=clock.now(), changed=WATCH.changed, forgotten=ending.end_forgotten)


@pytest.mark.parametrize(
    ("kind", "reason"), [(BounceKind.GONE, bounces.BOUNCED), (BounceKind.COMPLAINT, bounces.COMPLAINED)]
)
@pytest.mark.parametrize("has_account", [False, True], ids=["address alone", "account"])
def test_a_bounce_or_complaint_ends_everything(world: World, kind: BounceKind, reason: str, has_account: bool) -> None:
    """At once, with the reason, of all that is followed there; no later period has a row or a mail."""
    one, other = public_campaign(world, "One"), public_campaign(world, "Other")
    if has_account:
        reader = world.account(ADDRESS)
        for campaign in (one.id, other.id):
            world.follow(reader, campaign)
    else:
        joined(world, one, other)
    world.at("2026-11-23 07:00")
    number = db.session.scalars(sa.select(Campaign.id).order_by(Campaign.id)).first()
    assert number is not None
    world.entry(number)
    world.run("2026-11-23 08:00")
    email = db.session.scalars(sa.select(Email).where(Email.kind == EmailKind.DIGEST)).one()
    assert email.state is EmailState.SENT
    comes_back(kind, email)
    subscriber = only(Subscriber)
    assert (subscriber.ended_at, subscriber.end_reason) == (clock.now(), reason)
    assert db.session.scalars(sa.select(Subscription.end_reason)).all() == [reason, reason]
    rows = len(world.digests())
    world.entry(number, "Amazon answers")
    world.run("2026-11-25 08:00")
    assert len(world.digests()) == rows


def test_a_mail_of_another_kind_that_bounces_ends_it_too(world: World) -> None:
    """The address is gone, whichever mail found it out; the account is known by the mail's receiver."""
    reader = world.account(ADDRESS)
    world.follow(reader, world.campaign())
    with transaction():
        email = outbox.put(render("test", locale="en"), to=ADDRESS.upper(), kind=EmailKind.REMINDER, now=clock.now())
        number = email.id
    world.run()
    comes_back(BounceKind.GONE, world.get(Email, number))
    assert only(Subscriber).end_reason == bounces.BOUNCED


def test_also_where_the_key_was_changed_meanwhile(make_app: MakeApp) -> None:
    """The address of who follows was hashed by the former key, that of the mail by today's."""
    with make_app(DATA_KEY=OLD).app_context():
        world = World(make_app(DATA_KEY=OLD), Still())  # type: ignore[arg-type]
        joined(world, public_campaign(world))
    with make_app(DATA_KEY=f"{NEW},{OLD}").app_context():
        with transaction():
            email = outbox.put(render("test", locale="en"), to=ADDRESS, kind=EmailKind.CONFIRMATION, now=clock.now())
            number = email.id
        sender.send_due()
        comes_back(BounceKind.GONE, db.session.get_one(Email, number))
        assert only(Subscriber).end_reason == bounces.BOUNCED


def test_who_stops_the_last_campaign_has_left(world: World) -> None:
    """Stopped one by one, an address is kept no longer than if it had unsubscribed; an account keeps its settings."""
    one, other = public_campaign(world, "One"), public_campaign(world, "Other")
    numbers = [one.id, other.id]
    joined(world, one, other)
    for number in numbers:
        assert only(Subscriber).ended_at is None
        with transaction():
            subscriber = db.session.scalars(sa.select(Subscriber)).one()
            service.stop_campaign(subscriber, db.session.get_one(Campaign, number), now=clock.now())
    assert only(Subscriber).end_reason == service.NOTHING_LEFT
    with transaction():
        assert joining.forget_addresses(clock.now() + 4 * WEEK + WEEK) == 1
    assert only(Subscriber).address_sealed is None
    reader = world.account()
    world.follow(reader, numbers[0])
    with transaction():
        (subscription,) = world.subscriber(reader).subscriptions
        service.unfollow(subscription, now=clock.now())
    assert world.subscriber(reader).ended_at is None


def test_an_address_whose_campaign_was_destroyed_has_left(world: World) -> None:
    """Nothing is kept of whoever followed only what is there no longer."""
    joined(world, public_campaign(world))
    with transaction():
        db.session.execute(sa.delete(Subscription))
        joining.forget_addresses(clock.now())
    assert only(Subscriber).end_reason == service.NOTHING_LEFT


def test_what_must_not_be_written_to_outlives_the_address(world: World) -> None:
    """The address is erased four weeks later; typed again, it is still not written to, and no row holds it."""
    campaign = public_campaign(world)
    joined(world, campaign)
    confirmation = db.session.scalars(sa.select(Email).order_by(Email.id)).first()
    assert confirmation is not None
    world.run()
    comes_back(BounceKind.COMPLAINT, confirmation)
    assert only(Subscriber).end_reason == bounces.COMPLAINED
    world.at("2026-12-24 08:00")
    with transaction():
        joining.forget_addresses(clock.now())
    erased = only(Subscriber)
    assert erased.address_sealed is None
    assert (erased.address_hash or "").startswith("erased:")
    assert len(db.session.scalars(sa.select(Suppression)).all()) == 1
    with transaction():
        joining.ask(
            ADDRESS,
            db.session.scalars(sa.select(Campaign)).one(),
            frequency=Frequency.DAILY,
            locale="en",
            now=clock.now(),
        )
    last = db.session.scalars(sa.select(Email).order_by(Email.id.desc())).first()
    assert last is not None
    assert (last.state, last.answer) == (EmailState.FAILED, f"Do not mail: {bounces.COMPLAINED}")
