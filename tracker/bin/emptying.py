"""Empty the bin of what lay there long enough: small transactions, so that it can be stopped and run twice."""

from __future__ import annotations

import datetime as dt

from tracker.bin import service
from tracker.db import forget_deleted, transaction
from tracker.settings import config

# Rows in one transaction: few enough that nobody waits for them.
BITE = 500


def empty_bin(now: dt.datetime, *, bite: int = BITE) -> int:
    """Destroy everything that was removed longer ago than `Durations.bin_kept`. Returns how many rows."""
    before = now - config().durations.bin_kept
    total = 0
    for verb in (service.destroy_part_of_campaign, service.destroy_some_parts):
        while True:
            with transaction():
                done = verb(before=before, now=now, most=bite)
            if not done:
                break
            total += done
    if total:
        forget_deleted()
    return total
