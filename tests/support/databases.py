"""A migrated database without a row for each test, from a template that the real migrations made once."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.support.emptying import Emptied
from tests.support.postgresql import PostgreSQL

_numbers = count(1)


@dataclass(frozen=True)
class Database:
    """Where a test's rows are: the main database and the store of keys."""

    kind: str  # sqlite or postgresql
    url: str
    keys_url: str

    @property
    def environ(self) -> dict[str, str]:
        """The variables that point the tracker here."""
        return {"DATABASE_URL": self.url, "KEY_DATABASE_URL": self.keys_url}


def migrate(instance: Path, environ: dict[str, str]) -> None:
    """Bring a database to the newest schema through Alembic, as `tracker migrate` does."""
    from tracker.app import create_app
    from tracker.config import Config
    from tracker.operations.migrate import upgrade

    app = create_app(Config.from_environ({"TRACKER_INSTANCE": str(instance), **environ}))
    with app.app_context():
        upgrade()
        from tracker.db import db

        for engine in db.engines.values():
            engine.dispose()


class SqliteTemplate:
    """Two migrated files, copied for each test. Whichever process comes first makes them; others wait for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "made").exists():
                migrate(folder, {})
                (folder / "made").touch()

    def copy(self, folder: Path) -> Database:
        """Two new files in ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("tracker.db", "keys.db"):
            # The last connection of the template is closed, so its write-ahead log is in the file already.
            shutil.copy(self.folder / name, folder / name)
        return Database("sqlite", f"sqlite:///{folder / 'tracker.db'}", f"sqlite:///{folder / 'keys.db'}")


class PostgresqlTemplate:
    """Two migrated databases. The server copies them; a copy that can be emptied is given to the next test."""

    def __init__(self, server: PostgreSQL, folder: Path) -> None:
        self.server = server
        urls = {"DATABASE_URL": server.create("template_main"), "KEY_DATABASE_URL": server.create("template_keys")}
        migrate(folder, urls)
        self.main, self.keys = Emptied.like(urls["DATABASE_URL"]), Emptied.like(urls["KEY_DATABASE_URL"])
        self.free: list[int] = []

    @contextmanager
    def clone(self, *, fresh: bool = False) -> Iterator[Database]:
        """Two databases without a row, and with `fresh` without a past."""
        is_there = bool(self.free) and not fresh
        number = self.free.pop() if is_there else next(_numbers)
        main, keys = f"main_{number}", f"keys_{number}"
        if not is_there:
            self.server.create(main, template="template_main")
            self.server.create(keys, template="template_keys")
        database = Database("postgresql", self.server.url(main), self.server.url(keys))
        yield database
        if not fresh and self.main.again(database.url) and self.keys.again(database.keys_url):
            self.free.append(number)
        else:
            self.server.drop(main)
            self.server.drop(keys)
