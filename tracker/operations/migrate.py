"""`tracker migrate`: bring both databases to this version's schema; and saying so when they are of another."""

from __future__ import annotations

import functools
from pathlib import Path

import click
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from tracker.db import db
from tracker.operations.edge import Refusal, configuration

NEWER = (
    "This database was written by a newer Undersigned (schema {found}; this program knows {known}). "
    "Install that version or a later one, or restore a backup made by this one."
)
OLDER = "This database is of an older version (schema {found}, needed {known}). Run `tracker migrate` first."
UNREACHABLE = "The database cannot be used: {reason}. Look at DATABASE_URL and KEY_DATABASE_URL, and at the server."
NEVER = "none"


@functools.cache
def _scripts(folder: str) -> tuple[str, frozenset[str]]:
    scripts = ScriptDirectory(folder)
    return scripts.get_current_head() or NEVER, frozenset(step.revision for step in scripts.walk_revisions())


def _folder() -> str:
    return str(current_app.config["MIGRATIONS"])


def wanted() -> str:
    """The schema revision that this program needs."""
    return _scripts(_folder())[0]


def found() -> dict[str, str]:
    """The schema revision of each database, "none" for an empty one. Raises Refusal when one cannot be reached."""
    revisions = {}
    for name, engine in db.engines.items():
        try:
            with engine.connect() as connection:
                heads = MigrationContext.configure(connection).get_current_heads()
        except sa.exc.DBAPIError as error:
            raise Refusal(UNREACHABLE.format(reason=reason(error))) from None
        revisions[name or "main"] = heads[0] if heads else NEVER
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
    head, known = _scripts(_folder())
    for revision in found().values():
        if revision not in known and revision != NEVER:
            raise Refusal(NEWER.format(found=revision, known=head))


def upgrade() -> None:
    """Bring both databases to the newest schema. Raises Refusal when they are newer than this program."""
    import flask_migrate

    refuse_newer_schema()
    if set(found().values()) != {wanted()}:
        flask_migrate.upgrade()


@click.command("migrate")
@click.option("--new", "words", metavar="WORDS", help="For developers: write a new migration from the models instead.")
def command(words: str | None) -> None:
    """Bring the databases to this version's schema."""
    from tracker.app import create_app

    app = create_app(configuration())
    with app.app_context():
        if words is None:
            upgrade()
            click.echo(f"The databases have schema {wanted()}.")
        else:
            import flask_migrate

            number = max((int(path.name[:4]) for path in Path(_folder(), "versions").glob("[0-9]*.py")), default=0)
            flask_migrate.revision(message=words, autogenerate=True, rev_id=f"{number + 1:04}")
