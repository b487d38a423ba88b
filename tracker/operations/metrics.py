"""`tracker metrics`: numbers for Prometheus, on a port of their own that the pages do not share.

The text format is written here: every number is a question to the database at the moment of asking, so a client library
(registries, threads, processes' own counters) would bring much and do nothing.
"""

from __future__ import annotations

import http.server
import logging

import click
import sqlalchemy as sa
from flask import Flask

from tracker import clock, logs
from tracker.operations.edge import Refusal, configuration

FORMAT = "text/plain; version=0.0.4; charset=utf-8"

logger = logging.getLogger("tracker.metrics")


def measured() -> str:
    """Every number with what it means, in Prometheus' text format."""
    from tracker.digests import watching

    found = watching.standing(clock.now())
    mails, digests, suppressed = watching.counts()
    late = {"mail": found.mails_late, "digest": found.digests_late, "run": found.unplanned}
    beats = {part: since.total_seconds() for part, since in found.beats.items() if since is not None}
    oldest = found.oldest_waiting.total_seconds() if found.oldest_waiting else 0
    return "".join(
        (
            _gauge("mails", "Mails in the outbox by state.", mails, "state"),
            _gauge("digests", "Digests by state.", digests, "state"),
            _gauge("oldest_waiting_seconds", "Age of the oldest mail that waits; 0 when none does.", oldest),
            _gauge("overdue", "What is late: mails, digests not composed, subscribers without a row.", late, "what"),
            _gauge("heartbeat_age_seconds", "Since each part's last sign of life; absent: never.", beats, "part"),
            _gauge("sending_paused", "1 while all sending is paused.", int(found.paused is not None)),
            _gauge("suppressed_addresses", "Addresses that must not be written to again.", suppressed),
        )
    )


def _gauge(name: str, words: str, values: float | dict[str, int] | dict[str, float], label: str = "") -> str:
    full = f"undersigned_{name}"
    rows = values if isinstance(values, dict) else {"": values}
    lines = [f"# HELP {full} {words}", f"# TYPE {full} gauge"]
    # The labels' values are words of our own (states, parts): nothing in them wants escaping.
    lines += [f'{full}{{{label}="{key}"}} {value}' if label else f"{full} {value}" for key, value in rows.items()]
    return "\n".join(lines) + "\n"


def server(app: Flask, host: str, port: int) -> http.server.ThreadingHTTPServer:
    """Listens, and answers GET /metrics. Raises Refusal when the port is taken."""

    class Handler(http.server.BaseHTTPRequestHandler):
        server_version, sys_version = "undersigned", ""
        timeout = 10

        def do_GET(self) -> None:
            if self.path.partition("?")[0] != "/metrics":
                self.say(404, "Ask for /metrics.\n")
                return
            try:
                with app.app_context():
                    words = measured()
            except sa.exc.SQLAlchemyError as error:
                logger.warning("the database cannot be asked: %s", type(error).__name__)
                self.say(503, "The database does not answer.\n")
                return
            self.say(200, words)

        def say(self, status: int, words: str) -> None:
            body = words.encode()
            self.send_response(status)
            self.send_header("Content-Type", FORMAT)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """No access log: addresses of machines are not kept."""

    try:
        return http.server.ThreadingHTTPServer((host, port), Handler)
    except OSError as error:
        raise Refusal(f"Port {port} cannot be listened on: {error.strerror}.") from None


@click.command("metrics")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port, instead of METRICS_PORT.")
def command(host: str, port: int | None) -> None:
    """Serve numbers about mails and digests to Prometheus; anybody who reaches the port may read them."""
    from tracker.app import create_app

    logs.configure()
    config = configuration()
    wanted = port or config.metrics_port
    if wanted is None:
        raise Refusal("Set METRICS_PORT, or say --port.")
    app = create_app(config)
    with server(app, host, wanted) as serving:
        serving.serve_forever()
