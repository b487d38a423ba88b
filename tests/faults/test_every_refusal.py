"""Refused once at each verb, for now and for good, spoken to one by one and in one piece: what is refused for now comes
later, once and unmarked; what is refused for good says why; the other mail of the same run leaves in any case."""

from __future__ import annotations

import itertools

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.faults.sink import FaultSink
from tests.faults.world import due_now, mails, settled, tell
from tests.support.processes import wait_until
from tracker import clock
from tracker.db import db
from tracker.digests import running
from tracker.mail.models import Email, EmailState

VERBS = ("connect", "EHLO", "MAIL", "RCPT", "DATA", "dot")
ANSWERS = ("421 4.3.2 shutting down", "451 4.3.0 not now", "550 5.7.1 never")
# Before a mail is spoken of, none is to blame.
OF_NO_MAIL = ("connect", "EHLO")


@pytest.mark.parametrize("pipelining", [False, True], ids=["one by one", "in one piece"])
def test_refused_at_each_verb(app: Flask, sink: FaultSink, pipelining: bool) -> None:
    """Two mails a time, of which one is refused. A server that refuses to talk at all is to blame alone."""
    sink.pipelining = (pipelining,)
    for verb, answer in itertools.product(VERBS, ANSWERS):
        name = f"{verb.lower()}{answer[:3]}"
        began, campaign = due_now(app, [f"fine-{name}-{number}@example.org" for number in range(2)])
        tell(app, campaign, began, f"News of {name}")
        sink.refusals[verb] = answer
        with app.app_context():
            running.run(clock.now())
        assert sink.refusals == {}, f"{name} was not said"
        is_for_good = answer.startswith("5") and verb not in OF_NO_MAIL
        wait_until(lambda: runs_until_settled(app), f"the mails of {name}", seconds=30)
        found = mails(app, name)
        assert not any(mark for _state, _attempts, mark in found.values()), name
        # 421 ends the connection: on one used before it is no answer to this mail, which begins anew at once.
        if verb not in OF_NO_MAIL and not answer.startswith("421"):
            tries = sorted(attempts for _state, attempts, _mark in found.values())
            assert tries[0] == 1 and (tries[1] == 1) == is_for_good, name
        copies = {address: sum(sink.copies[address].values()) for address in found}
        lost = [address for address, (state, _attempts, _mark) in found.items() if state is not EmailState.SENT]
        assert [(found[one][0], copies[one]) for one in lost] == [(EmailState.FAILED, 0)] * is_for_good, name
        assert sum(copies.values()) == 2 - is_for_good, name
    with app.app_context():
        said = {state: answer for answer, state in db.session.execute(sa.select(Email.answer, Email.state))}
    assert said == {EmailState.FAILED: "5.7.1 never", EmailState.SENT: "ok"}


def runs_until_settled(app: Flask) -> bool:
    """Do what a worker does each minute; whether nothing waits."""
    with app.app_context():
        running.run(clock.now())
    return settled(app)
