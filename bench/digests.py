"""Does a run of many digests go as fast as the mail server takes them, in the same memory as a run of few?"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import IO, Any

from bench.room.answer import Answer, Limit, Table
from bench.room.databases import KINDS, Databases, Instance, dispose, on
from bench.room.server import ROOT
from bench.room.subscribers import invite
from tests.support.processes import end_with_parent
from tracker import clock
from tracker.db import transaction
from tracker.mail import outbox
from tracker.mail.models import EmailKind
from tracker.mail.render import render

FEW, MANY = 2_000, 20_000
QUICK = (20, 60)
CONNECTIONS = 24  # of each worker, and of each bare process: Postfix lets one client have 50 at once
TIMES = 3  # the machine is another's as well: what is measured once is measured again, and the middle ratio counts
EVERY = 1.0  # seconds between two confirmations while the digests go out
AT_LEAST, REACH, MEMORY = 0.5, 0.8, 1.1

WORDS = f"""
{MANY:,} readers of a few campaigns, each following since a moment of their own, fall due at once; {TIMES} times. Two
worker processes begin: one plans, composes and then sends, the other sends from the beginning; each over {CONNECTIONS}
connections, to a mail server on the loopback that takes everything at once and reads nothing. *Bare* is smtplib alone
in two processes with as many connections: the very bytes that had been sent, all of them, made before the clock starts.
Both share the machine's cores with the mail server, and ours with the database as well. A real mail server answers
after milliseconds, in which a worker does its part; this one leaves no such time, so the ratio is the worst there is.

*All* counts from the first question to the last settled row: planning, composing, sealing, claiming, checking rights,
the mark before the last bytes, settling. To reach: {REACH:g}; at least {AT_LEAST:g}. *Composing* is planning and
composing, as a share of all. *Memory* is the larger worker's peak with {MANY:,} to that with {FEW:,}. While it runs,
somebody asks for a confirmation each second: *confirmation* is how long its mail takes to the server.
"""


@dataclass(frozen=True)
class Ran:
    """One run of so many digests."""

    number: int
    seconds: float
    composing: float
    peak: float  # megabytes of the larger worker
    bare: float  # mails a second
    waited: tuple[float, ...]  # seconds that confirmations took

    @property
    def rate(self) -> float:
        """Mails a second."""
        return self.number / self.seconds

    @property
    def ratio(self) -> float:
        """That to the bare loops'."""
        return self.rate / self.bare


COLUMNS = ("digests", "a second", "bare, a second", "all ÷ bare", "composing", "peak, MB", "confirmation, ms")


