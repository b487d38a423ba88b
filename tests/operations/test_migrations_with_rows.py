"""Migrations that fill a column do so for rows that are there."""

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support.attaching import add
from tests.support.happenings import Team
from tracker import clock
from tracker.db import db, transaction
from tracker.operations import migrate
from tracker.timeline.models import Revision
from tracker.timeline.service import record_revision

ROWS = sa.text("SELECT record_id, new_value FROM revision ORDER BY id")


@pytest.mark.each_database
def test_changes_get_a_public_name(app: Flask, team: Team) -> None:
    """Down to before changes had names and up again: every change is still there, each with a name of its own."""
    with app.app_context():
        with transaction():
            for number in range(25):
                record_revision(
                    record_type="campaign",
                    record_id=number,
                    field="title",
                    old_value=None,
                    new_value=f"Title {number}",
                    actor=None,
                    now=clock.now(),
                )
        before = db.session.execute(ROWS).all()
        db.session.remove()
        migrate.alembic().downgrade(revision="0002")
        assert db.session.execute(ROWS).all() == before
        db.session.remove()
        migrate.upgrade()
        assert db.session.execute(ROWS).all() == before
        names = db.session.scalars(sa.select(Revision.public_id)).all()
        assert len(set(names)) == len(names) == 25 and all(len(name) == 16 for name in names)


@pytest.mark.each_database
def test_files_go_and_their_entries_stay(app: Flask, team: Team) -> None:
    """Down to before there were files and up again: entries stay as they were, and take files again."""
    with team.act() as now:
        entry = team.note("They came.")
        add(team, entry, now)
        before = entry.public_id, entry.version
    with app.app_context():
        db.session.remove()
        migrate.alembic().downgrade(revision="0009")
        migrate.upgrade()
    with team.act() as now:
        entry = team.entry("They came")
        assert (entry.public_id, entry.version, entry.attachments) == (*before, [])
        add(team, entry, now)
