"""Alembic over both databases: one revision holds an upgrade for each, so that there is one head."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context
from flask import current_app

from tracker.db import KEYS, Choice, UtcDateTime, db


def render_item(kind: str, item: object, _autogen_context: object) -> str | bool:
    """Our own types as the plain ones they are in the database, so that a migration outlives our code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Choice):
        return "sa.String(length=32)"
    return False


def run(name: str, connection: sa.Connection) -> None:
    """Run this database's part of each revision."""
    context.configure(
        connection=connection,
        target_metadata=db.metadatas[None if name == "main" else name],
        upgrade_token=f"{name}_upgrades",
        downgrade_token=f"{name}_downgrades",
        render_item=render_item,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        transaction_per_migration=True,
        process_revision_directives=_refuse_empty,
    )
    with context.begin_transaction():
        context.run_migrations(engine_name=name)


def _refuse_empty(_context: object, _revision: object, directives: list) -> None:  # type: ignore[type-arg]
    script = directives[0]
    if (
        getattr(context.config.cmd_opts, "autogenerate", False)
        and all(ops.is_empty() for ops in script.upgrade_ops_list)
        and len(script.upgrade_ops_list) > 1
    ):
        directives[:] = []


def run_all() -> None:
    """Main last: a main database without its keys would be of no use. `-x only=keys` brings one alone."""
    app_engines = {"main": db.engines[None], "keys": db.engines[KEYS]}
    only = context.get_x_argument(as_dictionary=True).get("only")
    for name in [only] if only else ["keys", "main"]:
        with app_engines[name].connect() as connection:
            run(name, connection)
            connection.commit()


assert current_app, "Migrations run inside the application; use `tracker migrate`."
run_all()
