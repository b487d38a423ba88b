"""The access record can be added to and nothing else: the database itself refuses, whoever asks.

The guards are made whenever the table is, by a migration too, so that no migration has to remember them. Two changes
are let through: forgetting which account it was, when an account is erased (the foreign key sets it to NULL); and, once
for each record, emptying a reason that names somebody (safety.md, 2: append-only yields to erasure). That it was
emptied, when and by whom stands in the row from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

TABLE = "access_record"
WORDS = "The access record can only be added to."
KEPT = ("id", "campaign_id", "reading", "count", "recorded_at")
# Columns of a later migration than the table: before it the guards know nothing of them.
BLANKING = "blanked_at"


def guards(*, with_blanking: bool) -> dict[str, tuple[str, ...]]:
    """The statements that make them, by kind of database."""
    return {
        "sqlite": (
            f"CREATE TRIGGER access_record_update BEFORE UPDATE ON {TABLE} "
            f"WHEN NOT ({_allowed('IS', with_blanking)}) BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
            f"CREATE TRIGGER access_record_delete BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
        ),
        "postgresql": (
            function(with_blanking=with_blanking),
            f"CREATE TRIGGER access_record_row BEFORE UPDATE OR DELETE ON {TABLE} "
            "FOR EACH ROW EXECUTE FUNCTION access_record_guard()",
            f"CREATE TRIGGER access_record_all BEFORE TRUNCATE ON {TABLE} "
            "FOR EACH STATEMENT EXECUTE FUNCTION access_record_guard()",
        ),
    }


def function(*, with_blanking: bool) -> str:
    """What PostgreSQL asks before each change."""
    allowed = _allowed("IS NOT DISTINCT FROM", with_blanking)
    return (
        "CREATE OR REPLACE FUNCTION access_record_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' THEN IF {allowed} THEN RETURN NEW; END IF; END IF; "
        f"RAISE EXCEPTION '{WORDS}'; END $$"
    )


def _allowed(same: str, with_blanking: bool) -> str:
    """Which update is let through."""
    kept = " AND ".join(f"NEW.{column} {same} OLD.{column}" for column in KEPT)
    reason = f"NEW.reason {same} OLD.reason"
    if not with_blanking:
        return f"NEW.account_id IS NULL AND {kept} AND {reason}"
    account = f"(NEW.account_id IS NULL OR NEW.account_id {same} OLD.account_id)"
    as_it_was = (
        f"{reason} AND NEW.blanked_at {same} OLD.blanked_at "
        f"AND (NEW.blanked_by_id IS NULL OR NEW.blanked_by_id {same} OLD.blanked_by_id)"
    )
    blanked = "OLD.blanked_at IS NULL AND NEW.blanked_at IS NOT NULL AND NEW.reason = ''"
    return f"{kept} AND {account} AND (({as_it_was}) OR ({blanked}))"


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
    columns = {column["name"] for column in sa.inspect(connection).get_columns(TABLE)}
    _run(connection, LIFTS)
    yield
    _run(connection, guards(with_blanking=BLANKING in columns))


def _run(connection: sa.Connection, statements: Mapping[str, tuple[str, ...]]) -> None:
    for statement in statements[connection.dialect.name]:
        connection.exec_driver_sql(statement)


@event.listens_for(sa.Table, "after_create")
def _guard(table: sa.Table, connection: sa.Connection, **_options: Any) -> None:
    if table.name == TABLE:
        _run(connection, guards(with_blanking=BLANKING in table.columns))
