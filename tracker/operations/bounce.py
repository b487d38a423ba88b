"""`tracker bounce`: a bounce or complaint on standard input, as a mail server pipes it."""

from __future__ import annotations

import sys

import click
import sqlalchemy as sa

from tracker import clock
from tracker.db import transaction
from tracker.digests.ending import end_forgotten
from tracker.digests.rechecking import WATCH
from tracker.mail import bounces
from tracker.operations.edge import Refusal, in_app

TRY_LATER = 75  # EX_TEMPFAIL of sysexits.h: the mail server keeps what it piped, and pipes it again


@click.command("bounce")
@click.option("--to", "envelope_to", default="", help="The address it came to, if the mail server tells.")
@click.pass_context
def command(context: click.Context, envelope_to: str) -> None:
    """Read a delivery report or complaint from standard input; what is none is left alone.

    Ends with status 0 also then: a mail server that hears of a failure would send a bounce about the bounce. While the
    database is away, or is upgraded, it ends with status 75, so that the mail server tries again.
    """
    try:
        _take(envelope_to)
    except Refusal as problem:
        problem.show()
        context.exit(TRY_LATER)
    except sa.exc.OperationalError as problem:
        click.echo(f"The database does not answer ({type(problem.orig).__name__}); try again later.", err=True)
        context.exit(TRY_LATER)


@in_app
def _take(envelope_to: str) -> None:
    data = sys.stdin.buffer.read(bounces.LARGEST + 1)
    try:
        report = bounces.read_report(data, envelope_to=envelope_to)
    except bounces.NoReport as problem:
        click.echo(f"Left alone. {problem}")
        return
    with transaction():
        email = bounces.take(report, now=clock.now(), changed=WATCH.changed, forgotten=end_forgotten)
    click.echo("Noted." if email is not None else "It is about no mail of ours, or one that was forgotten.")
