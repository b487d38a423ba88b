"""`tracker doctor`: is everything as it should be, and what to do where it is not."""

from __future__ import annotations

import datetime as dt
import itertools
import sys
from collections.abc import Iterator

import click

from tracker import clock
from tracker.config import Config
from tracker.operations import findings, mail_probe
from tracker.operations.edge import configuration
from tracker.operations.finding import BAD, GOOD, NOTE, Finding

COLOURS = {GOOD: "green", NOTE: "yellow", BAD: "red"}


@click.command("doctor")
@click.option("--mail-to", metavar="ADDRESS", help="Also send a test mail there.")
def command(mail_to: str | None) -> None:
    """Look at configuration, database, migrations, broker, worker, beat, mail, keys, search, backups, disk, memory.

    Ends with status 0 when nothing is BAD, else 1.
    """
    from tracker.app import create_app

    config = configuration()
    app = create_app(config)
    bad = 0
    with app.app_context():
        now = clock.now()
        for finding in itertools.chain(findings.look(config, now=now), tested(config, mail_to, now)):
            level = click.style(f"{finding.level:<5}", fg=COLOURS[finding.level])
            click.echo(f"{level} {finding.about:<14} {finding.words}")
            bad += finding.level == BAD
    click.echo("All is well." if not bad else f"{bad} thing{'s' if bad > 1 else ''} to mend.")
    sys.exit(1 if bad else 0)


def tested(config: Config, mail_to: str | None, now: dt.datetime) -> Iterator[Finding]:
    """What became of the test mail, if one was asked for."""
    if mail_to is not None:
        yield mail_probe.send_test(config, mail_to, now=now)
