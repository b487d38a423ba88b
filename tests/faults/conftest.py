"""A sink that fails, a zygote on the test's database, and leases that take moments."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.faults.parts import Parts
from tests.faults.proxy import Way
from tests.faults.sink import FaultSink
from tests.faults.world import Zygote
from tests.faults.zygote import QUICK
from tests.support.databases import Database
from tests.support.valkey import Valkey
from tracker.operations import processes
from tracker.operations.supervisor import Part


@pytest.fixture
def sink() -> Iterator[FaultSink]:
    found = FaultSink()
    yield found
    found.close()


@pytest.fixture
def app(make_app: MakeApp, sink: FaultSink) -> Flask:
    return make_app(durations=QUICK, MAIL_URL=sink.url, MAIL_ALLOW="*")


def environ_of(database: Database, instance: Path, sink: FaultSink) -> dict[str, str]:
    """The variables of a tracker on this database whose mail goes to this sink."""
    return {
        **database.environ,
        "TRACKER_INSTANCE": str(instance),
        "REDIS_URL": "redis://127.0.0.1:9/0",  # nobody listens: the broker is not needed for any of it
        "MAIL_URL": sink.url,
        "MAIL_ALLOW": "*",
        "MAIL_RATE": "0",
        "MAIL_RATE_PER_DOMAIN": "0",
    }


StartZygote = Callable[..., Zygote]


@pytest.fixture
def start_zygote(app: Flask, sink: FaultSink, database: Database, instance: Path) -> Iterator[StartZygote]:
    """A function that starts one, with variables of its own if need be."""
    started: list[Zygote] = []

    def start(**variables: str) -> Zygote:
        environ = {**environ_of(database, instance, sink), "PORT": str(app.extensions["config"].port), **variables}
        started.append(Zygote(environ, instance / f"zygote{len(started)}.log"))
        return started[-1]

    yield start
    for zygote in started:
        zygote.close()


@pytest.fixture
def zygote(start_zygote: StartZygote) -> Zygote:
    """One whose children work one after another."""
    return start_zygote(MAIL_CONNECTIONS="1", FAULTS_PACE="alone")


@pytest.fixture
def way(valkey: Valkey) -> Iterator[Way]:
    """The way to the broker, which may go silent."""
    found = Way(valkey.port)
    yield found
    found.close()


@pytest.fixture
def broker_url(valkey: Valkey, way: Way) -> str:
    return f"redis://:{valkey.password}@127.0.0.1:{way.port}/0"


@pytest.fixture
def parts(start_zygote: StartZygote, broker_url: str, instance: Path) -> Iterator[Parts]:
    found = Parts(start_zygote(REDIS_URL=broker_url, MAIL_CONNECTIONS="1"), instance)
    yield found
    found.close()


@pytest.fixture
def worker(
    app: Flask, sink: FaultSink, valkey: Valkey, database: Database, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Part]:
    """The worker as the supervisor has it, of the test's own app; not started."""
    variables = {**environ_of(database, instance, sink), "REDIS_URL": valkey.url, "MAIL_CONNECTIONS": "2"}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(processes.ROOT)
    port = app.extensions["config"].port
    found = Part("worker", processes.celery(instance, "work", port=port, concurrency=2))
    yield found
    found.end_group(signal.SIGKILL)
    if found.process is not None:
        found.process.wait(10)
    print((instance / "worker.log").read_text()[-3000:])
