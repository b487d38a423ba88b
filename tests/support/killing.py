"""A piece of work in a child process that is killed at a commit, as a machine would be that loses its power."""

import os
import signal
from collections.abc import Callable

from flask import Flask
from sqlalchemy import event

from tracker.db import db


def killed_at_commit(app: Flask, number: int, work: Callable[[], object]) -> bool:
    """Fork, do the work there, and send the child SIGKILL just before its so-manieth COMMIT of the main database.

    Whether it was killed; False when it had fewer commits. Call it outside of an app context.
    """
    child = os.fork()
    if child:
        _pid, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the work failed before it was killed"
        return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    try:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose(close=False)  # the parent's connections
            seen = 0

            def count(_connection: object) -> None:
                nonlocal seen
                seen += 1
                if seen == number:
                    os.kill(os.getpid(), signal.SIGKILL)

            event.listen(db.engines[None], "commit", count)
            work()
        os._exit(0)
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)
