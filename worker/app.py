"""The Celery app: reliability.md, section (b), word for word. The database is the queue; Celery only wakes us up."""

from __future__ import annotations

from typing import Any

from celery import Celery, Task
from flask import Flask

from tracker.config import Config
from tracker.jobs import BROKER_OPTIONS, QUEUE

# Longer than the wait for a server's last word (600 s), shorter than the lease of a mail in transmit (900 s), which is
# shorter than the visibility time-out (1800 s): nothing is given to a second worker while a first may be at it.
SOFT_TIME_LIMIT = 780
TIME_LIMIT = 840


def settings(config: Config) -> dict[str, Any]:
    """Celery's settings for worker and beat."""
    return {
        "broker_url": config.broker_url,
        "broker_transport_options": BROKER_OPTIONS,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_connection_timeout": 4,
        "task_serializer": "json",
        "result_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "result_backend": None,
        "task_default_queue": QUEUE,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_soft_time_limit": SOFT_TIME_LIMIT,
        "task_time_limit": TIME_LIMIT,
        "worker_prefetch_multiplier": 1,
        "worker_max_tasks_per_child": 1000,
        "worker_enable_remote_control": True,
        "worker_send_task_events": False,
        "worker_soft_shutdown_timeout": 30.0,
        "worker_enable_soft_shutdown_on_idle": True,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "timezone": "UTC",
        "enable_utc": True,
        "beat_max_loop_interval": 30,
        "beat_cron_starting_deadline": None,
        "beat_schedule_filename": str(config.instance / "beat-schedule"),
    }


def make_celery(app: Flask) -> Celery:
    """A Celery app whose tasks run inside ``app``'s context, one database session each."""

    class InAppContext(Task):
        """Tasks are declared with ``celery.shared_task`` in worker/tasks.py; arguments are ids, never words."""

        def __call__(self, *args: object, **options: object) -> object:
            with app.app_context():
                return self.run(*args, **options)

    celery = Celery("tracker", task_cls=InAppContext, set_as_current=True)
    celery.conf.update(settings(app.extensions["config"]))
    celery.set_default()
    celery.finalize()
    return celery
