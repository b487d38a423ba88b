"""The access record can be added to and nothing else: the database itself refuses, whoever asks.

The guards are made whenever the table is, by a migration too, so that no migration has to remember them. One change is
let through: forgetting which account it was, when an account is erased (the foreign key sets it to NULL).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

TABLE = "access_record"
WORDS = "The access record can only be added to."
KEPT = ("id", "campaign_id", "reading", "count", "reason", "recorded_at")

_SAME_SQLITE = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in KEPT)
_SAME_POSTGRESQL = " AND ".join(f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in KEPT)

GUARDS = {
    "sqlite": (
        f"CREATE TRIGGER access_record_update BEFORE UPDATE ON {TABLE} "
        f"WHEN NOT (NEW.account_id IS NULL AND {_SAME_SQLITE}) BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
        f"CREATE TRIGGER access_record_delete BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION access_record_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' THEN IF NEW.account_id IS NULL AND {_SAME_POSTGRESQL} THEN RETURN NEW; END IF; END IF; "
        f"RAISE EXCEPTION '{WORDS}'; END $$",
        f"CREATE TRIGGER access_record_row BEFORE UPDATE OR DELETE ON {TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION access_record_guard()",
        f"CREATE TRIGGER access_record_all BEFORE TRUNCATE ON {TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION access_record_guard()",
    ),
}
LIFTS = {
    "sqlite": ("DROP TRIGGER access_record_update", "DROP TRIGGER access_record_delete"),
    "postgresql": (
        f"DROP TRIGGER access_record_row ON {TABLE}",
        f"DROP TRIGGER access_record_all ON {TABLE}",
    ),
}


@contextmanager
def lifted(connection: sa.Connection) -> Iterator[None]:
    """For restoring a backup alone: the guards rest inside the caller's transaction, and stand again at its end."""
    if not sa.inspect(connection).has_table(TABLE):  # the store of keys has no such table
        yield
        return
    _run(connection, LIFTS)
    yield
    _run(connection, GUARDS)


def _run(connection: sa.Connection, statements: Mapping[str, tuple[str, ...]]) -> None:
    for statement in statements[connection.dialect.name]:
        connection.exec_driver_sql(statement)


@event.listens_for(sa.Table, "after_create")
def _guard(table: sa.Table, connection: sa.Connection, **_options: Any) -> None:
    if table.name == TABLE:
        _run(connection, GUARDS)
