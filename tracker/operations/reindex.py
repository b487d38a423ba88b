"""`tracker reindex`: make the index of searching anew from what is recorded."""

from __future__ import annotations

import click

from tracker import clock
from tracker.db import forget_deleted
from tracker.operations.edge import in_app
from tracker.search.rebuilding import rebuild


@click.command("reindex")
@in_app
def command() -> None:
    """Make the index of searching true, while everything runs; may be interrupted and run again."""
    changed = rebuild(now=clock.now())
    forget_deleted()
    click.echo(f"{changed} records are found anew." if changed else "The index was true.")
