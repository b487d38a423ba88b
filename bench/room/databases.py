"""The databases a script measures on: files of SQLite, and the embedded PostgreSQL of the tests."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event

from tests.support.postgresql import PostgreSQL
from tests.support.processes import free_port
from tracker.app import create_app
from tracker.config import Config
from tracker.db import db
from tracker.operations.migrate import upgrade

FILES = ("tracker.db", "keys.db")
KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Instance:
    """An instance folder of its own and a migrated, empty database."""

    folder: Path
    environ: dict[str, str]

    def app(self) -> Flask:
        """The app of this instance, in this process, to fill it or to ask it."""
        app = create_app(Config.from_environ(self.environ))
        with app.app_context():
            for engine in db.engines.values():
                if engine.dialect.name == "sqlite":
                    event.listen(engine, "connect", _write_in_haste)
        return app


def _write_in_haste(connection: Any, _record: Any) -> None:
    # A world that a power cut destroys is made anew, and nothing in it is secret. The server that is measured opens
    # connections of its own, with all that the app asks for.
    for pragma in ("synchronous=OFF", "secure_delete=OFF"):
        connection.execute(f"PRAGMA {pragma}")


@dataclass
class Databases:
    """Makes instances on one kind of database; `close` (or the end of `on`) removes all of them."""

    kind: str
    _ends: ExitStack = field(default_factory=ExitStack)
    _server: PostgreSQL | None = None
    _made: int = 0

    def instance(self) -> Instance:
        """A new one."""
        folder = Path(tempfile.mkdtemp(prefix="bench-")) / "instance"
        self._ends.callback(shutil.rmtree, folder.parent, ignore_errors=True)
        self._made += 1
        # The port is where the server will listen. Nobody listens on the broker's: no page may wait for it.
        environ = {"TRACKER_INSTANCE": str(folder), "PORT": str(free_port()), "REDIS_URL": "redis://127.0.0.1:9/0"}
        if self.kind == "postgresql":
            environ |= self._new_on_postgresql()
        else:
            folder.mkdir(mode=0o700)
            for name in FILES:
                shutil.copy(_migrated() / name, folder / name)
        instance = Instance(folder, environ)
        if self.kind == "postgresql":
            migrate(instance)
        return instance

    def _new_on_postgresql(self) -> dict[str, str]:
        if self._server is None:
            self._server = PostgreSQL(vacuums=True)
            self._ends.callback(self._server.close)
        names = {"DATABASE_URL": f"main_{self._made}", "KEY_DATABASE_URL": f"keys_{self._made}"}
        return {variable: self._server.create(name) for variable, name in names.items()}


@cache
def _migrated() -> Path:
    """The folder of an instance with SQLite's files as the migrations leave them; they run once a process."""
    folder = Path(tempfile.mkdtemp(prefix="bench-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    migrate(Instance(folder, {"TRACKER_INSTANCE": str(folder)}))
    return folder


def migrate(instance: Instance) -> None:
    """Bring its databases to the newest schema."""
    app = instance.app()
    with app.app_context():
        upgrade()
        dispose()


@contextmanager
def on(kind: str) -> Iterator[Databases]:
    """Instances on this kind of database, removed at the end."""
    databases = Databases(kind)
    with databases._ends:
        yield databases


def dispose() -> None:
    """Close this process's connections; on SQLite the last one also folds the write-ahead log into the file."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()
