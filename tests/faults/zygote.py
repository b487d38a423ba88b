"""A process that has loaded the tracker once and forks children that do one job each, to be killed at any step.

    python -m tests.faults.zygote  < commands

Each line of standard input is a JSON object: {"job": "plan" | "send" | "both" | "worker" | "planner", "now": ISO moment
for planning, "kill_at": [name of a step, which time it is reached]}. The answer is a line {"pid": …}; for a job that
ends by itself or is killed at a step, when it ended: {"pid": …, "status": …, "steps": […]}.
"here": true lets the zygote do the job itself, unkilled: what it compiles, statements and templates, its later children
need not compile each for themselves.
The jobs "celery" and "beat" are the real ones, as `tracker worker` and `tracker beat` start them, by REDIS_URL, in a
process group of their own; a beat keeps its schedule in the file "schedule".

A step is a commit about to be made, a piece of SMTP about to be sent or just sent (named by its first command), or an
answer just heard: a child that is to die at step n sends itself SIGKILL there, as a machine would that loses its power.
Nothing else of the tracker is changed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import signal
import smtplib
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import configure_mappers

import worker.tasks  # noqa: F401 - declares the tasks
from tests.support.processes import end_with_parent
from tracker import clock
from tracker.app import create_app
from tracker.config import Config, Durations
from tracker.db import db
from tracker.digests import running
from tracker.jobs import BROKER_OPTIONS
from tracker.mail.wire import Wire
from worker.app import make_celery
from worker.heart import in_worker, scheduler
from worker.schedule import schedule

# Everything that takes minutes in earnest takes moments here.
QUICK = replace(
    Durations(),
    # Longer than a busy machine takes over all that a worker claims at once; or they take turns and get nowhere.
    claim_lease=dt.timedelta(seconds=2),
    transmit_lease=dt.timedelta(seconds=2),
    unknown_hold=dt.timedelta(seconds=0.3),
    retry_ladder=tuple(dt.timedelta(seconds=0.2) for _ in range(5)),
    retry_every=dt.timedelta(seconds=0.2),
    smtp_connect=dt.timedelta(seconds=5),
    smtp_command=dt.timedelta(seconds=5),
    smtp_reply=dt.timedelta(seconds=5),
    park_after=dt.timedelta(seconds=0.2),
    sweep_every=dt.timedelta(seconds=1),
    heartbeat_every=dt.timedelta(seconds=1),
)
# Where one process works alone, nobody can take a lease that has merely run out: the next round need not wait for it.
ALONE = replace(
    QUICK,
    claim_lease=dt.timedelta(milliseconds=1),
    transmit_lease=dt.timedelta(milliseconds=1),
    unknown_hold=dt.timedelta(milliseconds=1),
)
# Leases that outlive ten seconds without a database, as those of earnest do.
PATIENT = replace(QUICK, claim_lease=dt.timedelta(minutes=1), transmit_lease=dt.timedelta(minutes=1))
PACES = {"quick": QUICK, "alone": ALONE, "patient": PATIENT}


# Nobody is to wait long for a broker that says nothing.
IMPATIENT = {**BROKER_OPTIONS, "socket_timeout": 3, "socket_connect_timeout": 1, "health_check_interval": 2}
FOR_EVER = ("worker", "planner", "celery", "beat")


class Steps:
    """Counts what cannot be taken back, and dies where it is told to."""

    def __init__(self, kill_at: tuple[str, int], report: Path) -> None:
        self.kill_at = kill_at
        self.report = report
        self.names: list[str] = []
        self._lock = threading.RLock()  # lanes send while the sender commits

    def reached(self, name: str) -> None:
        """One more step."""
        with self._lock:
            self.names.append(name)
            if (name, self.names.count(name)) == self.kill_at:
                self.tell()
                os.kill(os.getpid(), signal.SIGKILL)

    def tell(self) -> None:
        """Write down how far it came."""
        with self._lock:
            self.report.write_text(json.dumps(self.names))

    def committed_by_itself(self, connection: sa.Connection, _cursor: object, statement: str, *_more: object) -> None:
        """A statement without a transaction around it (`tracker.db.at_once`) that changes something is a commit."""
        if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT" and statement.startswith("UPDATE"):
            self.reached("commit")

    def watch(self) -> None:
        """Count every commit, every piece of SMTP and every answer of this process."""
        event.listen(Engine, "commit", lambda connection: self.reached("commit"))
        event.listen(Engine, "before_cursor_execute", self.committed_by_itself)
        send, getreply = smtplib.SMTP.send, smtplib.SMTP.getreply
        say, understand = Wire.say, Wire.understand

        def counted(peer: smtplib.SMTP | Wire, data: bytes | str) -> None:
            words = data if isinstance(data, str) else data.decode("latin-1")
            verb = words.split(maxsplit=1)[0][:4].upper() if words.strip() else ""
            name = verb if verb in ("EHLO", "MAIL", "RCPT", "DATA", "RSET", "QUIT") else "body and dot"
            self.reached(f"before {name}")
            send(peer, data) if isinstance(peer, smtplib.SMTP) else say(peer, data)  # type: ignore[arg-type]
            self.reached(f"after {name}")

        def heard(peer: smtplib.SMTP) -> tuple[int, bytes]:
            answer = getreply(peer)
            self.reached("answer")
            return answer

        def understood(wire: Wire, line: bytes) -> bool:
            is_whole = understand(wire, line)
            if is_whole:
                self.reached("answer")
            return is_whole

        Wire.say, Wire.understand = counted, understood  # type: ignore[method-assign, assignment]
        smtplib.SMTP.send = counted  # type: ignore[method-assign, assignment]
        smtplib.SMTP.getreply = heard  # type: ignore[method-assign, assignment]


def work(app: Flask, job: str, now: dt.datetime) -> None:
    """One job, once; or for ever, as a worker or planner that is only ended from outside."""
    with app.app_context():
        if job in ("plan", "both"):
            running.sweep(now)
        if job in ("send", "both"):
            running.send()
        while job in ("worker", "planner"):
            with contextlib.suppress(sa.exc.DBAPIError):  # the database was away; the next round finds it
                running.send() if job == "worker" else running.sweep(now)
            with contextlib.suppress(sa.exc.DBAPIError):
                db.session.remove()
            time.sleep(0.05 if job == "worker" else 0.3)


def celery(app: Flask) -> None:
    """A worker of two processes."""
    found = make_celery(app)
    found.conf.broker_transport_options = IMPATIENT
    in_worker(app)
    options = ["--pool", "prefork", "--concurrency", "2", "--loglevel", "WARNING"]
    found.worker_main(["worker", *options, "--without-gossip", "--without-mingle"])


def beat(app: Flask, file: str) -> None:
    """A beat that ticks each second."""
    found = make_celery(app)
    found.conf.update(
        broker_transport_options=IMPATIENT,
        beat_schedule=schedule(QUICK),
        beat_schedule_filename=file,
        beat_max_loop_interval=1,
    )
    found.Beat(loglevel="WARNING", scheduler_cls=scheduler(app), quiet=True).run()


def child(app: Flask, command: dict[str, Any], report: Path) -> None:
    """What a forked process does; a test that failed leaves none of them behind."""
    end_with_parent()
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose(close=False)
    if command["job"] in ("celery", "beat"):
        os.setsid()
        os.dup2(2, 1)  # Celery prints a banner where our answers go
        celery(app) if command["job"] == "celery" else beat(app, command["schedule"])
        return
    steps = Steps(tuple(command.get("kill_at", ("", 0))), report)
    if "kill_at" in command:
        steps.watch()
    now = dt.datetime.fromisoformat(command["now"]) if "now" in command else clock.now()
    work(app, command["job"], now)
    steps.tell()


def here(app: Flask, command: dict[str, Any]) -> None:
    """Do a job in this process, and leave no connection that its children would share."""
    work(app, command["job"], dt.datetime.fromisoformat(command["now"]))
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def bury() -> None:
    """Wait for the children that were killed meanwhile."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def main() -> None:
    """Fork as told until standard input ends."""
    config = Config.from_environ(os.environ)
    app = create_app(replace(config, testing=True, durations=PACES[os.environ.get("FAULTS_PACE", "quick")]))
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
    configure_mappers()  # at the first use otherwise, in each child anew
    for line in sys.stdin:
        command = json.loads(line)
        if command.get("here"):
            here(app, command)
            print(json.dumps({"pid": os.getpid(), "status": 0, "steps": []}), flush=True)
            continue
        report = config.instance / "steps.json"
        report.unlink(missing_ok=True)
        bury()
        pid = os.fork()
        if pid == 0:
            status = 0
            try:
                child(app, command, report)
            except BaseException as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
                status = 1
            os._exit(status)
        if command["job"] in FOR_EVER:
            print(json.dumps({"pid": pid}), flush=True)
            continue
        _pid, status = os.waitpid(pid, 0)
        names = json.loads(report.read_text()) if report.exists() else []
        print(json.dumps({"pid": pid, "status": os.waitstatus_to_exitcode(status), "steps": names}), flush=True)


if __name__ == "__main__":
    main()
