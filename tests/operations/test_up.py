"""`tracker up`: one command, one line, everything kept running, nothing left behind."""

from __future__ import annotations

import http.client
import signal
import socket
import sys
from collections.abc import Iterator

import psutil
import pytest
import sqlalchemy as sa

from tests.support.databases import SqliteTemplate
from tests.support.instances import Instance, wait_until
from tests.support.processes import free_port
from tests.support.sparing import Kept
from tracker import clock


@pytest.fixture
def an_instance() -> Iterator[Instance]:
    instance = Instance()
    yield instance
    instance.close()


@pytest.fixture
def ready(an_instance: Instance, sqlite_template: SqliteTemplate, kept: Kept) -> Instance:
    """One that was started before."""
    return an_instance.after_migrations(sqlite_template, kept)


def status(instance: Instance, path: str = "/healthz") -> int | None:
    """The status of a page, or None while nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


def alive(instance: Instance) -> bool:
    """Whether the doctor finds nothing to mend; what it finds is shown when the test fails."""
    said = instance.tracker("doctor", status=None)
    print(said)
    return "All is well" in said


def test_the_doctor_of_an_empty_instance(an_instance: Instance) -> None:
    """Before anything was started the doctor says what is missing, in a line each, and what to do about it."""
    report = an_instance.tracker("doctor", status=1)
    assert "BAD   migrations" in report and "tracker upgrade" in report
    assert "to mend." in report.splitlines()[-1]


@pytest.mark.timeout(200)
def test_one_command_starts_everything_and_a_signal_ends_it(an_instance: Instance) -> None:
    """`tracker up` prints one line, the doctor is content, knows the address and finds less than 400 MB; a second `up`
    is refused and told about the first; SIGTERM leaves no process."""
    address = f"http://127.0.0.1:{an_instance.port}"
    an_instance.environ["PORT"] = str(free_port())  # the port of the command line wins
    began = clock.now()
    process = an_instance.up("--port", an_instance.port)
    assert address in an_instance.line
    assert status(an_instance) == 200
    wait_until(lambda: an_instance.lives(began), "worker and beat to give a sign of life", seconds=30)
    report = an_instance.tracker("doctor")
    for about in ("configuration", "database", "migrations", "broker", "worker", "beat", "mail", "keys", "disk"):
        assert f"good  {about}" in report
    assert "good  memory" in report, report
    assert address in report
    said = an_instance.tracker("up", "--port", free_port(), status=1)
    assert "running already" in said, "two supervisors on one instance would fight"
    an_instance.tracker("user", "invite", "bo@example.org", "--role", "viewer")
    mails = an_instance.folder / "outbox"
    wait_until(lambda: any(mails.glob("*.eml")), "the invitation to be written", seconds=30)
    (mail,) = mails.glob("*.eml")
    assert f"{address}/invitations/" in mail.read_text()
    assert an_instance.folder.stat().st_mode & 0o777 == 0o700
    for path in an_instance.folder.rglob("*"):
        assert not path.stat().st_mode & 0o077, f"others may read {path}"
    process.terminate()
    assert process.wait(50) == 0
    assert process.stdout is not None
    assert process.stdout.read() == "", "one line, no more"
    wait_until(lambda: not an_instance.family(), "all processes to be gone")


def test_each_part_is_started_again_while_the_web_serves(ready: Instance) -> None:
    """Killing worker, beat, broker and web one after another brings each back; the web answers all the time."""
    ready.up()
    began = clock.now()
    for part in ("valkey", "work", "beat", "web"):
        old = wait_until(lambda part=part: ready.part(part), f"{part} to run")
        old.kill()
        assert status(ready) == 200, f"the web failed while {part} was gone"
        wait_until(
            lambda part=part, old=old: [p for p in ready.family() if p.pid != old.pid and _is(p, part)],
            f"{part} to run again",
        )
    wait_until(lambda: ready.lives(began), "worker and beat to give a sign of life", seconds=60, every=0.2)
    wait_until(lambda: alive(ready), "everything to be well again", seconds=60, every=2)


def _is(process: psutil.Process, part: str) -> bool:
    try:
        words = process.cmdline()
    except psutil.NoSuchProcess:  # ended since it was listed
        return False
    return "valkey.sock" in " ".join(words) if part == "valkey" else part in words


def test_five_deaths_in_a_minute_stop_everything(ready: Instance) -> None:
    """A part that cannot live ends the instance with a sentence, a status that is not 0, and no process left."""
    process = ready.up()
    seen: set[int] = set()

    def kill_the_next() -> bool:
        for candidate in ready.family():
            if _is(candidate, "beat") and candidate.pid not in seen:
                seen.add(candidate.pid)
                candidate.kill()
        return process.poll() is not None

    wait_until(kill_the_next, "the supervisor to give up", seconds=60)
    assert process.returncode == 1
    assert process.stdout is not None
    assert "The beat ended 5 times within a minute, so everything was stopped" in process.stdout.read()
    assert not ready.family()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent is gone")
def test_no_orphan_when_the_supervisor_is_killed(ready: Instance) -> None:
    """Even kill -9 of `tracker up` leaves nothing running."""
    process = ready.up()
    process.kill()
    process.wait()
    wait_until(lambda: not ready.family(), "all parts to end by themselves", seconds=50)


def test_a_busy_port_is_said(an_instance: Instance) -> None:
    """Somebody else on the port: a sentence that names it and what to do."""
    with socket.create_server(("127.0.0.1", an_instance.port)):
        said = an_instance.tracker("up", status=1)
    assert f"Port {an_instance.port} on 127.0.0.1 is in use" in said
    assert "--port" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("where", ["/proc/undersigned", "/dev/null/undersigned"])
def test_a_folder_that_cannot_be_written_is_said(an_instance: Instance, where: str) -> None:
    """A read-only place: a sentence that names the folder and the variable."""
    said = an_instance.tracker("up", "--instance", where, status=1)
    assert where in said
    assert "TRACKER_INSTANCE" in said
    assert said.count("\n") == 1


def test_a_wrong_key_is_said(ready: Instance) -> None:
    """Another DATA_KEY than the one that sealed: refused at the start, and by the doctor, with what to do."""
    ready.tracker("prepare")
    (ready.folder / "data_key").write_text("q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n")
    said = ready.tracker("up", status=1)
    assert "Put the former key back" in said
    assert said.count("\n") == 1
    assert "BAD   keys" in ready.tracker("doctor", status=1)


def test_a_newer_database_is_said(ready: Instance) -> None:
    """A database of a later version: `up`, `worker` and the doctor say so and touch nothing."""
    engine = sa.create_engine(f"sqlite:///{ready.folder / 'tracker.db'}")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for words in (["up"], ["worker"], ["doctor"]):
        said = ready.tracker(*words, status=1)
        assert "written by a newer Undersigned (schema 9999" in said


def test_an_older_database_is_said_by_the_parts(an_instance: Instance) -> None:
    """A worker of its own does not run on a database that was never migrated."""
    assert "Run `tracker upgrade` first" in an_instance.tracker("worker", status=1)


def test_every_bad_variable_is_said_at_once(an_instance: Instance) -> None:
    """Two mistakes in the environment are two sentences in one answer."""
    an_instance.environ |= {"TRACKER_ENV": "staging", "MAIL_URL": "carrier-pigeon://roof"}
    said = an_instance.tracker("up", status=1)
    assert "TRACKER_ENV" in said
    assert "MAIL_URL" in said


def test_ctrl_c_during_the_start_ends_cleanly(an_instance: Instance) -> None:
    """Interrupting a start that has hardly begun leaves no process."""
    process = an_instance.start("up")
    wait_until(lambda: (an_instance.folder / "logs").exists(), "the first part to be started")
    process.send_signal(signal.SIGINT)
    assert process.wait(50) == 0
    wait_until(lambda: not an_instance.family(), "all processes to be gone")
