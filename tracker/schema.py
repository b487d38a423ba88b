"""Which schema this program needs, and which the databases have."""

from __future__ import annotations

import functools
from pathlib import Path

import sqlalchemy as sa
from flask import current_app

from tracker.db import db

NEVER = "none"
VERSION = sa.text("SELECT version_num FROM alembic_version")


@functools.cache
def scripts(folder: str) -> tuple[str, frozenset[str]]:
    """The head and all revisions, by the names of the files (NNNN_words.py; a house test keeps Alembic of one mind)."""
    revisions = sorted(path.name[:4] for path in Path(folder, "versions").glob("[0-9]*.py"))
    return revisions[-1], frozenset(revisions)


def folder() -> str:
    """Where the migrations lie."""
    return str(current_app.config["MIGRATIONS"])


def wanted() -> str:
    """The schema revision that this program needs."""
    return scripts(folder())[0]


def known() -> frozenset[str]:
    """All schema revisions that this program has heard of."""
    return scripts(folder())[1]


def found() -> dict[str, str]:
    """The schema revision of each database, "none" for an empty one. Raises DBAPIError when one cannot be reached."""
    revisions = {}
    for name, engine in db.engines.items():
        with engine.connect() as connection:
            has_version = sa.inspect(connection).has_table("alembic_version")
            revision = connection.scalar(VERSION) if has_version else None
        revisions[name or "main"] = revision or NEVER
    return revisions
