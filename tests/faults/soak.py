"""`make soak SEED=n MINUTES=m`: the storm again and again, on both databases in turn, and a table of what became of it.

Ends with status 1 when a mail was lost, came twice without its mark, or more than twice.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from tests.faults.conftest import environ_of
from tests.faults.sink import FaultSink
from tests.faults.storm import Outcome, storm
from tests.faults.world import Zygote
from tests.faults.zygote import QUICK
from tests.support.databases import Database, PostgresqlTemplate, SqliteTemplate
from tests.support.postgresql import PostgreSQL
from tracker.app import create_app
from tracker.config import Config
from tracker.db import db

PATIENCE = 3600  # seconds: in the background of a busy machine, slow is not lost
COLUMNS = ("database", "seed", "rows", "kills", "lost", "unmarked", "most_copies", "marked")
TITLES = ("database", "seed", "rows", "kills", "lost", "second copies unmarked", "copies at most", "marked")


def once(database: Database, instance: Path, seed: int) -> Outcome:
    """One storm on a fresh database."""
    sink = FaultSink()
    environ = environ_of(database, instance, sink)
    app = create_app(replace(Config.from_environ(environ), testing=True, durations=QUICK))
    zygote = Zygote({**environ, "MAIL_CONNECTIONS": "3"}, instance / "zygote.log")
    try:
        return storm(app, zygote, sink, seed=seed, patience=PATIENCE)
    finally:
        zygote.close()
        sink.close()
        with app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


def main() -> None:
    """Run until the minutes are over; every storm that began is finished."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args()
    end = time.monotonic() + options.minutes * 60
    print(f"| {' | '.join(TITLES)} |\n|{'---|' * len(TITLES)}", flush=True)
    bad = 0
    server = PostgreSQL(vacuums=True)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        sqlite = SqliteTemplate(place / "template-sqlite")
        postgresql = PostgresqlTemplate(server, place / "template-postgresql")
        for number in itertools.count():
            instance = place / str(number)
            instance.mkdir(mode=0o700)
            fresh: AbstractContextManager[Database] = (
                postgresql.clone() if number % 2 else nullcontext(sqlite.copy(instance))
            )
            with fresh as database:
                outcome = once(database, instance, options.seed + number // 2)
            print(f"| {' | '.join(str(getattr(outcome, name)) for name in COLUMNS)} |", flush=True)
            for problem in outcome.problems:
                print(f"  {problem}", flush=True)
            bad += bool(outcome.problems)
            if time.monotonic() > end and number % 2:
                break
    server.close()
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
