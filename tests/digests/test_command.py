"""`tracker digest` without a worker."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from tests.conftest import MakeApp
from tests.digests.conftest import Still
from tests.digests.world import World
from tests.support.databases import Database
from tracker.cli import main
from tracker.db import db
from tracker.digests.models import DigestItem


@pytest.fixture
def tracker(database: Database, instance: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line, pointed at this test's instance."""
    monkeypatch.setenv("TRACKER_INSTANCE", str(instance))
    for name, value in database.environ.items():
        monkeypatch.setenv(name, value)
    return CliRunner()


def test_run_and_preview(tracker: CliRunner, make_app: MakeApp) -> None:
    """The moment decides which periods are due; a preview consumes nothing; a second run has nothing to do."""
    app = make_app()
    with app.app_context():
        world = World(app, Still())  # type: ignore[arg-type]
        reader = world.account("reader@example.org")
        campaign = world.campaign()
        world.follow(reader, campaign)
        world.entry(campaign)

    def run(*words: str) -> str:
        result = tracker.invoke(main, ["digest", *words])
        assert result.exit_code == 0, result.output
        return result.output

    assert run("run") == "Nothing was due.\n"
    shown = run("preview", "Reader@example.org")
    assert shown.startswith("Subject: Amazon refuses to answer\n\nWhat changed")
    with app.app_context():
        assert db.session.scalars(sa.select(DigestItem)).all() == []
    assert run("run", "--now", "2099-01-01T08:00:00+01:00") == (
        "subscribers due: 1, composed: 1, merged into the next: 6, sent: 1\n"
    )
    with app.app_context():
        assert len(world.mails()) == 1
    assert run("run", "--now", "2099-01-01T08:00:00+01:00") == "Nothing was due.\n"
    assert run("preview", "reader@example.org") == "Nothing to say: no digest would be sent.\n"


def test_refusals_in_words(tracker: CliRunner, make_app: MakeApp) -> None:
    """What cannot be done is said in a sentence, with a status."""
    app = make_app()
    for words, said in (
        (["preview", "nobody@example.org"], "There is no account"),
        (["run", "--now", "yesterday"], "is no moment"),
    ):
        result = tracker.invoke(main, ["digest", *words])
        assert result.exit_code != 0
        assert said in result.output
    with app.app_context():
        World(app, Still()).account("a@example.org")  # type: ignore[arg-type]
    result = tracker.invoke(main, ["digest", "preview", "a@example.org"])
    assert "follows nothing" in result.output
