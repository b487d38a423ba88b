"""The storm: workers and planners killed at random while mail goes out to receivers of every kind."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask

from tests.faults.sink import WAYS, FaultSink
from tests.faults.world import BEGAN, Verdict, Zygote, invite, recover, settled, tell

ROWS, KILLS, WORKERS, PLANNERS = 240, 40, 4, 3


@dataclass(frozen=True)
class Outcome:
    """A row of the table that `make soak` prints."""

    database: str
    seed: int
    rows: int
    kills: int
    lost: int
    unmarked: int
    most_copies: int
    marked: int
    problems: tuple[str, ...]


def addresses(rows: int) -> list[str]:
    """Half of them fine, the others of every other kind."""
    others = [way for way in WAYS if way != "fine"]
    return [f"{'fine' if n % 2 else others[n // 2 % len(others)]}-{n}@example.org" for n in range(rows)]


def storm(
    app: Flask,
    zygote: Zygote,
    sink: FaultSink,
    *,
    seed: int,
    rows: int = ROWS,
    kills: int = KILLS,
    patience: float = 300,
    after: Callable[[int], object] = lambda kill: None,
) -> Outcome:
    """Run it until everything is settled, and look. `after` is called with the number of each kill; how long healthy
    workers may take over the rest, seconds, is `patience`."""
    chance = random.Random(seed)
    campaign = invite(app, addresses(rows))
    tell(app, campaign, BEGAN, "News")
    now = BEGAN.replace(hour=9)
    roles = ["worker"] * WORKERS + ["planner"] * PLANNERS
    running = {zygote.ask(role, now=now.isoformat())["pid"]: role for role in roles}
    done = 0
    while done < kills:
        time.sleep(chance.uniform(0.02, 0.25))
        pid = chance.choice(list(running))
        role = running.pop(pid)
        os.kill(pid, signal.SIGKILL)
        done += 1
        after(done)
        running[zygote.ask(role, now=now.isoformat())["pid"]] = role
    end = time.monotonic() + 240
    while not settled(app) and time.monotonic() < end:
        time.sleep(0.2)
    for pid in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    recover(app, zygote, now, seconds=patience)
    verdict = Verdict(app, sink, periods=1, readers=rows)
    kind = app.extensions["config"].database_url.partition(":")[0].partition("+")[0]
    return Outcome(
        kind, seed, verdict.rows, done, verdict.lost, verdict.unmarked, verdict.most_copies, verdict.marked,
        tuple(verdict.problems),
    )  # fmt: skip
