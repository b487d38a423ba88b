"""A child of the test itself that is killed at a step: it shares the test's clock, and loses what a process loses."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from tests.faults.zygote import Steps
from tracker.db import db


def killed_at(app: Flask, step: tuple[str, int], work: Callable[[], object], report: Path) -> bool:
    """Do this in a child that sends itself SIGKILL at a step; whether it came so far. Outside an app context."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()  # nothing of it is shared with the child
    with warnings.catch_warnings():
        # Newer Pythons warn of the threads that a child does not have: it needs none of them.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        status = 1
        try:
            Steps(step, report).watch()
            with app.app_context():
                work()
            status = 0
        finally:
            os._exit(status)
    _pid, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -9), f"the child ended with {code}"
    return code == -9
