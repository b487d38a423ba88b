"""The clock is set back two hours: signs of life go on, and the beat sends its ticks within their minute."""

import datetime as dt
from pathlib import Path

import sqlalchemy as sa
import time_machine
from celery import Celery
from flask import Flask

from tracker import clock
from tracker.db import db
from tracker.digests.watching import standing
from tracker.instance import Heartbeat
from worker.app import settings
from worker.heart import Heart, scheduler
from worker.schedule import SCHEDULE

NOW = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def test_signs_of_life_go_on(app: Flask) -> None:
    """The heart counts its own half minutes; what the row says from the future is no sign of life."""
    with app.app_context(), time_machine.travel(NOW, tick=False) as traveller:
        heart = Heart(app, "worker")
        heart.beat()
        traveller.move_to(NOW - 2 * HOUR)
        db.session.rollback()
        assert standing(clock.now()).beats["worker"] == 2 * HOUR, "silent since, by whatever clock"
        heart._last -= 30
        heart.beat()
        db.session.rollback()
        assert db.session.scalars(sa.select(Heartbeat.beaten_at)).one() == NOW - 2 * HOUR
        assert standing(clock.now()).beats["worker"] == dt.timedelta()


def test_the_beat_goes_on(app: Flask, tmp_path: Path) -> None:
    """What it did by the former clock it did now: a minute later all that comes each minute comes again."""
    sent: list[str] = []

    class Listed(scheduler(app)):  # type: ignore[misc]
        producer = None  # no broker is asked

        def apply_entry(self, entry: object, producer: object = None) -> None:
            sent.append(entry.name)  # type: ignore[attr-defined]

    celery = Celery("tracker", set_as_current=False)  # other tests call tasks without one
    celery.conf.update(settings(app.extensions["config"]))
    celery.conf.beat_schedule = SCHEDULE
    with time_machine.travel(NOW, tick=False) as traveller:
        beat = Listed(celery, schedule_filename=str(tmp_path / "schedule"))

        def tick() -> set[str]:
            sent.clear()
            while beat.tick() <= 0:
                pass
            return set(sent)

        tick()
        traveller.shift(61)
        each_minute = tick()
        assert "sweep" in each_minute
        traveller.move_to(NOW - 2 * HOUR)
        assert tick() == set()
        traveller.shift(61)
        assert tick() == each_minute
