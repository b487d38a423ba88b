"""What sends, each in a process of its own: `python -m bench.room.mailer compose|send|bare N OF`.

Says "ready", waits for a line, works, and says in JSON what it did. `compose` plans and composes what is due and then
sends, as a worker that got the sweep; `send` sends from the beginning, as one that did not; `bare` hands the same
bytes over with smtplib alone, one loop a connection.
"""

from __future__ import annotations

import json
import resource
import smtplib
import sys
import threading
import time
from typing import Any

import sqlalchemy as sa

from tracker import clock
from tracker.app import create_app
from tracker.config import from_process
from tracker.db import db
from tracker.digests import running
from tracker.digests.models import Digest, DigestState
from tracker.mail.letter import Writer
from tracker.mail.models import SETTLED, Email, EmailKind
from tracker.settings import config
from worker.memory import keep_what_is_loaded


def ready() -> float:
    """Say that we are, and wait to be told; when that was."""
    print("ready", flush=True)
    sys.stdin.readline()
    return time.perf_counter()


def work(*, composes: bool) -> dict[str, Any]:
    """What a worker does until nothing is left."""
    began, composed, sent = ready(), 0.0, 0
    while not (sent and _is_over()):
        if composes:
            start = time.perf_counter()
            running.sweep(clock.now())
            composed += time.perf_counter() - start
            composes = False
        done = running.send()["sent"]
        sent += done
        if not done:
            time.sleep(0.05)
            if _is_over():
                break
    return {"seconds": time.perf_counter() - began, "composing": composed, "sent": sent}


def _is_over() -> bool:
    db.session.rollback()
    due = sa.select(Digest.id).where(Digest.state == DigestState.DUE).limit(1)
    waits = sa.select(Email.id).where(Email.state.not_in(SETTLED)).limit(1)
    made = sa.select(Digest.id).limit(1)
    return db.session.scalar(made) is not None and not db.session.scalar(due) and not db.session.scalar(waits)


def bare(part: int, of: int) -> dict[str, Any]:
    """The same bytes over the same number of connections, and nothing else."""
    found = sa.select(Email).where(Email.kind == EmailKind.DIGEST, Email.id % of == part)
    emails = db.session.scalars(found).all()
    writer = Writer()
    writer.look_up({email.body_id for email in emails})
    letters = [one for one in map(writer.letter, emails) if one is not None]
    db.session.rollback()
    mail = config().mail
    lanes = [letters[number :: mail.connections] for number in range(mail.connections)]

    def carry(mine: list[Any]) -> None:
        with smtplib.SMTP(mail.host, mail.port) as connection:
            for one in mine:
                connection.sendmail(one.sender, [one.to], one.data)

    began = ready()
    threads = [threading.Thread(target=carry, args=[mine]) for mine in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"seconds": time.perf_counter() - began, "sent": len(letters)}


def main() -> None:
    """Do what the arguments say."""
    name, *numbers = sys.argv[1:]
    with create_app(from_process()).app_context():
        if name != "bare":
            import worker.tasks  # noqa: F401 - all that a worker has loaded when it begins

            keep_what_is_loaded()
        said = bare(*map(int, numbers)) if name == "bare" else work(composes=name == "compose")
    said["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
