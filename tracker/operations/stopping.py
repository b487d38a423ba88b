"""A command that works for long is told to stop: it begins nothing more, and hands back what it has claimed."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOPPING = b"Stopping: what is claimed is handed back. Once more ends this at once.\n"


class Told:
    """Whether this process was told to stop, by which signal, and when (by `time.monotonic()`)."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self.at = 0.0

    def __call__(self) -> bool:
        """Whether it was."""
        return self.signal is not None

    @property
    def status(self) -> int:
        """With which status to exit, as a shell says it."""
        return 128 + self.signal if self.signal is not None else 0

    def hear(self, number: int, _frame: Any) -> None:
        """Be told. A second time raises KeyboardInterrupt wherever we are."""
        if self.signal is not None:
            raise KeyboardInterrupt
        self.signal, self.at = number, time.monotonic()
        with contextlib.suppress(OSError):  # the terminal may be gone
            os.write(2, STOPPING)  # past the buffers, in the middle of which we may be


@contextlib.contextmanager
def told_to_stop() -> Iterator[Told]:
    """Listen for Ctrl-C, SIGTERM and the end of the terminal while something works."""
    told = Told()
    before = {number: signal.signal(number, told.hear) for number in SIGNALS}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
