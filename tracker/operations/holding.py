"""Who runs an instance: the supervisor holds a lock on a file that has its number, for as long as it lives."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TextIO

LOCK = "up.lock"


def hold(instance: Path, *, address: str = "") -> TextIO | None:
    """Take the instance for this process, until the file is closed; None when another has it.

    ``address`` is where the pages are, for other commands.
    """
    lock = (instance / LOCK).open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    lock.truncate(0)
    lock.write(f"{os.getpid()} {address}\n")
    lock.flush()
    return lock


def holder(instance: Path) -> tuple[int, str] | None:
    """The number of the process that runs the instance and where its pages are, or None."""
    try:
        with (instance / LOCK).open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                number, _space, address = lock.readline().strip().partition(" ")
                return (int(number), address) if number else None
    except OSError:
        return None
    return None
