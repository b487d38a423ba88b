"""Refusals a person may read."""

from __future__ import annotations

from tracker.words import LazyString


class AccountError(Exception):
    """It cannot be done; the message says why, `field` names the form field it belongs to, if any."""

    def __init__(self, words: LazyString | str, field: str | None = None) -> None:
        super().__init__(words)
        self.field = field

    def __str__(self) -> str:
        return str(self.args[0])
