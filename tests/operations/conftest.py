"""A second instance beside the usual one, for tests of backup and restore; and commands on the usual one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from flask import Flask

from tests.operations.filled import DATA_KEY
from tests.support.databases import Database, PostgresqlTemplate, SqliteTemplate
from tracker.app import create_app
from tracker.cli import main
from tracker.config import Config
from tracker.db import db


@pytest.fixture
def run(config: Config, database: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., click.testing.Result]:
    """Run `tracker …` on the database of this test; the result."""
    for name, value in {**database.environ, "REDIS_URL": "redis://127.0.0.1:9/0"}.items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str, stdin: str = "") -> click.testing.Result:
        return CliRunner().invoke(main, ["--instance", str(config.instance), *arguments], input=stdin)

    return call


@pytest.fixture
def another(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """A second, empty instance; on the database named by the parameter."""
    folder = tmp_path / "another"
    clones = None
    if getattr(request, "param", "sqlite") == "sqlite":
        files: SqliteTemplate = request.getfixturevalue("sqlite_template")
        database = files.copy(folder)
    else:
        template: PostgresqlTemplate = request.getfixturevalue("postgresql_template")
        clones = template.clone()
        database = clones.__enter__()
    variables = {"TRACKER_INSTANCE": str(folder), "DATA_KEY": DATA_KEY, **database.environ}
    app = create_app(Config.from_environ(variables))
    yield app
    dispose(app)
    if clones is not None:
        clones.__exit__(None, None, None)


def dispose(app: Flask) -> None:
    """Close an app's connections."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