def run(*, quick: bool = False, kinds: Iterable[str] = tuple(KINDS)[::-1]) -> Answer:
    """Measure a small and a large run on each kind of database."""
    tables, limits = [], []
    for kind in kinds:
        with on(kind) as databases:
            few = measure(databases, QUICK[0] if quick else FEW)
            some = [measure(databases, QUICK[1] if quick else MANY) for _time in range(1 if quick else TIMES)]
            many = sorted(some, key=lambda one: one.ratio)[len(some) // 2]
        limits.append(Limit(f"{KINDS[kind]}, all ÷ bare:", many.ratio, AT_LEAST, at_least=True))
        limits.append(Limit(f"{KINDS[kind]}, memory:", many.peak / few.peak, MEMORY))
        rows = [_row(few), _row(many)]
        ratio = f"Memory, large ÷ small: {many.peak / few.peak:.2f} ({limits[-1].word}, limit {MEMORY:g})."
        if len(some) > 1:
            ratio += f" All ÷ bare, {len(some)} times: {', '.join(f'{one.ratio:.2f}' for one in some)}; the middle one:"
        tables.append(Table(COLUMNS, rows, caption=f"### {KINDS[kind]}\n\n{ratio}"))
    return Answer("Do digests go out as fast as the mail server takes them?", WORDS, tables, limits)


def _row(ran: Ran) -> tuple[str, ...]:
    waited = [1000 * one for one in ran.waited]
    return (
        f"{ran.number:,}",
        f"{ran.rate:.0f}",
        f"{ran.bare:.0f}",
        f"{ran.ratio:.2f}",
        f"{100 * ran.composing / ran.seconds:.0f} %",
        f"{ran.peak:.0f}",
        f"{statistics.median(waited):.0f}, at most {max(waited):.0f}" if waited else "",
    )


def measure(databases: Databases, number: int) -> Ran:
    """One run, and the bare loop with the same mails."""
    with ExitStack() as ends:
        sink = ends.enter_context(Process("sink"))
        port = sink.hear()
        instance = _instance(databases, port)
        app = instance.app()
        with app.app_context():
            invite(number, clock.now())
            dispose()
        workers = [ends.enter_context(Process("mailer", name, env=instance.environ)) for name in ("compose", "send")]
        came: dict[str, float] = {}
        threading.Thread(target=_note, args=[sink.said, came], daemon=True).start()
        for one in workers:
            one.hear()
        asked: dict[str, float] = {}
        with app.app_context():
            _ask(asked)  # the first mail of all, however short the run
            for one in workers:
                one.tell()
            while not workers[0].ends_within(EVERY):
                _ask(asked)
            dispose()
        told: list[dict[str, Any]] = [json.loads(one.hear()) for one in workers]
        seconds = max(one["seconds"] for one in told)
        loops = [ends.enter_context(Process("mailer", "bare", str(n), "2", env=instance.environ)) for n in range(2)]
        for one in loops:
            one.hear()
        for one in loops:
            one.tell()
        bare = [json.loads(one.hear()) for one in loops]
        return Ran(
            number=number,
            seconds=seconds,
            composing=sum(one["composing"] for one in told),
            peak=max(one["peak"] for one in told),
            bare=sum(one["sent"] for one in bare) / max(one["seconds"] for one in bare),
            waited=tuple(came[name] - at for name, at in asked.items() if name in came),
        )


def _instance(databases: Databases, port: str) -> Instance:
    made = databases.instance()
    mail = {"MAIL_URL": f"smtp://127.0.0.1:{port}", "MAIL_ALLOW": "*", "MAIL_FROM": "Tracker <tracker@example.org>"}
    mail |= {"MAIL_RATE": "0", "MAIL_RATE_PER_DOMAIN": "0", "MAIL_CONNECTIONS": f"{CONNECTIONS}"}  # as fast as can be
    return replace(made, environ={**made.environ, **mail})


def _ask(asked: dict[str, float]) -> None:
    """Write one more confirmation; when it was written."""
    name = f"waited{len(asked)}"
    with transaction():
        message = render("test", locale="en")
        outbox.put(message, to=f"{name}@example.org", kind=EmailKind.CONFIRMATION, now=clock.now())
    asked[name] = time.monotonic()


def _note(said: IO[str], came: dict[str, float]) -> None:
    for line in said:
        name, at = line.split()
        came[name] = float(at)


class Process:
    """A module of the room in a process of its own, that says lines and is told to go on."""

    def __init__(self, module: str, *arguments: str, env: dict[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"bench.room.{module}", *arguments],
            cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=end_with_parent,
        )  # fmt: skip
        assert self._process.stdin is not None and self._process.stdout is not None
        self.said: IO[str] = self._process.stdout

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.wait(10)
        for stream in (self._process.stdin, self.said):
            if stream is not None:
                stream.close()

    def hear(self) -> str:
        """The next line. Raises RuntimeError when the process ended without it."""
        line = self.said.readline()
        if not line:
            raise RuntimeError("A process of the benchmark ended; what it wrote stands above.")
        return line.strip()

    def tell(self) -> None:
        """Go on."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def ends_within(self, seconds: float) -> bool:
        """Wait for its end, at most so long; whether it came."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True
