"""`python -m worker work` and `python -m worker beat`: what `tracker worker` and `tracker beat` become."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from flask import Flask

from tracker.app import create_app
from tracker.config import ConfigError, from_process
from tracker.operations.edge import Refusal
from tracker.operations.migrate import refuse_other_schema
from worker.app import make_celery
from worker.heart import in_worker, scheduler


def main() -> None:
    """Start one of the two for the configured instance."""
    parser = argparse.ArgumentParser(prog="python -m worker")
    parser.add_argument("--instance", type=Path)
    parser.add_argument("--port", type=int)
    parser.add_argument("--concurrency", type=int, default=2)
    parser.add_argument("part", choices=["work", "beat"])
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        app = _app(options.instance, options.port)
    except ConfigError as error:
        sys.exit("\n".join(error.problems))
    except Refusal as refusal:
        sys.exit(refusal.message)
    if options.part == "work":
        work(app, options.concurrency)
    else:
        beat(app)


def _app(instance: Path | None, port: int | None) -> Flask:
    config = from_process(instance=instance)
    app = create_app(config.at(port=port) if port else config)
    with app.app_context():
        refuse_other_schema()
    return app


def work(app: Flask, concurrency: int) -> None:
    """Work until told to stop. Processes, not threads: only they can be ended when a task hangs."""
    celery = make_celery(app)
    in_worker(app)
    celery.worker_main(
        ["worker", "--pool", "prefork", "--concurrency", str(concurrency), "--loglevel", "WARNING"]
        + ["--without-gossip", "--without-mingle"]  # workers need not know each other; the database knows all
    )


def beat(app: Flask) -> None:
    """Nudge the workers by the clock until told to stop."""
    celery = make_celery(app)
    celery.Beat(loglevel="WARNING", scheduler_cls=scheduler(app), quiet=True).run()


if __name__ == "__main__":
    main()
