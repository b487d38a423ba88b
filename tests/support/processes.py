"""Starting a child that ends with us, free ports, and waiting for something to become true."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# A test run may itself be killed without a chance to clean up; on Linux its servers then get a signal from the kernel.
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent() -> None:
    """Run in a child before exec: ask the kernel for SIGTERM when the parent is gone."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def start(command: Sequence[str | Path], *, log: Path, **options: Any) -> subprocess.Popen[bytes]:
    """Start ``command`` with its output in the file ``log``; it gets SIGTERM when this process dies."""
    with log.open("ab") as out:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            preexec_fn=options.pop("preexec_fn", end_with_parent),
            **options,
        )


def stop(process: subprocess.Popen[bytes], *, seconds: float = 10) -> None:
    """End a process that we started: first politely, after ``seconds`` for good."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A TCP port of the loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], Any], what: str, *, seconds: float = 15, every: float = 0.05) -> Any:
    """Return the first true value of ``condition()``; an AssertionError naming ``what`` when none came in time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"waited {seconds:g} s for {what}"
        time.sleep(every)


def answers(port: int) -> bool:
    """Whether somebody listens on this port of the loopback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_root() -> bool:
    """Whether we run as root, under which PostgreSQL and Chromium's sandbox refuse to work."""
    return os.geteuid() == 0
