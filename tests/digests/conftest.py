"""A world at a fixed moment: Monday 23 November 2026, six in the morning, UTC."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from tests.digests.world import MONDAY, World


@pytest.fixture
def world(context: Flask) -> Iterator[World]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield World(context, traveller)


class Still:
    """A clock's hands that nobody moves: pages are tested in the present."""

    def move_to(self, moment: dt.datetime) -> None:
        raise AssertionError("these tests live in the present")


@pytest.fixture
def present(app: Flask) -> World:
    """A world without a clock of its own and without an app context, for tests with a client."""
    return World(app, Still())  # type: ignore[arg-type]
