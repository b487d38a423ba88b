"""`tracker migrate`: bring both databases to this version's schema; and saying so when they are of another."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import current_app

from tracker import clock
from tracker.db import db
from tracker.operations.edge import Refusal, configuration

NEWER = (
    "This database was written by a newer Undersigned (schema {found}; this program knows {known}). "
    "Install that version or a later one, or restore a backup made by this one."
)
OLDER = "This database is of an older version (schema {found}, needed {known}). Run `tracker migrate` first."
UNREACHABLE = "The database cannot be used: {reason}. Look at DATABASE_URL and KEY_DATABASE_URL, and at the server."
NEVER = "none"
VERSION = sa.text("SELECT version_num FROM alembic_version")


@functools.cache
def _scripts(folder: str) -> tuple[str, frozenset[str]]:
    """The head and all revisions, by the names of the files (NNNN_words.py; a house test keeps Alembic of one mind)."""
    revisions = sorted(path.name[:4] for path in Path(folder, "versions").glob("[0-9]*.py"))
    return revisions[-1], frozenset(revisions)


def _folder() -> str:
    return str(current_app.config["MIGRATIONS"])


def wanted() -> str:
    """The schema revision that this program needs."""
    return _scripts(_folder())[0]


def known() -> frozenset[str]:
    """All schema revisions that this program has heard of."""
    return _scripts(_folder())[1]


def found() -> dict[str, str]:
    """The schema revision of each database, "none" for an empty one. Raises Refusal when one cannot be reached."""
    revisions = {}
    for name, engine in db.engines.items():
        try:
            with engine.connect() as connection:
                has_version = sa.inspect(connection).has_table("alembic_version")
                revision = connection.scalar(VERSION) if has_version else None
        except sa.exc.DBAPIError as error:
            raise Refusal(UNREACHABLE.format(reason=reason(error))) from None
        revisions[name or "main"] = revision or NEVER
    return revisions


def reason(error: sa.exc.DBAPIError) -> str:
    """The driver's own words on one line, without the statement and its parameters."""
    return " ".join(str(error.orig).split()).rstrip(".")


def refuse_other_schema() -> None:
    """Raises Refusal unless both databases are of this program's schema."""
    refuse_newer_schema()
    head = wanted()
    for revision in found().values():
        if revision != head:
            raise Refusal(OLDER.format(found=revision, known=head))


def refuse_newer_schema() -> None:
    """Raises Refusal when a database has a schema that this program has never heard of."""
    for revision in found().values():
        if revision not in known() and revision != NEVER:
            raise Refusal(NEWER.format(found=revision, known=wanted()))


def alembic() -> Any:
    """Flask-Migrate for the running app. Loaded only here: it is 12 MB that web and worker can do without."""
    import flask_migrate

    flask_migrate.Migrate(current_app, db, directory=_folder())
    return flask_migrate


def upgrade() -> None:
    """Bring both databases to the newest schema. Raises Refusal when they are newer than this program."""
    refuse_newer_schema()
    if set(found().values()) != {wanted()}:
        alembic().upgrade()


@click.command("migrate")
@click.option("--new", "words", metavar="WORDS", help="For developers: write a new migration from the models instead.")
def command(words: str | None) -> None:
    """Bring the databases to this version's schema."""
    from tracker.app import create_app

    app = create_app(configuration())
    with app.app_context():
        if words is None:
            from tracker.search import rebuilding

            upgrade()
            if not rebuilding.is_current():
                rebuilding.rebuild(now=clock.now())
            click.echo(f"The databases have schema {wanted()}.")
        else:
            alembic().revision(message=words, autogenerate=True, rev_id=f"{int(wanted()) + 1:04}")
