"""`tracker web`: the web server, gunicorn with threads."""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path
from typing import Any

import click
from flask import Flask
from gunicorn import glogging
from gunicorn.app.base import BaseApplication

from tracker import logs
from tracker.config import Config
from tracker.operations.edge import configuration

# Under memory, so that a worker's sign of life never waits for a disk.
MEMORY = Path("/dev/shm")  # noqa: S108 - gunicorn makes an unnamed file of its own there

GARBAGE = 5_000, 20, 20  # new objects after which they are looked through; Python's 700 are a few pages


class Log(glogging.Logger):
    """Gunicorn's log, as discreet as ours."""

    def setup(self, cfg: Any) -> None:
        """Its own handlers, our formatter."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(logs.Discreet())


class Server(BaseApplication):
    """Gunicorn around our app, without a configuration file and without an access log: addresses are not kept."""

    def __init__(self, config: Config, settings: dict[str, Any]) -> None:
        self.tracker = config
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Our settings into gunicorn's."""
        for name, value in self.settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The app; called in each worker, after the fork, so that no connection is shared."""
        from tracker.app import create_app

        app = create_app(self.tracker)
        # What is loaded by now stays as long as the process. Looking through all of it for garbage takes a tenth of a
        # second, and somebody's page waits for it.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GARBAGE)
        return app


def settings(bind: str, *, threads: int, workers: int) -> dict[str, Any]:
    """What we ask of gunicorn."""
    return {
        "bind": bind,
        "worker_class": "gthread",
        "workers": workers,
        "threads": threads,
        "timeout": 60,
        "graceful_timeout": 10,
        "keepalive": 5,
        "logger_class": Log,
        "accesslog": None,
        "errorlog": "-",
        "loglevel": "warning",
        "worker_tmp_dir": str(MEMORY) if MEMORY.is_dir() else tempfile.gettempdir(),
        "proc_name": "undersigned",
        "control_socket_disable": True,
        # Anyone may send X-Forwarded-*; ProxyFix believes it exactly when BEHIND_PROXY says so.
        "forwarded_allow_ips": "",
    }


@click.command("web")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=int, help="The port, instead of PORT.")
@click.option("--threads", type=int, default=8, show_default=True)
@click.option("--workers", type=int, default=1, show_default=True, help="Processes; each has its own threads.")
@click.option("--socket", "descriptor", type=int, hidden=True, help="A listening socket inherited from `tracker up`.")
def command(host: str, port: int | None, threads: int, workers: int, descriptor: int | None) -> None:
    """Serve the pages."""
    logs.configure()
    config = configuration()
    if port is not None:
        config = config.at(port=port)
    bind = f"fd://{descriptor}" if descriptor is not None else f"{host}:{config.port}"
    Server(config, settings(bind, threads=threads, workers=workers)).run()
