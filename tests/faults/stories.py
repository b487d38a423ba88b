"""What has hurt somebody, told on purpose to the machine of test_machine.py: the way a reader's server goes, and what
happens."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from tracker.digests.models import Frequency
from tracker.digests.periods import Schedule

MINUTE = dt.timedelta(minutes=1)
DAY = 24 * 60
DAILY = Schedule(Frequency.DAILY, 8, "UTC")
WEEKLY = Schedule(Frequency.WEEKLY, 23, "UTC", weekday=1)
STORIES: dict[str, tuple[Any, ...]] = {
    "closed while its mail waits": (
        "greylist", ("record", 0), ("tick", None), ("close_or_open", 0), ("tick", 10 * MINUTE), ("tick", 60 * MINUTE),
    ),
    "closed while its second copy waits": (
        "taken", ("record", 0), ("tick", None), ("close_or_open", 0), ("tick", None), ("tick", 60 * MINUTE),
    ),
    "left while the mail waits": (
        "greylist", ("record", 0), ("tick", None), ("leave", False), ("tick", 10 * MINUTE),
    ),
    "committed late": (
        "fine", ("record", 0), ("tick", None), ("commit_late", 0, 45 * MINUTE), ("tick", None), ("tick", None),
    ),
    "killed after the dot": (
        "fine", ("record", 0), ("crash", None, ("after body and dot", 1)), ("tick", 10 * MINUTE), ("tick", 60 * MINUTE),
    ),
    "killed before the dot, and after it": (
        "fine", ("record", 0), ("crash", None, ("before body and dot", 1)), ("tick", 10 * MINUTE),
        ("crash", 45 * MINUTE, ("after body and dot", 1)), ("tick", 60 * MINUTE),
    ),
    "another frequency on the day": (
        "fine", ("record", 0), ("tick", None), ("record", 0), ("change_frequency", WEEKLY), ("tick", None),
        ("record", 0), ("change_frequency", replace(DAILY, hour=10)), ("tick", None), ("tick", None),
    ),
    "refused for good": ("spam", ("record", 0), ("tick", None), ("record", 0), ("tick", None)),
    "another frequency while nobody plans": (
        "fine", ("record", 0), ("crash", 150 * MINUTE, ("commit", 1)), ("change_frequency", replace(DAILY, hour=23)),
        ("tick", None), ("tick", None),
    ),
    "nobody plans for days": ("fine", ("record", 0), ("tick", 3 * DAY * MINUTE), ("record", 0), ("tick", None)),
    "sending rests while a mail waits": (
        "greylist", ("record", 0), ("tick", None), ("pause_or_resume",), ("tick", 60 * MINUTE), ("record", 0),
        ("tick", None), ("pause_or_resume",), ("tick", 60 * MINUTE),
    ),
    "sent again": ("fine", ("record", 0), ("tick", None), ("resend",), ("tick", 10 * MINUTE), ("record", 0)),
    "sent again when its words are gone": (
        "taken", ("record", 0), ("tick", None), ("tick", 9 * DAY * MINUTE), ("resend",), ("tick", 10 * MINUTE),
    ),
    "redacted while its mail waits": (
        "greylist", ("record", 0), ("record", 0), ("tick", None), ("redact", 0), ("tick", 10 * MINUTE),
        ("tick", 60 * MINUTE),
    ),
    "redacted while its second copy waits": (
        "taken", ("record", 0), ("record", 0), ("tick", None), ("redact", 0), ("tick", None), ("resend",),
        ("tick", 60 * MINUTE),
    ),
    "moved while the mail waits": ("greylist", ("record", 0), ("tick", None), ("move",), ("tick", 10 * MINUTE)),
    "moved while its second copy waits": (
        "taken", ("record", 0), ("tick", None), ("move",), ("tick", None), ("resend",), ("tick", 60 * MINUTE),
    ),
    "it came back": ("fine", ("record", 0), ("tick", None), ("leave", True), ("follow", 1), ("tick", DAY * MINUTE)),
}  # fmt: skip
