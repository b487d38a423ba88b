"""A campaign's own keys: made when first needed, destroyed when its people are to be forgotten."""

from __future__ import annotations

import datetime as dt
import secrets
import unicodedata
from typing import cast

import sqlalchemy as sa

from tracker.db import KEYS, db, reading
from tracker.sealing.keyring import SealError, SealingKey, canonical_address, keyring
from tracker.sealing.models import CampaignKey

FILES = "/files"  # behind a campaign's public id: the keys of its files


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

    @property
    def can_look_up(self) -> bool:
        """Whether the hash key is still there."""
        return self._hash is not None

    def address_hash(self, address: str) -> str:
        """A keyed hash for finding the same address again within this campaign only."""
        return self._keyed("address", canonical_address(address))

    def word_hash(self, word: str) -> str:
        """A keyed token of one whole word of a name, for searching without reading."""
        return self._keyed("word", unicodedata.normalize("NFKC", word).casefold())

    def profile_hash(self, profile: str) -> str:
        """A keyed hash of a profile's address, written in one way (signatures/profiles.py)."""
        return self._keyed("profile", profile)

    def code_hash(self, code: str) -> str:
        """A keyed hash of a code on a slip of paper."""
        return self._keyed("code", code)

    def work_address_hash(self, mailbox: str) -> str:
        """A keyed hash of a work address written in one way: it signs once (work_addresses/addresses.py)."""
        return self._keyed("work address", mailbox)

    def work_code_hash(self, code: str) -> str:
        """A keyed hash of a code that was mailed to a work address."""
        return self._keyed("work code", code)

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


_TABLE = cast(sa.Table, CampaignKey.__table__)
_KEYS_OF = sa.select(_TABLE.c.data_key, _TABLE.c.hash_key).where(
    _TABLE.c.campaign == sa.bindparam("name", type_=sa.String)
)


def campaign_keys(campaign: str, *, now: dt.datetime) -> CampaignKeys:
    """The keys of the campaign with this public id, made and committed on first use.

    Raises SealError when DATA_KEY does not open them.
    """
    ring = keyring()
    with reading(KEYS) as connection:
        row = connection.execute(_KEYS_OF, {"name": campaign}).one_or_none()
    if row is None:
        values = {
            "campaign": campaign,
            "data_key": ring.seal_bytes(secrets.token_bytes(32), _place("data_key", campaign)),
            "hash_key": ring.seal_bytes(secrets.token_bytes(32), _place("hash_key", campaign)),
            "created_at": now,
        }
        try:
            with db.engines[KEYS].begin() as connection:
                connection.execute(sa.insert(_TABLE).values(values))
        except sa.exc.IntegrityError:
            pass  # another process made them first; theirs are read below
        with reading(KEYS) as connection:
            row = connection.execute(_KEYS_OF, {"name": campaign}).one()
    return CampaignKeys(
        ring.open_bytes(row.data_key, _place("data_key", campaign)) if row.data_key else None,
        ring.open_bytes(row.hash_key, _place("hash_key", campaign)) if row.hash_key else None,
    )


class FileKeys(CampaignKeys):
    """What seals the files of one campaign; those sealed earlier by its people's key still open."""

    def __init__(self, own: CampaignKeys, former: CampaignKeys) -> None:
        self._data, self._hash, self._former = own._data, own._hash, former

    def open(self, sealed: str, place: str) -> str:
        """The text again, whichever of the two sealed it."""
        try:
            return super().open(sealed, place)
        except SealError:
            return self._former.open(sealed, place)

    def open_bytes(self, sealed: bytes, place: str) -> bytes:
        """The same for what is large."""
        try:
            return super().open_bytes(sealed, place)
        except SealError:
            return self._former.open_bytes(sealed, place)

    def sealed_text(self, sealed: str) -> bool:
        """Whether the files' own key sealed this, and not the former."""
        return self._data is not None and sealed.startswith(f"{self._data.id}:")


def file_keys(campaign: str, *, now: dt.datetime) -> FileKeys:
    """The keys of the campaign's files. Evidence stays when its people are forgotten, so it has a key of its own."""
    return FileKeys(campaign_keys(campaign + FILES, now=now), campaign_keys(campaign, now=now))


def destroy_campaign_keys(campaign: str, *, now: dt.datetime) -> None:
    """Erase everything sealed for a campaign, its files too. Nobody can undo it once older copies of the key store
    are gone."""
    _destroy(campaign, ("data_key", "hash_key"), now)
    _destroy(campaign + FILES, ("data_key", "hash_key"), now)


def destroy_people_keys(campaign: str, *, now: dt.datetime) -> None:
    """Erase everything sealed of a campaign's people; its files stay readable."""
    _destroy(campaign, ("data_key", "hash_key"), now)


def destroy_hash_key(campaign: str, *, now: dt.datetime) -> None:
    """Make the campaign's look-up hashes meaningless; what is sealed stays readable."""
    _destroy(campaign, ("hash_key",), now)


def forgotten_campaigns() -> set[str]:
    """The public ids of campaigns whose people's key is known to be destroyed."""
    gone = sa.select(_TABLE.c.campaign).where(_TABLE.c.data_key_destroyed_at.is_not(None))
    with db.engines[KEYS].begin() as connection:
        return {name for name in connection.scalars(gone) if not name.endswith(FILES)}


def _destroy(campaign: str, names: tuple[str, ...], now: dt.datetime) -> None:
    """A key destroyed before keeps the moment when that was."""
    with db.engines[KEYS].begin() as connection:
        for name in names:
            moment = _TABLE.c[f"{name}_destroyed_at"]
            connection.execute(
                sa.update(_TABLE)
                .where(_TABLE.c.campaign == campaign, moment.is_(None))
                .values({name: None, moment.name: now})
            )


def _place(column: str, campaign: str) -> str:
    return f"campaign_key|{column}|{campaign}"
