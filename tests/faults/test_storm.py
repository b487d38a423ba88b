"""Kills at random, on both databases: none lost, no second copy without a mark, two copies at most."""

import pytest
from flask import Flask

from tests.faults.conftest import StartZygote
from tests.faults.people import empty
from tests.faults.sink import FaultSink
from tests.faults.storm import KILLS, ROWS, storm
from tests.faults.world import BEGAN, HOUR, invite, tell
from tracker.db import transaction

pytestmark = [pytest.mark.each_database, pytest.mark.timeout(1200)]
SEEDS = (1, 2)


def test_storms(app: Flask, start_zygote: StartZygote, sink: FaultSink) -> None:
    """Four workers, three planners, 240 receivers of every kind, forty kills; as `make soak` does for longer."""
    zygote = start_zygote(MAIL_CONNECTIONS="3")
    tell(app, invite(app, ["fine-0@example.org"]), BEGAN, "News")
    zygote.ask("both", now=(BEGAN + 2 * HOUR).isoformat(), here=True)  # so that its children begin at once
    marked = pieces = 0
    for seed in SEEDS:
        sink.forget()
        with app.app_context(), transaction():
            empty()
        outcome = storm(app, zygote, sink, seed=seed)
        print(outcome)
        assert outcome.problems == (), f"of seed {seed}"
        assert (outcome.rows, outcome.kills) == (ROWS, KILLS)
        marked += outcome.marked
        pieces += sink.pieces
    assert marked >= 6, "nine servers take a mail and say nothing; few of their second copies meet a kill too"
    assert pieces > 100, "half of the connections take commands in one piece"
