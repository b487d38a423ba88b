"""Why something cannot be done."""

from __future__ import annotations

from tracker.words import LazyString


class SignatureError(Exception):
    """Why something about a signatory cannot be done, in words; `field` says what caused it."""

    def __init__(self, words: LazyString, field: str = "") -> None:
        super().__init__(words)
        self.field = field

    def __str__(self) -> str:
        return str(self.args[0])
