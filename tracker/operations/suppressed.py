"""`tracker suppressed`: whether an address may be written to, and taking it off the list of those that may not."""

from __future__ import annotations

import click

from tracker import clock
from tracker.db import transaction
from tracker.operations.edge import Refusal, in_app


@click.group("suppressed")
def command() -> None:
    """Look at the list of addresses not to mail, or take one off it."""


@command.command("show")
@click.argument("email")
@in_app
def show(email: str) -> None:
    """Say since when and why an address is not written to."""
    from tracker.mail import do_not_mail, outbox

    found = do_not_mail.listed(email)
    if found is not None:
        click.echo(f"On the list since {found.since:%Y-%m-%d %H:%M} UTC: {found.reason}.")
        return
    refusal = outbox.refusal(email)
    click.echo("Not on the list." + (f" Not written to all the same: {refusal}" if refusal else ""))


@command.command("lift")
@click.argument("email")
@click.option("--reason", required=True, help="Who asked for it, when and how; written in the access record.")
@in_app
def lift(email: str, reason: str) -> None:
    """Let an address be written to again; its owner has to follow anew to get digests."""
    from tracker.digests import lifting
    from tracker.digests.service import DigestError

    try:
        with transaction():
            said = f"At the command line: {reason.strip()}" if reason.strip() else ""
            lifting.lift(email, by=None, reason=said, now=clock.now())
    except DigestError as error:
        raise Refusal(str(error)) from None
    click.echo("It may be written to again. Its owner has to follow anew to get digests.")
