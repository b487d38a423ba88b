"""Many rows at once: past the services and the session, but not past the schema's constraints and defaults."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from tracker.db import Base, Model
from tracker.search_text import normalise

AT_ONCE = 20_000


class Rows:
    """Rows waiting to be inserted, in the order that foreign keys ask for. Ids are given here, so that rows may point
    at one another before any is written."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self._order = [table for table in Model.metadata.sorted_tables if table.info.get("bind_key") is None]
        self._waiting: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._last: dict[str, int] = defaultdict(int)
        self._count = 0

    def add(self, model: type[Base], **values: Any) -> int:
        """One row of a model; its id. Rows of one model must name the same columns."""
        table = model.__tablename__
        self._last[table] += 1
        values["id"] = self._last[table]
        if searched := getattr(model, "SEARCHED", ()):
            values["search_text"] = normalise(" \n ".join(values.get(column) or "" for column in searched))
        self.put(table, **values)
        return self._last[table]

    def put(self, table: str, **values: Any) -> None:
        """One row of a table without an id of its own."""
        self._waiting[table].append(values)
        self._count += 1
        if self._count >= AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        for table in self._order:
            if rows := self._waiting.pop(table.name, None):
                self.connection.execute(sa.insert(table), rows)
        if self._waiting:
            raise LookupError(f"no such table: {sorted(self._waiting)}")
        self._count = 0

    def finish(self) -> None:
        """Write the rest, and tell PostgreSQL's sequences where to go on."""
        self.flush()
        if self.connection.dialect.name != "postgresql":
            return
        for table, last in self._last.items():
            sequence = sa.func.pg_get_serial_sequence(table, "id")
            self.connection.execute(sa.select(sa.func.setval(sequence, last)))
