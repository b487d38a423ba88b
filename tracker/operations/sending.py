"""`tracker sending`: let all mail rest, and let it go again."""

from __future__ import annotations

import click

from tracker import clock
from tracker.db import transaction
from tracker.instance import SENDING_PAUSED, remember, setting
from tracker.operations.edge import in_app


@click.group("sending")
def command() -> None:
    """Pause or resume all mail of this instance."""


@command.command("pause")
@click.option("--reason", default="Paused by the operator.", show_default=True, help="Shown to organisers.")
@in_app
def pause(reason: str) -> None:
    """Send nothing until further notice; what is to be sent waits."""
    with transaction():
        remember(SENDING_PAUSED, reason, now=clock.now())
    click.echo("Sending is paused; what is to be sent waits.")


@command.command("resume")
@in_app
def resume() -> None:
    """Send again, what has waited first."""
    was = setting(SENDING_PAUSED)
    with transaction():
        remember(SENDING_PAUSED, None, now=clock.now())
    click.echo("Sending goes on." if was else "Sending was not paused.")
