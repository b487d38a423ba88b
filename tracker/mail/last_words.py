"""Servers that were sent all of a mail and owe their last word on it: each is waited for in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# How long a process that is told to end waits for them.
LAST_WORDS_SECONDS = 20

# The threads that still wait after their sender went on.
owing: set[threading.Thread] = set()


def late(wait: Callable[[], None]) -> None:
    """Wait for a last word in a thread of its own, which the end of the process is told of."""

    def run() -> None:
        try:
            wait()
        finally:
            owing.discard(threading.current_thread())

    thread = threading.Thread(target=run, name="late mail", daemon=True)
    owing.add(thread)
    thread.start()


def wait_for_the_late(seconds: float) -> int:
    """Before the process ends: give servers that long for their last word; how many never said it."""
    end = time.monotonic() + seconds
    for thread in list(owing):
        thread.join(max(0.0, end - time.monotonic()))
    return sum(1 for thread in owing if thread.is_alive())
