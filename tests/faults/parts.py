"""Real workers and beats, forked by a zygote: each a process group that a test may kill."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from tests.faults.world import Zygote


class Parts:
    """What was started and is not killed."""

    def __init__(self, zygote: Zygote, folder: Path) -> None:
        self._zygote = zygote
        self._folder = folder
        self.running: list[int] = []

    def start(self, job: str, *, schedule: str = "schedule") -> int:
        """A "celery" or a "beat", the latter with a schedule file of this name."""
        self.running.append(self._zygote.ask(job, schedule=str(self._folder / schedule))["pid"])
        return self.running[-1]

    def kill(self, pid: int) -> None:
        """End it and its children as a power cut would."""
        self.running.remove(pid)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)

    def close(self) -> None:
        """End all."""
        for pid in list(self.running):
            self.kill(pid)
