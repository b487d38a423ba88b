"""Who runs an instance: the supervisor holds a lock on a file that has its number, for as long as it lives."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TextIO

LOCK = "up.lock"


def hold(instance: Path) -> TextIO | None:
    """Take the instance for this process, until the file is closed; None when another has it."""
    lock = (instance / LOCK).open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def holder(instance: Path) -> int | None:
    """The number of the process that runs the instance, or None."""
    try:
        with (instance / LOCK).open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(lock.read() or 0) or None
    except OSError:
        return None
    return None
