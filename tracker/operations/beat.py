"""`tracker beat`: nudges the workers by the clock. One is enough; two do no harm."""

from __future__ import annotations

import click

from tracker.operations.processes import become


@click.command("beat")
@click.option("--port", type=int, hidden=True, help="The web's port, for the links in mails.")
def command(port: int | None) -> None:
    """Keep the clock of the background work."""
    become("beat", port=port)
