"""Campaigns to import into, from the tests of signatures, and the command line on the database of a test."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from tests.signatures.conftest import lead, letter, organiser, protected
from tests.support.databases import Database
from tracker.cli import main
from tracker.config import Config

__all__ = ["lead", "letter", "organiser", "protected"]


@pytest.fixture
def run_tracker(config: Config, database: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run `tracker …` on the database of this test; the result."""
    for name, value in {**database.environ, "REDIS_URL": "redis://127.0.0.1:9/0"}.items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--instance", str(config.instance), *arguments])

    return call
