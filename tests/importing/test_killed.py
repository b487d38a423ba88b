"""A worker that is really killed in the middle of a list, and the one that goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.data.files import WRITERS
from tests.data.people import people
from tests.importing.lists import brought, counted
from tests.signatures.conftest import account, campaign
from tests.support.databases import Database
from tests.support.processes import wait_until
from tracker import clock
from tracker.db import db, transaction
from tracker.importing import running, service
from tracker.importing.models import Import, ImportState

SOME = 1_500
WORKER = """
from tracker.app import create_app
from tracker.config import from_process
from tracker.importing import running
running.ROWS = 10
with create_app(from_process()).app_context():
    running.work()
"""


@pytest.mark.each_database
def test_a_worker_killed_in_the_middle_doubles_and_loses_nobody(app: Flask, database: Database) -> None:
    """SIGKILL while it saves: what is counted as done is saved, and whoever goes on saves the rest, each once."""
    with app.app_context():
        with transaction():
            letter, organiser = campaign(), account("organiser")
        row = brought(letter, organiser, WRITERS["csv"](people(SOME)))
        with transaction():
            service.start(row, now=clock.now())
        environ = {**os.environ, **database.environ, "TRACKER_INSTANCE": str(app.extensions["config"].instance)}
        worker = subprocess.Popen([sys.executable, "-c", WORKER], env=environ)
        key = row.id

        def done() -> int:
            db.session.rollback()
            return db.session.scalar(sa.select(Import.done).where(Import.id == key)) or 0

        wait_until(lambda: done() > 0, "the worker to save somebody", seconds=60)
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
        db.session.rollback()
        row = db.session.get_one(Import, key, populate_existing=True)
        assert row.state is ImportState.RUNNING, "it was done before it was killed"
        assert counted() == (row.done,) * 3
        with transaction():  # its lease runs out
            row.leased_until = clock.now() - timedelta(seconds=1)
        running.work()
        db.session.refresh(row)
        assert (row.state, row.done, row.new) == (ImportState.DONE, SOME, SOME)
        assert counted() == (SOME,) * 3
