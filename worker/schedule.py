"""When the workers look, and nothing else: what they find to do is in the database.

A tick that nobody took before the next one came is dropped; running one twice changes nothing.
"""

from __future__ import annotations

from typing import Any

from tracker.config import Durations
from tracker.jobs import (
    ASK_AGAIN,
    BACK_UP,
    COUNT_GROUPS,
    EMPTY_BIN,
    FOLD_TALLIES,
    FORGET_ADDRESSES,
    FORGET_FORMS,
    FORGET_PEOPLE,
    FORGET_WORK_CODES,
    IMPORT,
    LOOK_FOR_SAME,
    RECONCILE,
    REMIND,
    SEND_MAIL,
    SEND_UPDATES,
    SWEEP,
    WORK_SWEEPS,
)

MINUTE, HOUR = 60.0, 3600.0


def schedule(durations: Durations) -> dict[str, dict[str, Any]]:
    """The beat's table."""
    every = durations.sweep_every.total_seconds()
    return {
        "sweep": _every(SWEEP, every),
        # Also by itself: a mail whose nudge was lost, or whose next attempt is due, waits for no digest.
        "send": _every(SEND_MAIL, every),
        "remind": _every(REMIND, 15 * MINUTE),
        "empty_bin": _every(EMPTY_BIN, HOUR),
        "forget_forms": _every(FORGET_FORMS, HOUR),
        # Once a night; looked at more often, so that a machine that slept at night makes it in the morning.
        "back up": _every(BACK_UP, 15 * MINUTE),
        "forget_addresses": _every(FORGET_ADDRESSES, HOUR),
        "forget_work_codes": _every(FORGET_WORK_CODES, every),
        # Each campaign has its own midnight.
        "forget_people": _every(FORGET_PEOPLE, HOUR),
        "count groups": _every(COUNT_GROUPS, 15 * MINUTE),
        "import": _every(IMPORT, every),
        "look for same": _every(LOOK_FOR_SAME, 5 * MINUTE),
        "ask again": _every(ASK_AGAIN, 5 * MINUTE),
        # Once a day; asked more often, so that a machine that slept at night does it in the morning.
        "reconcile": _every(RECONCILE, HOUR),
        "work_sweeps": _every(WORK_SWEEPS, every),
        "send_updates": _every(SEND_UPDATES, every),
        "fold": _every(FOLD_TALLIES, 5 * MINUTE),
        "wipe": _every("mail.wipe_settled", HOUR),
    }


def _every(task: str, seconds: float) -> dict[str, Any]:
    return {"task": task, "schedule": seconds, "options": {"expires": seconds * 0.9, "ignore_result": True}}


SCHEDULE = schedule(Durations())
