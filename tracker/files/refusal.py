"""Why a file was not taken."""

from __future__ import annotations

import enum


class Why(enum.StrEnum):
    """The reasons; `words.py` says them to people."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNKNOWN_KIND = "unknown_kind"
    OTHER_KIND = "other_kind"  # the content is not what the name says
    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    TOO_MANY_PIXELS = "too_many_pixels"
    UNPACKS_TOO_LARGE = "unpacks_too_large"
    TOO_MUCH_WORK = "too_much_work"
    MACROS = "macros"
    FILES_INSIDE = "files_inside"
    BUSY = "busy"


class Refused(Exception):
    """The file is not taken; nothing of it was kept."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why
