"""`tracker bounce`: a bounce or complaint on standard input, as a mail server pipes it."""

from __future__ import annotations

import sys

import click

from tracker import clock
from tracker.db import transaction
from tracker.digests.ending import end_forgotten
from tracker.digests.rechecking import WATCH
from tracker.mail import bounces
from tracker.operations.edge import in_app


@click.command("bounce")
@click.option("--to", "envelope_to", default="", help="The address it came to, if the mail server tells.")
@in_app
def command(envelope_to: str) -> None:
    """Read a delivery report or complaint from standard input; what is none is left alone.

    Ends with status 0 also then: a mail server that hears of a failure would send a bounce about the bounce.
    """
    data = sys.stdin.buffer.read(bounces.LARGEST + 1)
    try:
        report = bounces.read_report(data, envelope_to=envelope_to)
    except bounces.NoReport as problem:
        click.echo(f"Left alone. {problem}")
        return
    with transaction():
        email = bounces.take(report, now=clock.now(), changed=WATCH.changed, forgotten=end_forgotten)
    click.echo("Noted." if email is not None else "It is about no mail of ours, or one that was forgotten.")
