"""Yesterday's backup does not bring back who left today."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from tests.digests.world import MONDAY, World
from tests.operations.filled import DATA_KEY
from tests.support.mails import outbox as mails_of
from tracker import clock
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, transaction
from tracker.digests import joining, service, uniting
from tracker.digests.models import Frequency, Subscriber, Subscription
from tracker.mail import outbox
from tracker.operations import backup, keys, restore
from tracker.sealing import keyring

LEFT, ERASED, COMPLAINED, STAYS = (f"{name}@example.net" for name in ("left", "erased", "complained", "stays"))


@pytest.fixture
def environ() -> dict[str, str]:
    return {"DATA_KEY": DATA_KEY}


def subscriber(address: str) -> Subscriber:
    hashes = keyring().address_hashes(address)
    return db.session.scalars(sa.select(Subscriber).where(Subscriber.address_hash.in_(hashes))).one()


@pytest.mark.each_database
def test_who_left_since_the_backup_stays_away(app: Flask, tmp_path: Path) -> None:
    """Unsubscribed, one campaign stopped, erased, suppressed: all as it was before the restore; who stayed, stays."""
    file = tmp_path / "b.backup"
    with app.app_context(), time_machine.travel(MONDAY, tick=False) as traveller:
        world = World(app, traveller)
        with transaction():
            keys.refuse_wrong(now=clock.now())
        numbers = [world.campaign(title, visibility=Visibility.PUBLIC) for title in ("One", "Other")]
        for address in (LEFT, ERASED, COMPLAINED, STAYS):
            follows(app, address, numbers)
        with transaction():
            service.unsubscribe(subscriber(ERASED), now=clock.now())
        backup.make(file, now=clock.now())

        left_at = world.at("2026-12-24 08:00")
        with transaction():
            service.unsubscribe(subscriber(LEFT), now=left_at)
            outbox.suppress(keyring().address_hash(COMPLAINED), "a complaint", now=left_at)
            service.stop_campaign(subscriber(STAYS), db.session.get_one(Campaign, numbers[0]), now=left_at)
            assert joining.forget_addresses(left_at) == 1
        db.session.remove()
        world.at("2026-12-24 09:00")
        assert restore.restore(file, replace=True, without_keys=False).ended == 6

        assert (subscriber(LEFT).ended_at, subscriber(LEFT).end_reason) == (left_at, service.UNSUBSCRIBED)
        assert outbox.refusal(COMPLAINED) == "Do not mail: a complaint"
        assert subscriber(STAYS).ended_at is None
        followed = sa.select(Subscription.campaign_id).where(Subscription.ended_at.is_(None))
        assert set(db.session.scalars(followed.where(Subscription.subscriber_id == subscriber(STAYS).id))) == {
            numbers[1]
        }
        hashes = keyring().address_hashes(ERASED)
        assert db.session.scalar(sa.select(Subscriber.id).where(Subscriber.address_hash.in_(hashes))) is None
        erased = sa.select(sa.func.count()).where(Subscriber.address_sealed.is_(None))
        assert db.session.scalar(erased) == 1

        world.entry(numbers[0], "News of one")
        with transaction():
            service.resume_sending(now=clock.now())
        world.run(left_at + dt.timedelta(days=2))
        assert [mail["To"] for mail in world.mails() if "News of one" in str(mail)] == []


def follows(app: Flask, address: str, numbers: list[int]) -> None:
    """An address asks to hear of these campaigns, and confirms."""
    for number in numbers:
        with transaction():
            campaign = db.session.get_one(Campaign, number)
            joining.ask(address, campaign, frequency=Frequency.DAILY, locale="en", now=clock.now())
        token = mails_of(app, address)[-1].links["confirm"].rpartition("/")[2]
        with transaction():
            joining.confirm(token, now=clock.now())


@pytest.mark.each_database
@pytest.mark.parametrize("leaves", ["nothing", "one", "all"])
def test_an_address_that_has_an_account_since(app: Flask, tmp_path: Path, leaves: str) -> None:
    """The restored rows have both apart again, and are united: nothing that was followed is lost by it, and what the
    account left meanwhile is not heard of again."""
    file = tmp_path / "b.backup"
    with app.app_context(), time_machine.travel(MONDAY, tick=False) as traveller:
        world = World(app, traveller)
        with transaction():
            keys.refuse_wrong(now=clock.now())
        numbers = [world.campaign(title, visibility=Visibility.PUBLIC) for title in ("One", "Other")]
        follows(app, STAYS, numbers)
        account = world.account(STAYS)
        world.follow(account, numbers[0])
        backup.make(file, now=clock.now())
        world.at("2026-11-24 09:00")
        with transaction():
            assert uniting.unite_all(clock.now()) == 1
        world.at("2026-11-24 10:00")
        with transaction():
            if leaves == "all":
                service.unsubscribe(world.subscriber(account), now=clock.now())
            if leaves == "one":
                service.stop_campaign(
                    world.subscriber(account), db.session.get_one(Campaign, numbers[0]), now=clock.now()
                )
        db.session.remove()
        world.at("2026-11-25 09:00")
        restore.restore(file, replace=True, without_keys=False)
        with transaction():
            uniting.unite_all(clock.now())
        follow = sa.select(Subscription.campaign_id).join(Subscription.subscriber)
        heard = db.session.scalars(follow.where(Subscription.ended_at.is_(None), Subscriber.ended_at.is_(None))).all()
        assert sorted(heard) == {"nothing": numbers, "one": numbers[1:], "all": []}[leaves]


@pytest.mark.each_database
def test_an_address_erased_is_erased_again_by_itself(app: Flask, tmp_path: Path) -> None:
    """On a machine that never knew it was erased, the hourly job does it again: its time has come."""
    file = tmp_path / "b.backup"
    with app.app_context(), time_machine.travel(MONDAY, tick=False) as traveller:
        world = World(app, traveller)
        with transaction():
            keys.refuse_wrong(now=clock.now())
        number = world.campaign(visibility=Visibility.PUBLIC)
        with transaction():
            joining.ask(
                ERASED, db.session.get_one(Campaign, number), frequency=Frequency.DAILY, locale="en", now=clock.now()
            )
        token = mails_of(app, ERASED)[-1].links["confirm"].rpartition("/")[2]
        with transaction():
            joining.confirm(token, now=clock.now())
            service.unsubscribe(subscriber(ERASED), now=clock.now())
        backup.make(file, now=clock.now())
        with transaction():
            db.session.execute(sa.delete(Subscription))
            db.session.execute(sa.delete(Subscriber))  # as if never known
        db.session.remove()
        world.at("2026-12-24 09:00")
        assert restore.restore(file, replace=True, without_keys=False).ended == 0
        assert subscriber(ERASED).address_sealed is not None
        with transaction():
            assert joining.forget_addresses(clock.now()) == 1
        assert db.session.scalars(sa.select(Subscriber.address_sealed)).all() == [None]
