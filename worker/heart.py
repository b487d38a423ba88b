"""Signs of life: worker and beat write a row each half minute, so that `tracker doctor` can tell."""

from __future__ import annotations

import logging
import multiprocessing
import threading
import time
from typing import Any

import sqlalchemy as sa
from celery import signals
from celery.beat import PersistentScheduler
from flask import Flask

from tracker import clock
from tracker.db import db, transaction
from tracker.instance import beat
from tracker.mail.last_words import LAST_WORDS_SECONDS, wait_for_the_late

logger = logging.getLogger("tracker.heart")


class Heart:
    """Writes one part's row; a database that is away is noted and tried again at the next beat."""

    def __init__(self, app: Flask, part: str) -> None:
        self._app = app
        self._part = part
        self._started_at = clock.now()
        self._every = app.extensions["config"].durations.heartbeat_every
        self._last = -self._every.total_seconds()  # not by the wall clock, which may be set back
        self._ended = threading.Event()

    def beat(self) -> None:
        """Write the row if it is time."""
        at = time.monotonic()
        if at - self._last < self._every.total_seconds():
            return
        self._last, now = at, clock.now()
        try:
            with self._app.app_context(), transaction():
                beat(self._part, now=now, started_at=self._started_at)
        except sa.exc.SQLAlchemyError as error:
            logger.warning("No heartbeat of %s: %s", self._part, type(error).__name__)

    def run(self) -> None:
        """Beat in a thread of its own until the process ends."""
        while not self._ended.wait(1):
            self.beat()

    def start(self) -> None:
        """Begin to beat in the background."""
        self.beat()
        threading.Thread(target=self.run, name="heart", daemon=True).start()

    def end(self) -> None:
        """Stop beating."""
        self._ended.set()


# Set in the main process when it is told to end; its children, forked later, see it too.
_ending = multiprocessing.Event()


def is_ending() -> bool:
    """Whether this worker was told to end: begin nothing more, hand back what was not begun."""
    return _ending.is_set()


def in_worker(app: Flask) -> None:
    """Let the worker's main process beat, give each child connections of its own, and let all of them know the end."""
    heart = Heart(app, "worker")

    def born(**_: Any) -> None:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose(close=False)  # they belong to the parent

    signals.worker_ready.connect(lambda **_: heart.start(), weak=False)

    def ending(**_: Any) -> None:
        heart.end()
        _ending.set()

    signals.worker_shutting_down.connect(ending, weak=False)
    signals.worker_process_shutdown.connect(lambda **_: wait_for_the_late(LAST_WORDS_SECONDS), weak=False)
    signals.worker_process_init.connect(born, weak=False)


def scheduler(app: Flask) -> type[PersistentScheduler]:
    """Celery's scheduler that beats with each round it makes, so that a stuck beat is noticed too, and that waits for
    nothing when the clock is set back: what it says to have done in the future it did now."""
    heart = Heart(app, "beat")

    class Beating(PersistentScheduler):
        def tick(self, *args: Any, **options: Any) -> float:
            heart.beat()
            self._mind_the_clock()
            return super().tick(*args, **options)

        def _mind_the_clock(self) -> None:
            for entry in self.schedule.values():
                now = entry.schedule.maybe_make_aware(entry.default_now())
                if entry.last_run_at and entry.schedule.maybe_make_aware(entry.last_run_at) > now:
                    entry.last_run_at = now
                    self._heap = None  # put together anew, with the moments of the present clock

    return Beating
