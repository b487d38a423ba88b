"""Many rows at once, as quickly as the database takes them: COPY on PostgreSQL, one prepared statement on SQLite."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, cast

import sqlalchemy as sa

from tracker.db import Base, db
from tracker.postgresql import checked_by_one_plan

# The sequence is found once, not for each number; and the numbers come as one value, not as thousands of rows.
_NEXT = sa.text(
    "WITH found AS MATERIALIZED (SELECT CAST(pg_get_serial_sequence(:table, 'id') AS regclass) AS numbers) "
    "SELECT array_agg(nextval(numbers)) FROM found, generate_series(1, :number)"
)
_BETWEEN = "\x1f"
Value = Any
Bind = Callable[[Value], Value]


class Collision(Exception):
    """Somebody else saved one of them meanwhile: nothing of this transaction stays, and it can be tried again."""


def among(column: sa.orm.InstrumentedAttribute[str | None], values: Iterable[str]) -> sa.ColumnElement[bool]:
    """`column IN values` as one parameter: thousands would be copied and counted again and again on their way.

    No value may hold the control character that keeps them apart; hashes and normalised words hold none.
    """
    wanted = list(values)
    if db.engine.dialect.name == "sqlite":
        return column.in_(sa.select(sa.func.json_each(json.dumps(wanted)).table_valued("value").c.value))
    return column == sa.any_(sa.func.string_to_array(_BETWEEN.join(wanted), _BETWEEN))


def look_again(*models: type[Base]) -> None:
    """Let PostgreSQL look how large its tables have become: it looks by itself once a minute, and until then plans as
    if a campaign had one in 200 of all rows."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        for model in models:
            connection.exec_driver_sql(f"ANALYZE {model.__tablename__}")


def new_ids(model: type[Base], number: int) -> list[int]:
    """So many ids that nobody else has. On SQLite inside `transaction()`, where nobody else writes."""
    table = cast(sa.Table, model.__table__)
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        last = connection.scalar(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))) or 0
        return list(range(last + 1, last + number + 1))
    return connection.scalar(_NEXT, {"table": table.name, "number": number}) or []


def new_public_ids(number: int) -> list[str]:
    """The same as `db.new_public_id`, many at once: twelve random bytes are sixteen characters."""
    text = secrets.token_urlsafe(12 * number)
    return [text[at : at + 16] for at in range(0, 16 * number, 16)]


def load(
    model: type[Base], alike: Mapping[str, Value], columns: Sequence[str], rows: Iterable[Sequence[Value]]
) -> None:
    """Insert rows of values in the order of `columns`; `alike` is what all of them have. Raises Collision.

    Defaults of the model that neither names are filled in; what the database itself fills in stays to it.
    """
    table = cast(sa.Table, model.__table__)
    connection = db.session.connection()
    dialect = connection.dialect

    def bind(name: str) -> Bind | None:
        kind = table.c[name].type
        process = cast("Bind | None", kind.dialect_impl(dialect).bind_processor(dialect))
        return lru_cache(5_000)(process) if process else None  # few words and days, again and again

    same = {**_defaults(table, {*alike, *columns}), **alike}
    tail = tuple((bind(name) or _as_it_is)(value) if value is not None else None for name, value in same.items())
    binds = [(at, process) for at, name in enumerate(columns) if (process := bind(name)) is not None]

    def bound(row: Sequence[Value]) -> tuple[Value, ...]:
        values = list(row)
        for at, process in binds:
            if values[at] is not None:
                values[at] = process(values[at])
        return (*values, *tail)

    names = ", ".join(dialect.identifier_preparer.quote(name) for name in (*columns, *same))
    made = map(bound, rows)
    if (first := next(made, None)) is None:
        return
    ready = chain((first,), made)
    try:
        if dialect.name == "sqlite":
            marks = ", ".join("?" * (len(columns) + len(same)))
            statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - the model's own names
            connection.exec_driver_sql(statement, list(ready))
        else:
            raw: Any = connection.connection.dbapi_connection
            into = f"COPY {table.name} ({names}) FROM STDIN"
            with checked_by_one_plan(connection), raw.cursor() as cursor, cursor.copy(into) as copy:
                for row in ready:  # the server takes the first while the last are made
                    copy.write_row(row)
    except (sa.exc.IntegrityError, dialect.dbapi.IntegrityError) as error:  # type: ignore[union-attr]
        raise Collision from error


def _defaults(table: sa.Table, named: set[str]) -> dict[str, Value]:
    defaults = {column.name: column.default for column in table.columns if column.name not in named}
    return {name: each.arg for name, each in defaults.items() if isinstance(each, sa.ColumnDefault) and each.is_scalar}


def _as_it_is(value: Value) -> Value:
    return value
