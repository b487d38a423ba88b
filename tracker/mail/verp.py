"""The return path of each mail: where its bounce goes, and which mail it is about (variable envelope return paths).

`bounces+MARK@example.org`: the mark is the mail's public id and a keyed hash of it, in letters that survive a server
that folds case, so that nobody can make one up.
"""

from __future__ import annotations

import base64
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from tracker.sealing import keyring
from tracker.settings import config

_ID_BYTES, _ID_LETTERS, _HASH_LETTERS = 12, 20, 16
_MARK = re.compile(rf"\+([a-z2-7]{{{_ID_LETTERS}}})([0-9a-f]{{{_HASH_LETTERS}}})@", re.IGNORECASE)


def return_path(public_id: str) -> str | None:
    """The envelope sender of the mail with this public id; None when MAIL_BOUNCE names no address for bounces."""
    address = config().mail.bounce
    if not address:
        return None
    local, _at, domain = address.rpartition("@")
    plain = urlsafe_b64decode(public_id)
    mark = base64.b32encode(plain).decode().rstrip("=").lower()
    return f"{local}+{mark}{_hash(public_id)}@{domain}"


def mail_of(address: str) -> str | None:
    """The public id of the mail whose return path this is; None when it is none of ours."""
    found = _MARK.search(address)
    if found is None:
        return None
    padding = "=" * (-_ID_LETTERS % 8)
    public_id = urlsafe_b64encode(base64.b32decode(found[1].upper() + padding)).decode()
    return public_id if any(_same(found[2].lower(), hash_) for hash_ in _hashes(public_id)) else None


def _hash(public_id: str) -> str:
    return _hashes(public_id)[0]


def _hashes(public_id: str) -> list[str]:
    """Under every key that opens, so that a bounce of a mail sent before a change of keys is known."""
    return [hash_[:_HASH_LETTERS] for hash_ in keyring().address_hashes(f"return path of {public_id}")]


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one, other)
