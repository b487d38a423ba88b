"""Random tokens: the browser or the mail holds them, the database only their hash."""

from __future__ import annotations

import hashlib


def token_hash(token: str) -> str:
    """SHA-256 of a random token. It is random enough to need no key."""
    return hashlib.sha256(token.encode()).hexdigest()
