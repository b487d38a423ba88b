"""`python -m worker work` and `python -m worker beat`: what `tracker worker` and `tracker beat` become."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from flask import Flask

from tracker import logs
from tracker.config import Config, ConfigError, from_process
from tracker.db import engine_options, init_app
from tracker.operations.edge import Refusal
from tracker.operations.migrate import refuse_other_schema
from worker.app import make_celery
from worker.heart import in_worker, scheduler
from worker.memory import keep_what_is_loaded
from worker.schedule import SCHEDULE


def main() -> None:
    """Start one of the two for the configured instance."""
    parser = argparse.ArgumentParser(prog="python -m worker")
    parser.add_argument("--instance", type=Path)
    parser.add_argument("--port", type=int)
    parser.add_argument("--concurrency", type=int, default=2)
    parser.add_argument("part", choices=["work", "beat"])
    options = parser.parse_args()
    logs.configure()
    try:
        config = from_process(instance=options.instance)
        if options.port:
            config = config.at(port=options.port)
        app = clock_app(config) if options.part == "beat" else working_app(config)
    except ConfigError as error:
        sys.exit("\n".join(error.problems))
    except Refusal as refusal:
        sys.exit(refusal.message)
    if options.part == "work":
        work(app, options.concurrency)
    else:
        beat(app)


def working_app(config: Config) -> Flask:
    """The whole application, for the tasks."""
    from tracker.app import create_app

    app = create_app(config)
    with app.app_context():
        refuse_other_schema()
    return app


def clock_app(config: Config) -> Flask:
    """Hardly any application: the beat needs the database only for its own sign of life."""
    app = Flask("beat")
    app.config["SQLALCHEMY_DATABASE_URI"] = config.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(config.database_url)
    app.extensions["config"] = config
    init_app(app)
    return app


def work(app: Flask, concurrency: int) -> None:
    """Work until told to stop. Processes, not threads: only they can be ended when a task hangs."""
    import worker.tasks  # noqa: F401 - declares the tasks, with all they need

    celery = make_celery(app)
    in_worker(app)
    keep_what_is_loaded()
    # Workers need not know each other (gossip, mingle): the database knows everything.
    options = ["--pool", "prefork", "--concurrency", str(concurrency), "--loglevel", "WARNING"]
    celery.worker_main(["worker", *options, "--without-gossip", "--without-mingle"])


def beat(app: Flask) -> None:
    """Nudge the workers by the clock until told to stop."""
    celery = make_celery(app)
    celery.conf.beat_schedule = SCHEDULE
    celery.Beat(loglevel="WARNING", scheduler_cls=scheduler(app), quiet=True).run()


if __name__ == "__main__":
    main()
