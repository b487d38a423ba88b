"""`tracker doctor`: is everything as it should be, and what to do where it is not."""

from __future__ import annotations

import sys

import click

from tracker import clock
from tracker.operations import findings
from tracker.operations.edge import configuration

COLOURS = {findings.GOOD: "green", findings.NOTE: "yellow", findings.BAD: "red"}


@click.command("doctor")
def command() -> None:
    """Look at configuration, database, migrations, broker, worker, beat, mail, keys, search, disk and memory.

    Ends with status 0 when nothing is BAD, else 1.
    """
    from tracker.app import create_app

    config = configuration()
    app = create_app(config)
    bad = 0
    with app.app_context():
        for finding in findings.look(config, now=clock.now()):
            level = click.style(f"{finding.level:<5}", fg=COLOURS[finding.level])
            click.echo(f"{level} {finding.about:<14} {finding.words}")
            bad += finding.level == findings.BAD
    click.echo("All is well." if not bad else f"{bad} thing{'s' if bad > 1 else ''} to mend.")
    sys.exit(1 if bad else 0)
