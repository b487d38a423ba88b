"""Both databases as a backup has them, each in the schema it had, whatever half-finished state they are in.

Unlike `tracker restore` this undoes something of the same minute on the same instance: nothing was sent meanwhile, so
sending goes on; nobody's key was destroyed meanwhile, so the store of keys is replaced and not merged.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import sqlalchemy as sa

from tracker.db import KEYS, db
from tracker.operations import archive, migrate, restore


def put_back(path: Path, keys_path: Path) -> None:
    """Empty both databases and load them. Raises Refusal or ArchiveError; both files are checked before anything."""
    main, keys = archive.read_manifest(path, "main"), archive.read_manifest(keys_path, "keys")
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()
        _empty(engine)
    # Each into its own schema: an upgrade that a crash cut short may have brought forward the keys alone.
    for manifest in (keys, main):
        if manifest.schema != migrate.NEVER:
            migrate.alembic().upgrade(revision=manifest.schema, x_arg=[f"only={manifest.kind}"])
    for bind, file, manifest in ((KEYS, keys_path, keys), (None, path, main)):
        with restore.loading(db.engines[bind]) as connection:
            restore.load(connection, file, manifest)
    for engine in db.engines.values():
        engine.dispose()  # no connection may remember the other schema


def _empty(engine: sa.Engine) -> None:
    if engine.dialect.name == "sqlite":
        with sqlite3.connect(":memory:") as nothing, sqlite3.connect(str(engine.url.database), timeout=15) as file:
            nothing.backup(file)
        nothing.close()
        file.close()
        return
    with engine.begin() as connection:
        quote = connection.dialect.identifier_preparer.quote
        inspector = sa.inspect(connection)
        for kind, names in (("VIEW", inspector.get_view_names()), ("TABLE", inspector.get_table_names())):
            for name in names:
                connection.execute(sa.text(f"DROP {kind} IF EXISTS {quote(name)} CASCADE"))
        for kind, found in (("ROUTINE", _ROUTINES), ("TYPE", _TYPES)):
            for name in connection.scalars(sa.text(found)).all():
                connection.execute(sa.text(f"DROP {kind} {name} CASCADE"))


# What migrations may have made beside tables; not what belongs to an extension.
_ROUTINES = """
    SELECT o.oid::regprocedure::text FROM pg_proc o WHERE o.pronamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e')
"""
_TYPES = """
    SELECT o.oid::regtype::text FROM pg_type o WHERE o.typnamespace = current_schema()::regnamespace
    AND o.typtype IN ('e', 'd') AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e')
"""
