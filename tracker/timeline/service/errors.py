"""Why something about an entry was not done."""

from __future__ import annotations

from tracker.words import LazyString


class TimelineError(Exception):
    """Why something cannot be done, in words for the person who asked; `field` says where it belongs."""

    def __init__(self, words: LazyString | str, field: str = "") -> None:
        super().__init__(words)
        self.field = field

    def __str__(self) -> str:
        return str(self.args[0])


class Conflict(TimelineError):
    """Somebody changed the entry meanwhile."""
