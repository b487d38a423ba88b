"""`tracker demo`: load the two campaigns that the tracker was made for, once."""

from __future__ import annotations

import datetime as dt
import secrets

import click

from tracker import clock
from tracker.operations.edge import in_app

ADDRESS = "demo@example.org"


@click.command("demo")
@in_app
def command() -> None:
    """Load the demo: two campaigns at Amazon, with their sources. Loading twice changes nothing."""
    from tracker.db import transaction

    with transaction():
        loaded = load(now=clock.now())
    click.echo("Loaded: " + "; ".join(loaded) if loaded else "The demo is loaded already.")


def load(*, now: dt.datetime) -> list[str]:
    """Record both campaigns through the services, inside a transaction; their titles, or nothing if they are there."""
    import sqlalchemy as sa

    from tracker.accounts.models import Account, Role
    from tracker.db import db
    from tracker.operations.demonstration import employees, shareholders

    if db.session.scalar(sa.select(Account.id).where(Account.email == ADDRESS)) is not None:
        return []
    # Whoever recorded it is nobody: an account that cannot sign in and belongs to no campaign.
    actor = Account(
        email=ADDRESS,
        name="Demo",
        role=Role.VIEWER,
        active=False,
        fs_uniquifier=secrets.token_hex(16),
        created_at=now,
    )
    db.session.add(actor)
    db.session.flush()
    return [campaign.load(actor, now).title for campaign in (employees, shareholders)]
