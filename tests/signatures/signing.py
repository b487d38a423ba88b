"""A campaign that outsiders sign, for the tests of signing; everybody is invented."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.conftest import account, campaign, join
from tests.support.accounts import forget_tries
from tests.support.mails import outbox
from tests.support.pages import Page, submit
from tracker import clock
from tracker.accounts.models import Account, Membership
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, transaction
from tracker.signatures import service, trap
from tracker.signatures.models import Signatory, Signature
from tracker.signatures.service import FormAsks

SLUG, LINK = "letter", "a-link-nobody-guesses"
NAME, ADDRESS = "Zoë Planted-Name", "zoe.planted@example.org"


def open_letter(
    app: Flask, *, protected: bool = False, visibility: Visibility = Visibility.PUBLIC, **asks: Any
) -> None:
    """A campaign with a text, open for signing; led by lead@example.org."""
    with app.app_context(), transaction():
        lead = account("lead", may_see_contacts=True)
        made = campaign(SLUG, protected=protected, visibility=visibility)
        made.link_token = LINK
        join(made, (lead, Membership.LEAD))
        now = clock.now()
        if asks:
            service.set_up_signing(made, FormAsks(**asks), seen=None, actor=lead, now=now)
        service.open_signing(made, actor=lead, now=now)


def letter() -> Campaign:
    """The campaign, inside an app context."""
    return db.session.scalars(sa.select(Campaign).where(Campaign.slug == SLUG)).one()


def lead() -> Account:
    """Who leads it."""
    return db.session.scalars(sa.select(Account).where(Account.email == "lead@example.org")).one()


def stamp(app: Flask, age: dt.timedelta = dt.timedelta(seconds=30)) -> str:
    """What a form that was opened so long ago carries."""
    with app.app_context():
        return trap.stamp(letter().public_id, clock.now() - age)


def typed(**values: Any) -> dict[str, Any]:
    """What somebody types."""
    return {
        "name": NAME, "email": ADDRESS, "appearance": "named", "consent": "y", **values,
    }  # fmt: skip


def sign(client: FlaskClient, app: Flask, *, key: str = SLUG, status: int = 200, **values: Any) -> Page:
    """Fill in the form and send it, as a person who takes their time; the page that follows."""
    forget_tries()
    values = typed(**values)
    return submit(client, f"/c/{key}/sign", status=status, **{"stamp": stamp(app), **values})


def confirm(client: FlaskClient, app: Flask, address: str = ADDRESS) -> Page:
    """Press the button behind the link of the newest mail that has one."""
    mail = [mail for mail in outbox(app, address) if "confirm" in mail.links][-1]
    return submit(client, mail.path("confirm"))


def signed(client: FlaskClient, app: Flask, **values: Any) -> str:
    """Sign and confirm; the path of the receipt."""
    sign(client, app, **values)
    page = confirm(client, app, values.get("email", ADDRESS))
    return str(page.response.request.path)


def rows(app: Flask) -> list[tuple[Any, ...]]:
    """Every signature: status, appearance, provenance, consent, version of the text."""
    with app.app_context():
        found = db.session.scalars(sa.select(Signature).order_by(Signature.id))
        return [
            (
                one.status.value, one.appearance.value, one.provenance.value, one.consent_version,
                one.text.number if one.text else None,
            )
            for one in found
        ]  # fmt: skip


def number_of(app: Flask, model: Any) -> int:
    """How many rows there are."""
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


__all__ = ["Signatory"]
