"""What `tracker up` needs done before anything runs: a schema, the right key, the demo if asked for, a set-up link."""

from __future__ import annotations

import json

import click

from tracker import clock
from tracker.operations.edge import configuration


@click.command("prepare", hidden=True)
@click.option("--port", type=int)
@click.option("--demo", is_flag=True)
def command(port: int | None, demo: bool) -> None:
    """Make the instance ready and print what the supervisor wants to say, as JSON."""
    from tracker.app import create_app
    from tracker.db import transaction
    from tracker.operations import keys, upgrading
    from tracker.search import rebuilding

    config = configuration()
    app = create_app(config.at(port=port) if port else config)
    with app.app_context():
        now = clock.now()
        upgrading.upgrade(now=now)
        with transaction():
            keys.refuse_wrong(now=now)
            upgrading.note_program(now=now)
        if not rebuilding.is_current():
            rebuilding.rebuild(now=now)
        if demo:
            from tracker.operations.demo import load

            with transaction():
                load(now=now)
        click.echo(json.dumps({"setup_link": setup_link()}))


def setup_link() -> str | None:
    """The one-time link to make the first administrator, or None when there is one."""
    from tracker.accounts import service
    from tracker.db import transaction

    with transaction():
        return service.setup_link(clock.now())
