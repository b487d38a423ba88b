"""`tracker user add`, `invite` and `reset-factor`: accounts without a browser, for scripts and for emergencies."""

from __future__ import annotations

import sys

import click

from tracker import clock
from tracker.operations.edge import Refusal, in_app

ROLES = click.Choice(["administrator", "organiser", "viewer"])


@click.group("user")
def command() -> None:
    """Add or invite somebody, or take a lost second factor away."""


@click.command("add")
@click.argument("email")
@click.option("--role", type=ROLES, required=True, help="What they are in the team.")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
@click.option("--name", default="", help="Their name or handle.")
@in_app
def add(email: str, role: str, password_stdin: bool, name: str) -> None:
    """Make an account with a password, at once and without a mail."""
    from tracker.accounts import service
    from tracker.accounts.models import Role
    from tracker.db import transaction

    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise Refusal("No password came on standard input; pipe it in, for example from a file only you can read.")
    try:
        with transaction():
            account = service.add_account(email, role=Role(role), name=name, password=password, now=clock.now())
            address = account.email
    except service.AccountError as error:
        raise Refusal(str(error)) from None
    click.echo(f"{address} can sign in as {role}.")


@click.command("invite")
@click.argument("email")
@click.option("--role", type=ROLES, required=True, help="What they will be in the team.")
@click.option("--name", default="", help="Their name or handle; they can change it.")
@in_app
def invite(email: str, role: str, name: str) -> None:
    """Mail an invitation; the worker sends it."""
    from tracker.accounts import service
    from tracker.accounts.models import Role
    from tracker.db import transaction
    from tracker.jobs import SEND_MAIL, nudge

    try:
        with transaction():
            invitation = service.invite(email, role=Role(role), name=name, actor=None, now=clock.now())
            address = invitation.email
    except service.AccountError as error:
        raise Refusal(str(error)) from None
    nudge(SEND_MAIL)
    click.echo(f"An invitation is on its way to {address}.")


@click.command("reset-factor")
@click.argument("email")
@in_app
def reset_factor(email: str) -> None:
    """Take somebody's second factor away: the way back when the last administrator lost device and recovery codes."""
    from tracker.accounts import queries, service
    from tracker.db import transaction
    from tracker.jobs import SEND_MAIL, nudge

    with transaction():
        account = queries.account_by_email(email)
        if account is None:
            raise Refusal("There is no account with this address.")
        if not account.has_factor:
            raise Refusal("This account has no second factor; its password, or a mailed link, signs in.")
        service.reset_factor(account, now=clock.now())
    nudge(SEND_MAIL)
    click.echo("Their second factor is gone, and every sign-in ended. They are told by mail.")


command.add_command(reset_factor)
command.add_command(add)
command.add_command(invite)
