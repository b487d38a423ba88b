"""A world at a fixed moment: Monday 23 November 2026, six in the morning, UTC."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from tests.digests.world import MONDAY, World


@pytest.fixture
def world(context: Flask) -> Iterator[World]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield World(context, traveller)
