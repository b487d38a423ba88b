"""Keeps the parts of an instance running (house.md, 4). It imports next to nothing, since it stays all the time."""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import click

DEATHS, WITHIN_SECONDS = 5, 60.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
READY_WITHIN = 60.0
# The worker may need 30 s to put its tasks back (worker_soft_shutdown_timeout); then it is ended.
GRACE_SECONDS = 35.0
LARGEST_LOG = 5_000_000

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Part:
    """One process that must be there."""

    name: str
    command: list[str]
    descriptors: tuple[int, ...] = ()
    ready: Callable[[], bool] | None = None  # what others wait for at the start
    process: subprocess.Popen[bytes] | None = None
    group: int | None = None  # of the last process, and of what it left behind
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS))
    start_at: float = 0.0

    def start(self, log: Path) -> None:
        """Start it, in a session of its own, so that Ctrl-C reaches only the supervisor."""
        self.end_group(signal.SIGKILL)
        parent = os.getpid()
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self.descriptors,
                preexec_fn=lambda: _end_with(parent),
            )
        self.group = self.process.pid

    def end_group(self, how: signal.Signals) -> None:
        """Signal the process and whatever it left behind."""
        if self.group is not None:
            # Nobody may be left; macOS answers with the second error when only the dead are.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.group, how)

    def terminate(self) -> None:
        """Ask it to end."""
        if self.process is not None and self.is_running:
            self.process.terminate()

    @property
    def is_running(self) -> bool:
        """Whether it lives."""
        return self.process is not None and self.process.poll() is None


def _end_with(parent: int) -> None:
    """In the child: on Linux the kernel ends it when the supervisor is gone, however that happened."""
    os.umask(0o077)
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)


class Supervisor:
    """Starts the parts, starts again what dies, and stops all."""

    def __init__(self, logs: Path, parts: list[Part], *, address: tuple[str, int], announcement: str) -> None:
        self._logs = logs
        self._address = address
        self._parts = parts
        self._announcement: str | None = announcement
        self._asked_to_stop = 0

    def run(self) -> int:
        """Until a signal (status 0) or until a part cannot be kept alive (status 1)."""
        self._logs.mkdir(mode=0o700, exist_ok=True)
        wake, self._woken = socket.socketpair()
        for end in (wake, self._woken):
            end.setblocking(False)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only to wake up
        status = 0
        started = time.monotonic()
        try:
            for part in self._parts:
                self._start(part)
                self._wait_for(part)
            while not self._asked_to_stop:
                self._look_after(started)
                self._sleep()
        except Hopeless as hopeless:
            click.echo(str(hopeless), err=True)
            status = 1
        finally:
            self._stop_all()
        return status

    def _stop(self, *_: object) -> None:
        self._asked_to_stop += 1

    def _sleep(self) -> None:
        # A child that died and a signal wake us at once; the rest may wait for half a second.
        if select.select([self._woken], [], [], 0.1 if self._announcement else 0.5)[0]:
            self._woken.recv(4096)

    def _start(self, part: Part) -> None:
        log = self._logs / f"{part.name}.log"
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        part.start(log)

    def _wait_for(self, part: Part) -> None:
        if part.ready is None:
            return
        until = time.monotonic() + READY_WITHIN
        while not part.ready() and part.is_running and not self._asked_to_stop and time.monotonic() < until:
            time.sleep(0.02)

    def _look_after(self, started: float) -> None:
        now = time.monotonic()
        for part in self._parts:
            if part.is_running:
                continue
            if part.start_at <= now and part.process is None:
                self._start(part)
            elif part.process is not None:
                self._died(part, now)
        if self._announcement and self._web_answers():
            click.echo(self._announcement)
            self._announcement = None
        elif self._announcement and now - started > READY_WITHIN:
            raise Hopeless(f"The web server did not answer within {READY_WITHIN:g} s; see {self._logs / 'web.log'}.")

    def _died(self, part: Part, now: float) -> None:
        assert part.process is not None
        status = part.process.returncode
        part.end_group(signal.SIGTERM)  # what it left behind may still finish; the next start ends it
        part.deaths.append(now)
        log = self._logs / f"{part.name}.log"
        if len(part.deaths) == DEATHS and now - part.deaths[0] < WITHIN_SECONDS:
            raise Hopeless(
                f"The {part.name} ended {DEATHS} times within a minute, so everything was stopped; see {log}."
            )
        recent = sum(1 for death in part.deaths if now - death < WITHIN_SECONDS)
        pause = min(FIRST_PAUSE * 2 ** (recent - 1), LONGEST_PAUSE)
        click.echo(f"The {part.name} ended (status {status}) and starts again in {pause:g} s; see {log}.", err=True)
        part.start_at = now + pause
        part.process = None

    def _web_answers(self) -> bool:
        web = next(part for part in self._parts if part.name == "web")
        return web.is_running and _answers(self._address)

    def _stop_all(self) -> None:
        """The broker last, since the worker puts its tasks back into it. A second signal ends all at once."""
        others = [part for part in self._parts if part.name != "valkey"]
        for group in (others, [part for part in self._parts if part.name == "valkey"]):
            for part in group:
                part.terminate()
            until = time.monotonic() + GRACE_SECONDS
            while any(part.is_running for part in group) and time.monotonic() < until and self._asked_to_stop < 2:
                self._sleep()
            for part in group:
                part.end_group(signal.SIGKILL)
                if part.process is not None:
                    part.process.wait()


def _answers(address: tuple[str, int]) -> bool:
    """Whether the web server answers anything at all."""
    host, port = address
    connection = http.client.HTTPConnection("127.0.0.1" if host in ("0.0.0.0", "") else host, port, timeout=1)  # noqa: S104
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()


class Hopeless(Exception):
    """A part cannot be kept alive; the sentence says where to look."""
