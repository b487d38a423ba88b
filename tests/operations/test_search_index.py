"""The index of searching, for whoever runs the tracker: the doctor tells when it is untrue, `reindex` mends it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from tests.support.databases import Database
from tests.support.happenings import Team
from tracker import clock
from tracker.campaigns.models import Demand
from tracker.db import db, transaction
from tracker.instance import remember
from tracker.operations import findings
from tracker.operations.reindex import command
from tracker.search.models import SearchDocument
from tracker.search.rebuilding import KEPT_AS, VERSION

pytestmark = pytest.mark.each_database


def said(team: Team) -> str:
    """The doctor's one line about searching."""
    with team.look():
        (finding,) = findings.searching()
        assert finding.about == "search"
        return f"{finding.level} {finding.words}"


def test_the_doctor_and_reindex(
    team: Team, database: Database, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that were changed, added or removed behind the program's back are counted, and are true after a reindex; so
    is an index that another version made."""
    for name, value in {"TRACKER_INSTANCE": str(instance), **database.environ}.items():
        monkeypatch.setenv(name, value)

    def reindex() -> str:
        done = CliRunner().invoke(command)
        assert done.exit_code == 0, done.output
        return done.output.strip()

    reindex()
    assert "the index tells what is recorded" in said(team)
    assert reindex() == "The index was true."
    with team.app.app_context(), transaction():
        db.session.execute(sa.update(Demand).where(Demand.position == 1).values(words="Count the quokkas"))
        db.session.execute(sa.delete(SearchDocument).where(SearchDocument.record_type == "company"))
    assert "does not tell the truth of 2 records; run `tracker reindex`" in said(team)
    assert reindex() == "2 records are found anew."
    assert "the index tells what is recorded" in said(team)
    with team.app.app_context(), transaction():
        remember(KEPT_AS, f"not {VERSION}", now=clock.now())
    assert "made by another version; run `tracker reindex`" in said(team)
    reindex()
    assert "the index tells what is recorded" in said(team)
