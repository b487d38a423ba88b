"""The server under test: gunicorn as `tracker web` starts it, in a process of its own, with an empty page beside ours.

    with Server(instance, account_id) as server:
        seconds = server.get("/campaigns")
        server.queries("/campaigns")         # how many statements that page sends
        server.get(EMPTY)                    # the page that ratios are taken to

The empty page is the smallest that Flask can serve: a bare app with one route and no extension, mounted in the same
process, so that it passes through the same gunicorn, thread pool and socket. It has none of what each page of ours does
before it begins (the sign-in, the headers, compression): a ratio to it hides nothing.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import Engine, event

from bench.room.databases import Instance, dispose
from tests.support.processes import answers, start, stop, wait_until
from tracker import clock, logs
from tracker.accounts import sign_ins
from tracker.accounts.models import Account
from tracker.config import Config, from_process
from tracker.db import db, transaction
from tracker.operations import web

EMPTY = "/bench/empty"
COUNTED = "X-Bench-Queries"
KEPT_OPEN = 3.0  # seconds; gunicorn closes a connection that rests for five
ROOT = Path(__file__).parent.parent.parent


class Server:
    """A running server, and one reader who asks it, one page after the other over one connection; signed in, or, with
    no account, anybody."""

    def __init__(self, instance: Instance, account_id: int | None) -> None:
        self.port = int(instance.environ["PORT"])
        self._headers = {"Accept-Encoding": "gzip"}
        if account_id is not None:
            self._headers["Cookie"] = signed_in(instance, account_id)
        self._log = Path(tempfile.mkstemp(prefix="bench-server-")[1])
        self._process: subprocess.Popen[bytes] = start(
            [sys.executable, "-m", "bench.room.server"], log=self._log, cwd=ROOT, env=instance.environ
        )
        try:
            wait_until(self._is_up, "the server to answer", seconds=30)
        except AssertionError as error:
            raise RuntimeError(self._log.read_text()) from error
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        self._asked_at = time.monotonic()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()
        stop(self._process)
        self._log.unlink(missing_ok=True)

    def get(self, path: str) -> http.client.HTTPResponse:
        """Ask for a page and read it to its end. Raises RuntimeError unless it is there."""
        if time.monotonic() - self._asked_at > KEPT_OPEN:
            self._connection.close()  # the server is about to; the next request opens another
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        self._asked_at = time.monotonic()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{path} answered {answer.status}\n{self._log.read_text()[-2000:]}")
        return answer

    def queries(self, path: str) -> int:
        """How many statements a page sends to the database."""
        return int(self.get(path).headers[COUNTED])

    def _is_up(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(self._log.read_text())
        return answers(self.port)


def signed_in(instance: Instance, account_id: int) -> str:
    """The cookie of a browser that signed in as this account."""
    app = instance.app()
    with app.app_context():
        with transaction():
            values = sign_ins.start(db.session.get_one(Account, account_id), now=clock.now())
        dispose()
    interface = app.session_interface
    assert isinstance(interface, SecureCookieSessionInterface)
    serializer = interface.get_signing_serializer(app)
    assert serializer is not None
    return f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(values)}"


def empty_app() -> Flask:
    """The smallest app that answers."""
    app = Flask("empty", static_folder=None)
    app.add_url_rule(EMPTY, "empty", lambda: "<!doctype html><title>Empty</title>")
    return app


class Measured(web.Server):
    """The same server, with the empty app beside ours and each answer saying how many statements it took."""

    def load(self) -> Any:
        """Both apps as one."""
        ours, empty, sent = super().load(), empty_app(), [0]

        @event.listens_for(Engine, "before_cursor_execute")
        def _count(*_: Any) -> None:
            sent[0] += 1  # one reader asks one page after the other, so one number is enough

        @ours.before_request
        def _begin() -> None:
            sent[0] = 0

        @ours.after_request
        def _tell(answer: Any) -> Any:
            answer.headers[COUNTED] = str(sent[0])
            return answer

        def either(environ: dict[str, Any], start_response: Any) -> Any:
            return (empty if environ["PATH_INFO"] == EMPTY else ours)(environ, start_response)

        return either


def main() -> None:
    """Serve until told to stop; what `tracker web` does with its defaults."""
    logs.configure()
    config: Config = from_process()
    Measured(config, web.settings(f"127.0.0.1:{config.port}", threads=8, workers=1)).run()


if __name__ == "__main__":
    main()
