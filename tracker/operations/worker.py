"""`tracker worker`: sends mail, composes digests, sweeps."""

from __future__ import annotations

import click

from tracker.operations.processes import become


@click.command("worker")
@click.option("--port", type=int, hidden=True, help="The web's port, for the links in mails.")
@click.option("--concurrency", type=int, default=2, show_default=True, help="Tasks at the same time.")
def command(port: int | None, concurrency: int) -> None:
    """Do the background work."""
    become("work", port=port, concurrency=concurrency)
