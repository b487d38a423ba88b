"""What a restored instance does with last night's digests: nothing, until somebody says what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from tests.digests.world import MONDAY, World
from tests.operations.filled import DATA_KEY
from tests.support.mails import begins_to_leave
from tracker import clock
from tracker.db import db, transaction
from tracker.digests import resending, running, service
from tracker.digests.models import Digest, DigestItem, DigestState
from tracker.digests.sending import follow_mails
from tracker.digests.service import DigestError
from tracker.instance import SENDING_PAUSED, setting
from tracker.mail import claims, repairing
from tracker.mail.models import Email, EmailState
from tracker.operations import backup, keys, restore


@pytest.fixture
def environ() -> dict[str, str]:
    return {"DATA_KEY": DATA_KEY}


def with_news(world: World) -> int:
    """The campaign of which a reader will be told at eight."""
    with transaction():
        keys.refuse_wrong(now=clock.now())
    campaign, reader = world.campaign(), world.account("reader@example.org")
    world.follow(reader, campaign)
    world.at("2026-11-23 07:00")
    world.entry(campaign)
    return campaign


def claimed() -> None:
    with transaction():
        assert len(claims.claim(now=clock.now())) == 1


def transmit() -> None:
    with transaction():
        (email,) = claims.claim(now=clock.now())
        assert begins_to_leave(email.id, email.token, now=clock.now())


def unknown() -> None:
    transmit()
    with transaction():
        email = db.session.scalars(sa.select(Email)).one()
        claims.settle_unknown(email.id, email.token or "", now=clock.now())
        follow_mails(clock.now())


def marked() -> None:
    unknown()
    clock_at = clock.now() + dt.timedelta(minutes=31)
    with time_machine.travel(clock_at, tick=False), transaction():
        repairing.free_lost_claims(now=clock_at)
        assert db.session.scalars(sa.select(Email.ambiguous)).one()


@pytest.mark.each_database
@pytest.mark.parametrize("how_far", [claimed, transmit, unknown, marked])
def test_a_copy_taken_while_they_were_being_sent(app: Flask, tmp_path: Path, how_far: Callable[[], None]) -> None:
    """Resumed without what waits, none leaves, however far its sending was; while a lease lasts nobody says so."""
    file = tmp_path / "b.backup"
    with app.app_context(), time_machine.travel(MONDAY, tick=False) as traveller:
        world = World(app, traveller)
        with_news(world)
        running.sweep(world.at("2026-11-23 08:01"))
        how_far()
        backup.make(file, now=clock.now())
        db.session.remove()
        restore.restore(file, replace=True, without_keys=False)
        if how_far in (claimed, transmit):
            with pytest.raises(DigestError, match="at this moment"), transaction():
                resending.resume_without_waiting(now=clock.now())
        world.at("2026-11-23 09:00")
        with transaction():
            assert resending.waiting_count() == resending.resume_without_waiting(now=clock.now()) == 1
        for hour in (9, 12):
            assert running.run(world.at(f"2026-11-23 {hour:02}:30"))["sent"] == 0
        assert world.mails() == [] and world.states()[0].startswith("skipped")


@pytest.mark.each_database
@pytest.mark.parametrize("without", [True, False], ids=["left out", "sent again"])
def test_last_nights_digests_wait_for_a_word(app: Flask, tmp_path: Path, without: bool) -> None:
    """Backed up before a digest went out and restored after it: composed again, it waits; resuming sends it a second
    time, or leaves it out, and then no later digest tells what it told."""
    file = tmp_path / "b.backup"
    with app.app_context(), time_machine.travel(MONDAY, tick=False) as traveller:
        world = World(app, traveller)
        campaign = with_news(world)
        backup.make(file, now=clock.now())
        assert world.run("2026-11-23 08:01")["sent"] == 1
        first = db.session.scalars(sa.select(Email.message_id)).one()

        world.at("2026-11-23 09:00")
        db.session.remove()  # a reader's transaction would keep PostgreSQL from changing the tables
        restore.restore(file, replace=True, without_keys=False)
        assert "Restored from a backup" in (setting(SENDING_PAUSED) or "")
        if without:
            with pytest.raises(DigestError, match="still being composed"), transaction():
                resending.resume_without_waiting(now=clock.now())
        assert running.run(clock.now())["sent"] == 0, "unasked, nothing leaves"
        assert world.states() == ["ready"]
        with transaction():
            if without:
                assert resending.resume_without_waiting(now=clock.now()) == 1
            else:
                service.resume_sending(now=clock.now())
        assert running.run(clock.now())["sent"] == (0 if without else 1)
        digest = db.session.scalars(sa.select(Digest)).one()
        assert digest.state is (DigestState.SKIPPED if without else DigestState.SENT)
        email = db.session.scalars(sa.select(Email)).one()
        assert email.message_id != first
        assert email.state is (EmailState.CANCELLED if without else EmailState.SENT)
        assert len(db.session.scalars(sa.select(DigestItem)).all()) == 1
        world.at("2026-11-23 12:00")
        world.entry(campaign, "Amazon answers after all")
        assert world.run(MONDAY + dt.timedelta(days=1, hours=3))["sent"] == 1
        assert "Amazon refuses to answer" not in world.texts()[-1]
        assert "Amazon answers after all" in world.texts()[-1]
