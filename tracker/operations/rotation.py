"""Everything that DATA_KEY seals, sealed anew with the first key of the list, a few hundred rows a transaction.

Each value is under a former key or the first at any moment, and both open: nothing is unreadable in between. What is
left to do is seen from the values themselves, whose key's id stands in front; killed anywhere, the next run goes on.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tracker.db import KEYS, db, forget_deleted, transaction
from tracker.instance import Setting
from tracker.sealing import SealError, keyring
from tracker.sealing.models import CampaignKey, RetiredHashKey
from tracker.sealing.retired import keep_hash_keys

BITE = 300
KEY_ID_LENGTH = 8


@dataclass(frozen=True)
class SealedColumn:
    """A column that may hold what DATA_KEY sealed, and what names a row in the place that a seal is bound to."""

    table: sa.Table
    column: sa.Column[Any]
    named_by: sa.Column[Any]

    def place(self, name: str) -> str:
        """What the seal of this row is bound to."""
        return f"{self.table.name}|{self.column.name.removesuffix('_sealed')}|{name}"

    @property
    def bind(self) -> str | None:
        """Which of the two databases it is in."""
        return KEYS if self.table.metadata is db.metadatas[KEYS] else None


@dataclass
class Rotated:
    """What a run did."""

    done: int = 0
    closed: int = 0  # values that no key opens; they stay as they are


def rotate(*, now: dt.datetime) -> Rotated:
    """Seal everything with the first key. Opens its own transactions; may be run beside everything else."""
    keep_hash_keys(now=now)
    rotated, former = Rotated(), [one for one in keyring().key_ids if one != keyring().key_id]
    for column in sealed_columns():
        for key_id in former:
            _rotate_column(column, key_id, rotated)
    forget_deleted()
    return rotated


def sealed_columns() -> Iterator[SealedColumn]:
    """Every such column of both databases, found from the schema: a table that comes later is not forgotten."""
    for table in db.metadatas[None].sorted_tables:
        for column in table.columns:
            is_sealed = column.name.endswith("_sealed") and isinstance(column.type, sa.Text)
            if is_sealed or column.name == "tf_totp_secret":
                yield SealedColumn(table, column, table.c.public_id)
    settings = db.metadatas[None].tables[Setting.__tablename__]
    yield SealedColumn(settings, settings.c.value, settings.c.name)
    for model, names in ((CampaignKey, ("data_key", "hash_key")), (RetiredHashKey, ("hash_key",))):
        table = db.metadatas[KEYS].tables[model.__tablename__]
        (key,) = table.primary_key
        for name in names:
            yield SealedColumn(table, table.c[name], key)


def values_by_key() -> Counter[str]:
    """How many values each DATA_KEY of the list seals, by the key's id."""
    found: Counter[str] = Counter()
    for column in sealed_columns():
        with db.engines[column.bind].connect() as connection:
            for key_id in keyring().key_ids:
                number = sa.select(sa.func.count()).select_from(column.table).where(_is_under(column, key_id))
                found[key_id] += connection.scalar(number) or 0
    return found


@contextlib.contextmanager
def _writing(column: SealedColumn) -> Iterator[sa.Connection]:
    """A transaction of the column's database."""
    if column.bind is None:
        with transaction():
            yield db.session.connection()
    else:
        with db.engines[column.bind].begin() as connection:
            yield connection


def _is_under(column: SealedColumn, key_id: str) -> sa.ColumnElement[bool]:
    return sa.func.substr(column.column, 1, KEY_ID_LENGTH + 1) == f"{key_id}:"


def _rotate_column(column: SealedColumn, key_id: str, rotated: Rotated) -> None:
    last: Any = None
    while True:
        some = sa.select(column.named_by, column.column).where(_is_under(column, key_id))
        if last is not None:
            some = some.where(column.named_by > last)
        with _writing(column) as connection:
            rows = connection.execute(some.order_by(column.named_by).limit(BITE)).all()
            for name, sealed in rows:
                last = name
                try:
                    anew = keyring().seal_anew(sealed, column.place(name))
                except SealError:
                    rotated.closed += 1
                    continue
                # Whoever wrote the value meanwhile sealed it with the first key.
                same = sa.and_(column.named_by == name, column.column == sealed)
                change = sa.update(column.table).where(same).values({column.column.name: anew})
                rotated.done += connection.execute(change).rowcount
        if len(rows) < BITE:
            return
