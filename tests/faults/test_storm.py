"""Kills at random, on both databases: none lost, no second copy without a mark, two copies at most."""

import pytest
from flask import Flask

from tests.faults.conftest import StartZygote
from tests.faults.sink import FaultSink
from tests.faults.storm import storm

pytestmark = [pytest.mark.each_database, pytest.mark.timeout(1200)]


def test_storm(app: Flask, start_zygote: StartZygote, sink: FaultSink) -> None:
    """Four workers, three planners, 240 receivers of every kind, forty kills."""
    outcome = storm(app, start_zygote(MAIL_CONNECTIONS="3"), sink, seed=1)
    print(outcome)
    assert outcome.problems == ()
    assert outcome.rows == 240
    assert outcome.marked >= 6, "ten servers take a mail and say nothing; few of their second copies meet a kill too"
    assert sink.pieces > 100, "half of the connections take commands in one piece"
