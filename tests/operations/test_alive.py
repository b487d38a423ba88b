"""`tracker alive`: what health checks ask."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from tests.conftest import LiveServer
from tests.support.processes import free_port
from tracker import clock
from tracker.db import transaction
from tracker.instance import beat
from tracker.operations import alive
from tracker.operations.edge import Refusal


def test_the_web_is_asked_by_its_own_name(live_server: LiveServer) -> None:
    """A server that answers lives; one that is not there, or that is asked by a name that is not its own, does not."""
    port = int(live_server.url.rpartition(":")[2])
    alive._web(port, live_server.url.partition("//")[2])
    with pytest.raises(Refusal, match="does not answer"):
        alive._web(free_port(), "127.0.0.1")
    with pytest.raises(Refusal, match="answers 400"):
        alive._web(port, "elsewhere.example.org")


@pytest.mark.each_database
def test_worker_and_beat_by_their_sign_of_life(app: Flask) -> None:
    """A fresh sign of life is life; none, or one of two minutes ago, is not."""
    url, now = app.extensions["config"].database_url, clock.now()
    with pytest.raises(Refusal, match="no sign of life"):
        alive._heart(url, "worker")
    with app.app_context(), transaction():
        beat("worker", now=now, started_at=now)
        beat("beat", now=now - dt.timedelta(minutes=2), started_at=now)
    alive._heart(url, "worker")
    with pytest.raises(Refusal, match="no sign of life"):
        alive._heart(url, "beat")
    with pytest.raises(Refusal, match="cannot be asked"):
        alive._heart("postgresql+psycopg://nobody@127.0.0.1:9/none", "beat")
