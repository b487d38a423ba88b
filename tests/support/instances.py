"""A whole instance as an operator has it: `tracker` commands in processes of their own."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import sqlalchemy as sa

from tests.support.databases import SqliteTemplate
from tests.support.processes import answers, end_with_parent, free_port, wait_until
from tests.support.sparing import Kept
from tracker.instance import Heartbeat

ROOT = Path(__file__).parent.parent.parent
OURS = (
    "TRACKER_",
    "DATABASE_URL",
    "KEY_DATABASE_URL",
    "REDIS_URL",
    "MAIL_",
    "PUBLIC_",
    "SECRET_",
    "DATA_KEY",
    "PORT",
    "SECOND_FACTOR",
)


class Instance:
    """An instance folder, short enough for a socket's path, and the environment its commands run in."""

    def __init__(self, **variables: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tracker-")) / "instance"
        self.port = free_port()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self.environ = {
            **inherited,
            "TRACKER_INSTANCE": str(self.folder),
            "PORT": str(self.port),
            "PYTHONPATH": str(ROOT),
            # Who signs in here sets up no authenticator; tests/accounts are about that.
            "SECOND_FACTOR": "offered",
            **variables,
        }
        self.processes: list[subprocess.Popen[str]] = []

    def after_migrations(self, template: SqliteTemplate, kept: Kept) -> Instance:
        """The same, with databases and static files as its first start would make them, in two seconds of a core."""
        template.copy(self.folder)
        self.folder.chmod(0o700)
        (self.folder / "assets").symlink_to(kept.assets)
        return self

    def tracker(self, *words: object, status: int | None = 0, **options: object) -> str:
        """Run `tracker WORDS` to its end; what it printed. The exit status must be ``status`` (None: any)."""
        done = subprocess.run(
            [sys.executable, "-m", "tracker.cli", *map(str, words)],
            env=self.environ,
            cwd=self.folder.parent,
            capture_output=True,
            text=True,
            timeout=60,
            **options,  # type: ignore[call-overload]
        )
        said = done.stdout + done.stderr
        assert status is None or done.returncode == status, (done.returncode, said)
        return said

    def start(self, *words: object) -> subprocess.Popen[str]:
        """Start `tracker WORDS` and leave it running."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tracker.cli", *map(str, words)],
            env=self.environ,
            cwd=self.folder.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=end_with_parent,
        )
        self.processes.append(process)
        return process

    def up(self, *words: object) -> subprocess.Popen[str]:
        """Start `tracker up` and wait for its line, kept in ``self.line``."""
        process = self.start("up", *words)
        assert process.stdout is not None
        self.line = process.stdout.readline()
        assert "running at" in self.line, self.line + (process.communicate()[0] if process.poll() is not None else "")
        return process

    def lives(self, since: dt.datetime) -> bool:
        """Whether worker and beat have given a sign of life since. It is asked often, and the doctor takes a second of
        a core to say the same."""
        engine = sa.create_engine(self.environ.get("DATABASE_URL") or f"sqlite:///{self.folder / 'tracker.db'}")
        try:
            with engine.connect() as connection:
                found = sa.select(Heartbeat.part).where(Heartbeat.beaten_at > since)
                return set(connection.scalars(found)) >= {"worker", "beat"}
        except sa.exc.DBAPIError:  # its schema is being made
            return False
        finally:
            engine.dispose()

    def family(self) -> list[psutil.Process]:
        """Every living process that names this instance's folder, or runs below one of ours."""
        found = []
        for process in psutil.process_iter():
            try:
                named = str(self.folder) in " ".join(process.cmdline())
                if process.pid != os.getpid() and named and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def part(self, name: str) -> psutil.Process:
        """The main process of a part: web, work, beat or valkey-server."""
        wanted = "valkey.sock" if name == "valkey" else f" {name}"
        parts = [
            p for p in self.family() if wanted in " " + " ".join(p.cmdline()) and " up" not in " ".join(p.cmdline())
        ]
        return min(parts, key=lambda process: (process.create_time(), process.pid))

    def close(self) -> None:
        """End what is left."""
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
                try:
                    process.communicate(timeout=50)
                except subprocess.TimeoutExpired:
                    process.kill()
            if process.stdout is not None:
                process.stdout.close()
        for process in self.family():
            process.kill()


__all__ = ["Instance", "answers", "wait_until"]
