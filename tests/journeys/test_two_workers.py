"""The whole job as it runs in earnest: a database, Valkey, a mail server, two workers and a beat, each a process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.conftest import MakeApp
from tests.digests.conftest import Still
from tests.digests.world import World, text_of
from tests.support.databases import Database
from tests.support.processes import start, stop, wait_until
from tests.support.smtp import SmtpSink
from tests.support.valkey import Valkey
from tracker import clock
from tracker.db import db, transaction
from tracker.digests.models import Digest, DigestState, Frequency, Subscriber, Subscription
from tracker.instance import Heartbeat
from tracker.jobs import SWEEP, nudge

pytestmark = [pytest.mark.each_database, pytest.mark.timeout(300)]
ROOT = Path(__file__).parent.parent.parent
READERS = 24
DAY = timedelta(days=1)


@pytest.fixture
def app(make_app: MakeApp, valkey: Valkey, smtp_sink: SmtpSink) -> Flask:
    return make_app(REDIS_URL=valkey.url, MAIL_URL=smtp_sink.url, MAIL_ALLOW="*")


@pytest.fixture
def processes(
    app: Flask, valkey: Valkey, smtp_sink: SmtpSink, database: Database, instance: Path
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two `tracker worker` and one `tracker beat` of this test's instance."""
    environ = {
        **os.environ,
        **database.environ,
        "TRACKER_INSTANCE": str(instance),
        "REDIS_URL": valkey.url,
        "MAIL_URL": smtp_sink.url,
        "MAIL_ALLOW": "*",
        "PYTHONPATH": str(ROOT),
    }
    started = [
        start([sys.executable, "-m", "tracker.cli", part], log=instance / f"{part}{number}.log", env=environ, cwd=ROOT)
        for number, part in enumerate(["worker", "worker", "beat"])
    ]
    yield started
    for process in started:
        process.terminate()
    for process in started:
        stop(process, seconds=30)
    for number, part in enumerate(["worker", "worker", "beat"]):
        print((instance / f"{part}{number}.log").read_text()[-3000:])


def alive(app: Flask) -> bool:
    with app.app_context():
        found = set(db.session.scalars(sa.select(Heartbeat.part)))
        return {"worker", "beat"} <= found


def fall_due(app: Flask, frequency: Frequency) -> None:
    """Let everybody's digest of this frequency have fallen due at the last eight o'clock."""
    with app.app_context(), transaction():
        now = clock.now()
        eight = now.replace(hour=8, minute=0, second=0, microsecond=0)
        eight -= DAY if eight > now else timedelta()
        began = eight - timedelta(hours=1)
        db.session.execute(
            sa.update(Subscriber).values(
                frequency=frequency, weekday=eight.isoweekday(), scheduled_from=began, next_due_at=eight
            )
        )
        db.session.execute(sa.update(Subscription).values(began_at=eight - 3 * DAY))


def test_each_digest_arrives_once(
    app: Flask, processes: list[subprocess.Popen[bytes]], valkey: Valkey, smtp_sink: SmtpSink
) -> None:
    """Nudged many times over, two workers send each reader one mail; with the broker killed and back, the next digest
    is late by a minute at most, and nothing comes twice."""
    with app.app_context():
        world = World(app, Still())  # type: ignore[arg-type]
        campaign = world.campaign(created_at=clock.now() - 9 * DAY)
        for _ in range(READERS):
            world.follow(world.account(), campaign)
        wait_until(lambda: alive(app), "worker and beat to give signs of life", seconds=60)
        world.entry(campaign, "First news", now=clock.now() - 2 * DAY)

    def everybody_has(count: int) -> bool:
        return sorted(arrived(smtp_sink).values()) == [count] * READERS

    fall_due(app, Frequency.DAILY)
    with app.app_context():
        for _ in range(10):
            nudge(SWEEP)
            time.sleep(0.1)  # ten messages, not one
    wait_until(lambda: everybody_has(1), "one mail for each", seconds=90)
    wait_until(lambda: all_are(app, DigestState.SENT), "every digest to be settled")

    valkey.kill()
    with app.app_context():
        world.entry(campaign, "Second news", now=clock.now() - 2 * DAY)
        fall_due(app, Frequency.WEEKLY)
        nudge(SWEEP)  # lost, and nobody waits for it
    time.sleep(3)
    assert everybody_has(1)
    valkey.start()
    began = time.monotonic()
    wait_until(lambda: everybody_has(2), "the second mail, by the sweep alone", seconds=120)
    print(f"the digest came {time.monotonic() - began:.0f} s after the broker was back")
    time.sleep(3)
    assert everybody_has(2), "nothing comes twice"
    assert len({mail.message["Message-ID"] for mail in smtp_sink.received}) == 2 * READERS
    texts = [text_of(mail.message) for mail in smtp_sink.received]
    assert sum("First news" in text for text in texts) == READERS
    assert sum("Second news" in text for text in texts) == READERS


def arrived(sink: SmtpSink) -> Counter[str]:
    return Counter(mail.recipients[0] for mail in list(sink.received))


def all_are(app: Flask, state: DigestState) -> bool:
    with app.app_context():
        return set(db.session.scalars(sa.select(Digest.state))) == {state}
