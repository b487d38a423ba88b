"""A campaign's own keys: made when first needed, destroyed when its people are to be forgotten."""

from __future__ import annotations

import datetime as dt
import secrets
import unicodedata
from typing import cast

import sqlalchemy as sa

from tracker.db import KEYS, db
from tracker.sealing.keyring import SealError, SealingKey, canonical_address, keyring
from tracker.sealing.models import CampaignKey


class CampaignKeys:
    """What seals and finds the people of one campaign."""

    def __init__(self, data_key: bytes | None, hash_key: bytes | None) -> None:
        self._data = SealingKey(data_key) if data_key else None
        self._hash = SealingKey(hash_key) if hash_key else None

    def seal(self, text: str, place: str) -> str:
        """Seal text for a place, `table|column|row's public id`."""
        if self._data is None:
            raise SealError("This campaign's data key was destroyed.")
        return self._data.seal(text.encode(), place)

    def open(self, sealed: str, place: str) -> str:
        """The text again; raises SealError when the key was destroyed or the place is another."""
        if self._data is None:
            raise SealError("This campaign's data key was destroyed.")
        return self._data.open(sealed, place).decode()

    def seal_bytes(self, content: bytes, place: str) -> bytes:
        """The same for what is large: bytes in, bytes out."""
        if self._data is None:
            raise SealError("This campaign's data key was destroyed.")
        return self._data.seal_raw(content, place)

    def open_bytes(self, sealed: bytes, place: str) -> bytes:
        """What `seal_bytes` sealed."""
        if self._data is None:
            raise SealError("This campaign's data key was destroyed.")
        return self._data.open_raw(sealed, place)

    @property
    def can_open(self) -> bool:
        """Whether the data key is still there."""
        return self._data is not None

    def address_hash(self, address: str) -> str:
        """A keyed hash for finding the same address again within this campaign only."""
        return self._keyed("address", canonical_address(address))

    def word_hash(self, word: str) -> str:
        """A keyed token of one whole word of a name, for searching without reading."""
        return self._keyed("word", unicodedata.normalize("NFKC", word).casefold())

    def code_hash(self, code: str) -> str:
        """A keyed hash of a code on a slip of paper."""
        return self._keyed("code", code)

    def request_hash(self, said: str) -> str:
        """A keyed hash of all that somebody typed, for knowing the same form again."""
        return self._keyed("request", said)

    def link_mark(self, purpose: str) -> str:
        """What only whoever holds the data key can make: the secret end of a signer's own links."""
        if self._data is None:
            raise SealError("This campaign's data key was destroyed.")
        return self._data.derive("links").keyed_hash(purpose)

    def _keyed(self, kind: str, value: str) -> str:
        if self._hash is None:
            raise SealError("This campaign's hash key was destroyed.")
        return self._hash.keyed_hash(f"{kind}|{value}")


def campaign_keys(campaign: str, *, now: dt.datetime) -> CampaignKeys:
    """The keys of the campaign with this public id, made and committed on first use.

    Raises SealError when DATA_KEY does not open them.
    """
    table = cast(sa.Table, CampaignKey.__table__)
    ring = keyring()
    with db.engines[KEYS].begin() as connection:
        row = connection.execute(sa.select(table).where(table.c.campaign == campaign)).one_or_none()
    if row is None:
        values = {
            "campaign": campaign,
            "data_key": ring.seal_bytes(secrets.token_bytes(32), _place("data_key", campaign)),
            "hash_key": ring.seal_bytes(secrets.token_bytes(32), _place("hash_key", campaign)),
            "created_at": now,
        }
        try:
            with db.engines[KEYS].begin() as connection:
                connection.execute(sa.insert(table).values(values))
        except sa.exc.IntegrityError:
            pass  # another process made them first; theirs are read below
        with db.engines[KEYS].begin() as connection:
            row = connection.execute(sa.select(table).where(table.c.campaign == campaign)).one()
    return CampaignKeys(
        ring.open_bytes(row.data_key, _place("data_key", campaign)) if row.data_key else None,
        ring.open_bytes(row.hash_key, _place("hash_key", campaign)) if row.hash_key else None,
    )


def destroy_campaign_keys(campaign: str, *, now: dt.datetime) -> None:
    """Erase everything sealed for a campaign. Nobody can undo it once older copies of the key store are gone."""
    _destroy(campaign, ("data_key", "hash_key"), now)


def destroy_hash_key(campaign: str, *, now: dt.datetime) -> None:
    """Make the campaign's look-up hashes meaningless; what is sealed stays readable."""
    _destroy(campaign, ("hash_key",), now)


def _destroy(campaign: str, names: tuple[str, ...], now: dt.datetime) -> None:
    table = cast(sa.Table, CampaignKey.__table__)
    values = dict.fromkeys(names) | {f"{name}_destroyed_at": now for name in names}
    with db.engines[KEYS].begin() as connection:
        connection.execute(sa.update(table).where(table.c.campaign == campaign).values(values))


def _place(column: str, campaign: str) -> str:
    return f"campaign_key|{column}|{campaign}"
