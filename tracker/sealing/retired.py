"""Hash keys that outlive their DATA_KEY: by them alone addresses are known that must not be written to."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tracker.db import KEYS, db
from tracker.sealing.keyring import Keyring, keyring
from tracker.sealing.models import RetiredHashKey


def retired_hash_keys(ring: Keyring) -> list[bytes]:
    """The hash keys of former DATA_KEYs, from the store of keys."""
    table = RetiredHashKey.__table__
    with db.engines[KEYS].begin() as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.retired_at)).all()
    return [ring.open_bytes(row.hash_key, retired_place(row.key_id)) for row in rows]


def keep_hash_keys(*, now: dt.datetime) -> None:
    """Keep the hash keys of all DATA_KEYs but the first in the store, sealed by the first; committed at once."""
    ring, table = keyring(), RetiredHashKey.__table__
    with db.engines[KEYS].begin() as connection:
        there = set(connection.scalars(sa.select(table.c.key_id)))
        for key_id, secret in ring.hash_secrets.items():
            if key_id != ring.key_id and key_id not in there:
                sealed = ring.seal_bytes(secret, retired_place(key_id))
                connection.execute(sa.insert(RetiredHashKey).values(key_id=key_id, hash_key=sealed, retired_at=now))


def retired_place(key_id: str) -> str:
    """What the seal of such a key is bound to."""
    return f"retired_hash_key|hash_key|{key_id}"
