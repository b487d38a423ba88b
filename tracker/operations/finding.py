"""One line of the doctor's, and how it words sizes and spans."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tracker.config import Durations

GOOD, NOTE, BAD = "good", "note", "BAD"
SILENT_AFTER = Durations().silent_after


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and where it is not well what to do."""

    level: str
    about: str
    words: str


def megabytes(count: int) -> str:
    """A size, as short as people need it."""
    return f"{count / 1024**3:.1f} GB" if count >= 1024**3 else f"{count / 1024**2:.0f} MB"


def ago(span: dt.timedelta) -> str:
    """How long, in the largest unit of which there are two."""
    seconds = int(span.total_seconds())
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{seconds // size} {word}s"
    return f"{seconds} seconds"
