"""Signs of life: worker and beat write a row each half minute, so that `tracker doctor` can tell."""

from __future__ import annotations

import logging
import threading
from typing import Any

import sqlalchemy as sa
from celery import signals
from celery.beat import PersistentScheduler
from flask import Flask

from tracker import clock
from tracker.db import db, transaction
from tracker.instance import beat

logger = logging.getLogger("tracker.heart")


class Heart:
    """Writes one part's row; a database that is away is noted and tried again at the next beat."""

    def __init__(self, app: Flask, part: str) -> None:
        self._app = app
        self._part = part
        self._started_at = clock.now()
        self._every = app.extensions["config"].durations.heartbeat_every
        self._last = self._started_at - self._every
        self._ended = threading.Event()

    def beat(self) -> None:
        """Write the row if it is time."""
        now = clock.now()
        if now - self._last < self._every:
            return
        self._last = now
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


def in_worker(app: Flask) -> None:
    """Let the worker's main process beat, and give each of its children connections of its own."""
    heart = Heart(app, "worker")

    def born(**_: Any) -> None:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose(close=False)  # they belong to the parent

    signals.worker_ready.connect(lambda **_: heart.start(), weak=False)
    signals.worker_shutting_down.connect(lambda **_: heart.end(), weak=False)
    signals.worker_process_init.connect(born, weak=False)


def scheduler(app: Flask) -> type[PersistentScheduler]:
    """Celery's scheduler that beats with each round it makes, so that a stuck beat is noticed too."""
    heart = Heart(app, "beat")

    class Beating(PersistentScheduler):
        def tick(self, *args: Any, **options: Any) -> float:
            heart.beat()
            return super().tick(*args, **options)

    return Beating
