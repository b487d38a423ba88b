"""Web, worker and beat as separate processes, on PostgreSQL and a Redis of their own."""

from __future__ import annotations

import http.client
import os
from contextlib import closing

import pytest

from tests.support.databases import Database
from tests.support.instances import Instance, wait_until
from tests.support.smtp import SmtpSink
from tests.support.valkey import Valkey
from tracker import clock
from tracker.operations import memory


@pytest.mark.postgresql
def test_the_parts_run_on_their_own(database: Database, valkey: Valkey, smtp_sink: SmtpSink) -> None:
    """`tracker migrate`, `web`, `worker`, `worker` and `beat` on PostgreSQL, Redis and SMTP: the doctor is content."""
    instance = Instance(REDIS_URL=valkey.url, MAIL_URL=smtp_sink.url, MAIL_ALLOW="example.org", **database.environ)
    try:
        assert "schema" in instance.tracker("migrate")
        began = clock.now()
        processes = [instance.start(part) for part in ("web", "worker", "worker", "beat")]
        wait_until(lambda: instance.lives(began), "workers and beat to give a sign of life", seconds=60, every=0.2)
        doctor = wait_until(lambda: well(instance), "the doctor to be content", seconds=60, every=2)
        assert "PostgreSQL 18" in doctor
        assert "Redis answers" in doctor
        assert f"127.0.0.1:{smtp_sink.port} answers" in doctor
        assert "may reach example.org" in doctor
        with closing(http.client.HTTPConnection("127.0.0.1", instance.port, timeout=10)) as connection:
            connection.request("GET", "/healthz")
            assert connection.getresponse().status == 200
        for process in processes:
            process.terminate()
        for process in processes:
            assert process.wait(50) == 0
    finally:
        instance.close()


def well(instance: Instance) -> str | None:
    """The doctor's report when nothing is to be mended."""
    said = instance.tracker("doctor", status=None)
    return said if "All is well" in said else None


def test_memory_is_counted_over_the_whole_tree() -> None:
    """The shares of a process and its children are found, and are no larger than what the machine has."""
    shares = memory.of_tree(os.getpid())
    assert shares is not None
    assert 10_000_000 < shares[os.getpid()] < 4_000_000_000
