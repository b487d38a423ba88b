"""`tracker migrate`: bring both databases to this version's schema; and saying so when they are of another."""

from __future__ import annotations

from typing import Any

import click
import sqlalchemy as sa
from flask import current_app

from tracker import clock, schema
from tracker.db import db
from tracker.operations.edge import Refusal, configuration
from tracker.schema import NEVER as NEVER
from tracker.schema import VERSION as VERSION
from tracker.schema import folder as _folder
from tracker.schema import known as known
from tracker.schema import scripts as _scripts  # noqa: F401 - forgotten by tests that add a migration
from tracker.schema import wanted as wanted

NEWER = (
    "This database was written by a newer Undersigned (schema {found}; this program knows {known}). "
    "Install that version or a later one, or restore a backup made by this one."
)
OLDER = "This database is of an older version (schema {found}, needed {known}). Run `tracker upgrade` first."
UNREACHABLE = "The database cannot be used: {reason}. Look at DATABASE_URL and KEY_DATABASE_URL, and at the server."


def found() -> dict[str, str]:
    """The schema revision of each database, "none" for an empty one. Raises Refusal when one cannot be reached."""
    try:
        return schema.found()
    except sa.exc.DBAPIError as error:
        raise Refusal(UNREACHABLE.format(reason=reason(error))) from None


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
