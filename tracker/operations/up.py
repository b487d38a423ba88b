"""`tracker up`: everything that an instance needs, with one command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click

from tracker.config import Config
from tracker.operations import processes, valkey
from tracker.operations.edge import Refusal, configuration
from tracker.operations.holding import hold
from tracker.operations.listening import listen
from tracker.operations.supervisor import Part, Supervisor


@click.command("up")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port, instead of PORT (8000).")
@click.option("--instance", type=click.Path(path_type=Path), help="The instance folder, instead of TRACKER_INSTANCE.")
@click.option("--demo", is_flag=True, help="Load the two campaigns of the demonstration first.")
@click.pass_context
def command(ctx: click.Context, host: str, port: int | None, instance: Path | None, demo: bool) -> None:
    """Start web, worker, beat and, without REDIS_URL, a private Valkey; keep them running until Ctrl-C."""
    root = ctx.find_root()
    root.obj = instance or root.obj
    config = configuration()
    config = config.at(port=port or config.port)
    lock = hold(config.instance, address=config.public_base_url)
    if lock is None:
        raise Refusal(f"`tracker up` is running already for {config.instance}; stop that one first.")
    if config.metrics_port is not None:
        listen("127.0.0.1", config.metrics_port).close()  # else five vain starts would stop everything else
    with listen(host, config.port) as listener:
        setup_link = prepare(config, demo=demo)
        supervisor = Supervisor(
            config.instance / "logs",
            parts(config, listener.fileno()),
            address=(host, config.port),
            announcement=announcement(config, setup_link),
        )
        sys.exit(supervisor.run())


def announcement(config: Config, setup_link: str | None) -> str:
    """The one line that `up` prints."""
    line = f"Undersigned is running at {config.public_base_url} (Ctrl-C stops it)"
    return f"{line}. Set it up with this link, which works once: {setup_link}" if setup_link else line


def prepare(config: Config, *, demo: bool) -> str | None:
    """Migrate, check the key, load the demo; in a process of its own, so that this one stays small."""
    words: list[object] = ["prepare", "--port", config.port, *(["--demo"] if demo else [])]
    done = subprocess.run(processes.tracker(config.instance, *words), capture_output=True, text=True)
    if done.returncode:
        raise Refusal(done.stderr.strip() or f"The instance could not be prepared (status {done.returncode}).")
    link: str | None = json.loads(done.stdout.splitlines()[-1])["setup_link"]
    return link


def parts(config: Config, listener: int) -> list[Part]:
    """What runs, in the order of starting; stopped the other way round."""
    port, instance = config.port, config.instance
    # A mail server may take ten minutes for one mail, and others must not wait for it; a folder takes no time, and a
    # second child costs 45 MB.
    concurrency = 1 if config.mail.is_folder else 2
    found = [
        Part("web", processes.tracker(instance, "web", "--port", port, "--socket", listener), descriptors=(listener,)),
        Part("worker", processes.celery(instance, "work", port=port, concurrency=concurrency)),
        Part("beat", processes.celery(instance, "beat", port=port)),
    ]
    if config.metrics_port is not None:
        found.append(Part("metrics", processes.tracker(instance, "metrics")))
    if config.redis_url is None:
        socket = config.valkey_socket
        found.insert(0, Part("valkey", valkey.command_line(config), ready=lambda: valkey.answers(socket)))
    return found
