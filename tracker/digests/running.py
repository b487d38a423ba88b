"""The whole run, batch by batch, for the edges that start it: the worker's tasks and `tracker digest run`.

Each batch is a transaction of its own, so that no reader waits for a long run and a kill costs one batch at most.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable

from tracker import clock
from tracker.db import dialect, transaction
from tracker.digests import composing, drafting, planning, sending
from tracker.digests.rechecking import WATCH
from tracker.mail import repairing, sender

# SQLite has one writer: batch upon batch would let nobody in. Who waits looks each millisecond (tracker/sqlite.py).
TURN = 0.02
# Seconds on SQLite, after which no other slice begins: nobody else writes meanwhile.
SHORT = 0.5

Stopping = Callable[[], bool]


def _never() -> bool:
    return False


def sweep(now: dt.datetime, *, stopping: Stopping = _never) -> Counter[str]:
    """Repair, plan and compose everything that is due; then mails wait in the outbox. Running it twice changes nothing.

    `now` decides which periods are due; leases and what may be seen go by the clock. Begins no other batch when
    `stopping()`: what is left is due as before.
    """
    with transaction():
        repairing.free_lost_claims(now=clock.now())
    with transaction():
        sending.follow_mails(clock.now())
    counts = _until_done("planned", lambda: 0 if stopping() else planning.plan(now))
    counts += compose(stopping=stopping)
    with transaction():
        planning.close_runs(clock.now())
    return counts


def compose(*, stopping: Stopping = _never) -> Counter[str]:
    """Compose whatever is due, or as much as is done when `stopping()`."""
    counts: Counter[str] = Counter()
    while not stopping() and (more := _compose_some()):
        counts += more
    return counts


def _compose_some() -> Counter[str]:
    if dialect() != "sqlite":
        with transaction():
            return composing.compose_due(clock.now())
    draft = drafting.draft(clock.now())
    if draft is not None:
        with transaction():
            counts = drafting.write(draft)
        if counts:
            return counts
    with transaction():
        counts = composing.compose_due(clock.now(), seconds=SHORT)
    if counts:
        time.sleep(TURN)
    return counts


def send(*, most: int = sender.MOST, stopping: Stopping = _never) -> Counter[str]:
    """Send what waits, at most so many; what had to be composed anew on the way is composed and sent as well.

    Where nothing waits but digests are due, some are composed and sent: whoever composes is helped. Not on SQLite,
    where only one can write.
    """
    counts = sender.send_due(WATCH, most=most, stopping=stopping)
    if not counts and dialect() != "sqlite" and not stopping() and _compose_some():
        counts = sender.send_due(WATCH, most=most, stopping=stopping)
    for _again in range(3):
        if stopping() or not counts["cancelled"] or not compose(stopping=stopping):
            break
        more = sender.send_due(WATCH, most=most, stopping=stopping)
        counts += more
        if not more["cancelled"]:
            break
    with transaction():
        planning.close_runs(clock.now())
    return counts


def run(now: dt.datetime, *, stopping: Stopping = _never) -> Counter[str]:
    """Plan, compose and send at once, without a worker; or as much as is done when `stopping()`."""
    counts = sweep(now, stopping=stopping)
    while not stopping():
        sent = send(stopping=stopping)
        counts += sent
        if not sent["sent"]:  # nothing waits, or what waits cannot be sent now
            break
    return counts


def _until_done(name: str, step: Callable[[], int]) -> Counter[str]:
    counts: Counter[str] = Counter()
    while True:
        with transaction():
            done = step()
        if not done:
            return counts
        counts[name] += done
