"""An address that follows gets an account: one person is written to once, told all of it, and nothing twice."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.digests.test_endings import ADDRESS, public_campaign
from tests.digests.test_moving import receivers
from tests.digests.world import World
from tests.support.mails import outbox
from tests.support.pages import submit, visit
from tracker import clock
from tracker.accounts.models import Account, Role
from tracker.accounts.service import add_account, disable, enable, invite
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.digests import joining, links, running, service, uniting
from tracker.digests.models import DigestState, Frequency, Subscriber, Subscription

pytestmark = pytest.mark.each_database
HOUR = dt.timedelta(hours=1)


def moves_in(world: World, account: int) -> None:
    """An account takes the address that follows already; as confirming its change of address does."""
    from tests.digests.test_moving import LinkPurpose, confirm_email_change, new_link

    with transaction():
        found, lasting = db.session.get_one(Account, account), dt.timedelta(days=1)
        token = new_link(LinkPurpose.EMAIL_CHANGE, found, lasting=lasting, now=clock.now(), email=ADDRESS)
    with transaction():
        confirm_email_change(token, now=clock.now())


def follows_alone(world: World, *campaigns: int) -> None:
    """The address asks to hear of these campaigns daily, and confirms."""
    for number in campaigns:
        with transaction():
            campaign = db.session.get_one(Campaign, number)
            joining.ask(ADDRESS, campaign, frequency=Frequency.DAILY, locale="en", now=clock.now())
        token = outbox(world.app, ADDRESS)[-1].links["confirm"].rpartition("/")[2]
        with transaction():
            joining.confirm(token, now=clock.now())


def joins(world: World) -> int:
    with transaction():
        return add_account(ADDRESS, role=Role.VIEWER, password=None, now=clock.now()).id


def active(model: type = Subscriber) -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(model.id).where(model.ended_at.is_(None)).order_by(model.id)))  # type: ignore[attr-defined]


def told(world: World, words: str) -> int:
    """How often a receiver was told so, in any mail."""
    return sum(text.count(words) for text in world.texts())


def test_a_new_account_takes_over_what_its_address_follows(world: World) -> None:
    """The same subscriber goes on, at its hour and with its links; no second digest comes to the mailbox."""
    campaign = public_campaign(world).id
    follows_alone(world, campaign)
    alone = active()
    world.at("2026-11-23 07:00")
    world.entry(campaign, "Amazon refuses")
    world.run("2026-11-23 08:00")
    token = links.token(db.session.get_one(Subscriber, alone[0]), links.MANAGE)
    account = joins(world)
    assert active() == alone and world.subscriber(account).id == alone[0]
    assert world.subscriber(account).address_hash is None
    world.follow(account, campaign)
    assert len(active(Subscription)) == 1
    world.at("2026-11-24 07:00")
    world.entry(campaign, "Amazon answers")
    world.run("2026-11-24 08:00")
    assert receivers(world) == [ADDRESS, ADDRESS]
    assert told(world, "Amazon refuses") == told(world, "Amazon answers") == 1
    found = links.subscriber_for(token, links.MANAGE)
    assert found is not None and found.account_id == account


@pytest.mark.parametrize(
    ("frequency", "stage"),
    [("daily", "before"), ("daily", "due"), ("daily", "composed"), ("daily", "just before"), ("weekly", "composed")],
)
def test_both_followed_already(world: World, frequency: str, stage: str) -> None:
    """Whenever it happens on a day, the person is written to at most once on it, and each entry is told exactly once:
    those that only one of the two followed, those of both, and those told to one of them before."""
    shared, of_address, of_account = (public_campaign(world, title).id for title in ("Shared", "Left", "Right"))
    account = world.account("elsewhere@example.org")
    world.follow(account, of_account, frequency=frequency, weekday=2)
    world.at("2026-11-23 06:10")
    follows_alone(world, shared, of_address)
    world.at("2026-11-23 06:20")
    world.entry(shared, "Before the account followed it")
    world.run("2026-11-23 08:00")  # a Monday
    assert receivers(world) == [ADDRESS]
    world.at("2026-11-23 08:30")
    world.entry(shared, "Just before the account followed it")
    world.at("2026-11-23 09:00")
    world.follow(account, shared, frequency=frequency, weekday=2)
    world.at("2026-11-24 07:00")
    for campaign, title in ((shared, "Of both"), (of_address, "Of the address"), (of_account, "Of the account")):
        world.entry(campaign, title)
    if stage == "just before":
        world.at("2026-11-24 07:59")
        moves_in(world, account)
        world.run("2026-11-24 08:00")
    else:
        if stage == "due":
            world.at("2026-11-24 08:00:30")  # nobody has planned it yet
        elif stage == "composed":
            running.sweep(world.at("2026-11-24 08:00"))
        else:
            world.at("2026-11-24 07:30")
        moves_in(world, account)
        world.run("2026-11-24 08:01")
    assert receivers(world) == [ADDRESS, ADDRESS]
    for later in range(1, 9 * 24, 24):
        running.run(world.at(dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC) + later * HOUR))
    assert receivers(world) == [ADDRESS, ADDRESS]
    for words in ("Before the account followed it", "Just before", "Of both", "Of the address", "Of the account"):
        assert told(world, words) == 1, words
    assert len(active()) == 1 and len(active(Subscription)) == 3
    assert DigestState.DUE not in {one.state for one in world.digests()}


def test_no_second_digest_on_the_day(world: World) -> None:
    """The address had its digest at eight; the account, whose weekly one is due at ten, hears again in a week."""
    campaign = public_campaign(world).id
    account = world.account("elsewhere@example.org")
    world.follow(account, campaign, hour=10, frequency="weekly", weekday=1)
    follows_alone(world, campaign)
    world.at("2026-11-23 07:00")
    world.entry(campaign, "Amazon refuses")
    world.run("2026-11-23 08:00")
    world.at("2026-11-23 09:00")
    moves_in(world, account)
    world.entry(campaign, "Amazon answers")
    world.run("2026-11-23 10:00")
    assert receivers(world) == [ADDRESS]
    world.run("2026-11-30 10:00")
    assert receivers(world) == [ADDRESS, ADDRESS]
    assert told(world, "Amazon refuses") == told(world, "Amazon answers") == 1


def test_links_of_earlier_mails_are_the_accounts(world: World) -> None:
    """Whoever unsubscribes by a mail to the address hears no more, though the account had a subscriber of its own."""
    campaign, other = public_campaign(world).id, public_campaign(world, "Other").id
    account = world.account("elsewhere@example.org")
    world.follow(account, other)
    follows_alone(world, campaign)
    (token,) = [
        links.token(one, links.UNSUBSCRIBE)
        for one in db.session.scalars(sa.select(Subscriber).where(Subscriber.account_id.is_(None)))
    ]
    moves_in(world, account)
    assert "Other" in visit(world.app.test_client(), _manage(world, account)).text
    submit(world.app.test_client(), f"/u/{token}")
    assert active() == [] and active(Subscription) == []
    assert world.subscriber(account).end_reason == service.UNSUBSCRIBED


def _manage(world: World, account: int) -> str:
    return f"/u/{links.token(world.subscriber(account), links.MANAGE)}/manage"


def test_who_is_let_in_again(world: World) -> None:
    """While an account was shut out its address followed anew: that is the account's when it is back."""
    campaign = public_campaign(world).id
    account = world.account(ADDRESS)
    world.follow(account, campaign)
    with transaction():
        disable(db.session.get_one(Account, account))
    follows_alone(world, campaign)
    assert len(active()) == 2
    with transaction():
        enable(db.session.get_one(Account, account), now=clock.now())
    assert [world.subscriber(account).id] == active()


def test_what_a_restore_parted_is_united(world: World) -> None:
    """Rows that know nothing of each other, such as of a backup: put together by the day's work, or by following."""
    campaign = public_campaign(world).id
    follows_alone(world, campaign)
    world.follow(world.account(ADDRESS), campaign)
    assert len(active()) == 2
    with transaction():
        assert uniting.unite_all(clock.now()) == 1
        assert uniting.unite_all(clock.now()) == 0
    assert len(active()) == len(active(Subscription)) == 1


def test_somebody_invited(world: World, client: FlaskClient) -> None:
    """By the pages: who follows and is invited finds it among what they follow, and is written to once."""
    campaign = public_campaign(world).id
    follows_alone(world, campaign)
    number = world.account(role=Role.ADMINISTRATOR)
    with transaction():
        invite(ADDRESS, role=Role.VIEWER, actor=db.session.get_one(Account, number), now=clock.now())
    (link,) = re.findall(r"/invitations/\S+", outbox(world.app, ADDRESS)[-1].text)
    submit(client, link, name="Ada")
    assert "Fair rotas" in visit(client, "/digests").text
    assert len(active()) == 1
