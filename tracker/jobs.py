"""The names of the background jobs, and nudge(): ask a worker to look now, after the commit.

What must happen later is a row first; a nudge only makes it quick. Losing one loses nothing: a sweep comes each minute.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from flask import current_app

if TYPE_CHECKING:
    from celery import Celery

    from tracker.config import Config

SWEEP = "digests.sweep"
SEND_MAIL = "mail.send_due"
REMIND = "campaigns.remind_owners"
FORGET_FORMS = "web.forget_saved_forms"
BACK_UP = "operations.back_up"
EMPTY_BIN = "bin.empty"
FORGET_ADDRESSES = "digests.forget_addresses"
FORGET_WORK_CODES = "work_addresses.forget_codes"
FOLD_TALLIES = "signatures.fold_tallies"
IMPORT = "importing.work"
WORK_SWEEPS = "sweeps.work"
SEND_UPDATES = "deliveries.send_updates"
FORGET_PEOPLE = "retention.forget_people"
COUNT_GROUPS = "breakdowns.count_groups"
RECONCILE = "signatures.reconcile_counts"
ASK_AGAIN = "signatures.ask_again"
LOOK_FOR_SAME = "signatures.look_for_same"

QUEUE = "tracker"
# A nudge that nobody took for so long is not worth taking: the sweep has been there since.
EXPIRES_SECONDS = 300
# Between two messages: on a busy site many nudges are one, and publishing does not take the time of those who sign.
BREATH_SECONDS = 0.1

# How Celery uses Redis in worker and beat (reliability.md, (b)). The two "unacked" settings make a killed worker's task
# come back after the visibility time-out and not minutes later.
BROKER_OPTIONS: dict[str, Any] = {
    "visibility_timeout": 1800,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 15,
    "socket_keepalive": True,
    "health_check_interval": 25,
    "global_keyprefix": "tracker:",
}
# The same where nobody should wait: give up after one more try.
NUDGE_OPTIONS: dict[str, Any] = BROKER_OPTIONS | {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
}

logger = logging.getLogger("tracker.jobs")


def nudge(job: str) -> None:
    """Ask a worker to look now. Never waits, never fails; call it after the commit."""
    nudger: Nudger = current_app.extensions.setdefault("nudger", Nudger(current_app.extensions["config"]))
    nudger.nudge(job)


class Nudger:
    """Publishes in a thread that lives as long as there is something to publish, since a broker that answers nothing
    costs a second; the same job asked for twice meanwhile is one message. ``lost`` counts what could not be said."""

    def __init__(self, config: Config) -> None:
        self.lost = 0
        self._config = config
        self._celery: Celery | None = None
        self._wanted: set[str] = set()
        self._lock = threading.Lock()
        self._busy = False
        self._thread: threading.Thread | None = None
        self._complained = float("-inf")

    def nudge(self, job: str) -> None:
        """Note the job, and see that somebody publishes it."""
        with self._lock:
            self._wanted.add(job)
            if self._busy:
                return
            self._busy = True
        if self._thread is None:
            atexit.register(self._finish)
        self._thread = threading.Thread(target=self._publish_all, name="nudge", daemon=True)
        self._thread.start()

    def _finish(self) -> None:
        """A command that ends right after its nudge gives it a moment."""
        if self._thread is not None:
            self._thread.join(1)

    def _publish_all(self) -> None:
        while True:
            with self._lock:
                if not self._wanted:
                    self._busy = False
                    return
                job = self._wanted.pop()
            try:
                self._publish(job)
            except Exception as error:  # whatever the broker does, nobody waits for a nudge
                self._complain(error)
            time.sleep(BREATH_SECONDS)

    def _publish(self, job: str) -> None:
        from celery import Celery

        if self._celery is None:
            self._celery = Celery("tracker", broker=self._config.broker_url, set_as_current=False)
            self._celery.conf.update(
                broker_transport_options=NUDGE_OPTIONS,
                task_publish_retry=False,
                task_ignore_result=True,
                task_serializer="json",
                task_default_queue=QUEUE,
            )
        self._celery.send_task(job, expires=EXPIRES_SECONDS, ignore_result=True)

    def _complain(self, error: Exception) -> None:
        self.lost += 1
        moment = time.monotonic()
        if moment - self._complained > 60:  # an hour without a broker is one line a minute
            self._complained = moment
            logger.warning("%d nudges lost, the sweep will do: %s", self.lost, type(error).__name__)
