"""`tracker upgrade`: back up, migrate, try; put everything back when something fails."""

from __future__ import annotations

import os

import click

from tracker import clock
from tracker.operations.edge import Refusal, configuration
from tracker.operations.holding import hold


@click.command("upgrade")
@click.option("--start", is_flag=True, help="Then become `tracker up`.")
@click.option("--anyway", is_flag=True, help="Even while other connections use the database.")
def command(start: bool, anyway: bool) -> None:
    """Bring the databases to this version's schema, with a backup first and everything put back on failure."""
    from tracker.app import create_app
    from tracker.db import transaction
    from tracker.operations import keys, processes, upgrading
    from tracker.search import rebuilding

    config = configuration()
    lock = hold(config.instance)
    if lock is None:
        raise Refusal("This instance is running; stop `tracker up` first, then upgrade.")
    with lock, create_app(config).app_context():
        now = clock.now()
        done = upgrading.upgrade(now=now, anyway=anyway)
        with transaction():
            keys.refuse_wrong(now=now)
            upgrading.note_program(now=now)
        if not rebuilding.is_current():
            rebuilding.rebuild(now=now)
        if done is None:
            click.echo("The databases are of this version already.")
        elif done.backup is None:
            click.echo(f"The databases are new and have schema {done.schema}.")
        else:
            click.echo(f"The databases went from schema {done.found} to {done.schema}; before that: {done.backup}")
    if start:
        words = processes.tracker(click.get_current_context().find_root().obj, "up")
        os.execv(words[0], words)  # noqa: S606 - our own program, no shell wanted
