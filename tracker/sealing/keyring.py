"""AES-256-GCM with associated data, and HMAC-SHA256 for look-ups."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Callable, Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app

NONCE_BYTES = 12


class SealError(Exception):
    """A sealed value cannot be opened: its key is not here, or it was moved or altered."""


class SealingKey:
    """One 32-byte key with its public id."""

    def __init__(self, key: bytes) -> None:
        self.id = hashlib.sha256(b"undersigned key id|" + key).hexdigest()[:8]
        self._key = key
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, place: str) -> str:
        return f"{self.id}:{base64.b64encode(self.seal_raw(plain, place)).decode()}"

    def seal_raw(self, plain: bytes, place: str) -> bytes:
        """The same as bytes and without the key's id, for what is large."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, place.encode())

    def open(self, sealed: str, place: str) -> bytes:
        try:
            data = base64.b64decode(sealed.partition(":")[2], validate=True)
        except ValueError as error:
            raise SealError("This value was altered.") from error
        return self.open_raw(data, place)

    def open_raw(self, data: bytes, place: str) -> bytes:
        """What `seal_raw` sealed."""
        try:
            return self._cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise SealError("This value was sealed for another place, or was altered.") from error

    def keyed_hash(self, value: str) -> str:
        return hmac.digest(self._key, value.encode(), "sha256").hex()

    @property
    def secret(self) -> bytes:
        """The key itself, to be sealed by another."""
        return self._key

    def derive(self, purpose: str) -> SealingKey:
        """Another key for another purpose, so that no key does two jobs."""
        return SealingKey(hmac.new(self._key, f"undersigned|{purpose}".encode(), hashlib.sha256).digest())


class Keyring:
    """The DATA_KEY list: the first seals, all open."""

    def __init__(self, keys: Iterable[bytes], retired: Callable[[Keyring], Iterable[bytes]] | None = None) -> None:
        """`retired` gives the hash keys of DATA_KEYs that are no longer in the list; asked once, when first needed."""
        masters = [SealingKey(key) for key in keys]
        if not masters:
            raise SealError("There is no DATA_KEY.")
        self._ask_retired, self._retired = retired, None if retired else list[SealingKey]()
        self._by_id = {master.id: master.derive("seal") for master in masters}
        self._first = masters[0]
        self._hashes = [master.derive("hash") for master in masters]
        self.hash_secrets = {master.id: key.secret for master, key in zip(masters, self._hashes, strict=True)}

    @property
    def key_id(self) -> str:
        """The id of the key that seals now."""
        return self._first.id

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of all keys that open."""
        return tuple(self._by_id)

    def seal(self, text: str, place: str) -> str:
        """Seal text for a place, `table|column|row's public id`; opening it elsewhere fails."""
        return self.seal_bytes(text.encode(), place)

    def seal_bytes(self, plain: bytes, place: str) -> str:
        """The same for bytes."""
        sealed = self._by_id[self._first.id].seal(plain, place)
        return f"{self._first.id}:{sealed.partition(':')[2]}"

    def open(self, sealed: str, place: str) -> str:
        """The text again. Raises SealError when the key is unknown or the place is another."""
        return self.open_bytes(sealed, place).decode()

    def seal_anew(self, sealed: str, place: str) -> str:
        """The same value under the key that seals now."""
        return self.seal_bytes(self.open_bytes(sealed, place), place)

    def open_bytes(self, sealed: str, place: str) -> bytes:
        """The same for bytes."""
        key = self._by_id.get(sealed.partition(":")[0])
        if key is None:
            raise SealError("The key that sealed this value is not in DATA_KEY.")
        return key.open(sealed, place)

    def address_hash(self, address: str) -> str:
        """A keyed hash of an e-mail address for the instance's own look-ups (suppression, subscribers)."""
        return self._hashes[0].keyed_hash(f"address|{canonical_address(address)}")

    def address_hashes(self, address: str) -> tuple[str, ...]:
        """The same under every key that opens, for looking up what an earlier key hashed."""
        if self._retired is None and self._ask_retired is not None:
            self._retired = [SealingKey(key) for key in self._ask_retired(self)]
        text = f"address|{canonical_address(address)}"
        every = [*self._hashes, *(self._retired or ())]
        return tuple(dict.fromkeys(key.keyed_hash(text) for key in every))


def canonical_address(address: str) -> str:
    """An address as looked up: NFKC and casefolded; the local part is not folded further, since it is not ours."""
    return unicodedata.normalize("NFKC", address).strip().casefold()


def init_app(app: Flask, keys: Iterable[bytes], retired: Callable[[Keyring], Iterable[bytes]] | None = None) -> None:
    """Give the app its keyring."""
    app.extensions["sealing"] = Keyring(keys, retired)


def keyring() -> Keyring:
    """The running app's keyring."""
    found: Keyring = current_app.extensions["sealing"]
    return found
