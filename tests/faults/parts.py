"""Real workers and beats, forked by a zygote: each a process group that a test may kill."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.faults.world import Zygote
from tests.support.processes import wait_until


class Parts:
    """What was started and is not killed."""

    def __init__(self, zygote: Zygote, folder: Path) -> None:
        self._zygote = zygote
        self._folder = folder
        self.running: list[int] = []
        self._jobs: dict[int, str] = {}

    def start(self, job: str, *, schedule: str = "schedule") -> int:
        """A "celery" or a "beat", the latter with a schedule file of this name."""
        self.running.append(self._zygote.ask(job, schedule=str(self._folder / schedule))["pid"])
        self._jobs[self.running[-1]] = job
        return self.running[-1]

    def bring_about(self, condition: Callable[[], object], what: str, *, seconds: float) -> None:
        """Wait until they have done it. Else an AssertionError says which of them ended, though nobody killed them."""
        try:
            wait_until(condition, what, seconds=seconds, every=0.2)
        except AssertionError as error:
            ended = [self._jobs[pid] for pid in self.running if not _lives(pid)]
            raise AssertionError(f"{error}; ended by themselves: {', '.join(ended) or 'none'}") from None

    def kill(self, pid: int) -> None:
        """End it and its children as a power cut would."""
        self.running.remove(pid)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)

    def close(self) -> None:
        """End all."""
        for pid in list(self.running):
            self.kill(pid)


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
