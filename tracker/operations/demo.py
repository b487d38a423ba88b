"""`tracker demo`: two campaigns from the field to look at, told from public sources (tracker/reference/demo)."""

from __future__ import annotations

import datetime as dt

import click

from tracker import clock
from tracker.operations.edge import in_app

LOADED = "demo_loaded"


def load(*, now: dt.datetime) -> bool:
    """Record both campaigns, unless this was done before. Inside a transaction. Whether anything was recorded.

    Whoever removed or changed them since finds them as they left them.
    """
    from tracker.instance import remember, setting
    from tracker.operations.demonstration.employees import tell_employees
    from tracker.operations.demonstration.shareholders import tell_shareholders

    if setting(LOADED) is not None:
        return False
    tell_employees(now)
    tell_shareholders(now)
    remember(LOADED, now.isoformat(), now=now)
    return True


@click.command("demo")
@in_app
def command() -> None:
    """Load the two campaigns of the demonstration; a second time changes nothing."""
    from tracker.db import transaction

    with transaction():
        loaded = load(now=clock.now())
    click.echo(
        "Two campaigns are here to look at: employees and shareholders to Amazon."
        if loaded
        else "The demonstration was loaded before; nothing was changed."
    )
