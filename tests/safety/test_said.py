"""What must be said plainly is said where people read it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.signing import SLUG, lead, open_letter, signed
from tests.support.accounts import SignedIn
from tests.support.pages import visit
from tracker.accounts.models import Role

HOLDER = "Whoever runs this server, and holds its key, can read sealed names"


def test_who_can_read_sealed_names_is_said_on_every_page(
    app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]
) -> None:
    """Before the form, beside the receipt, on the team's pages, and where nobody is signed in."""
    open_letter(app, protected=True)
    receipt = signed(client, app)
    with app.app_context():
        number = lead().id
    for path in (f"/c/{SLUG}", f"/c/{SLUG}/sign", receipt, "/", "/login", "/privacy"):
        assert HOLDER in visit(client, path).html, path
    team = signed_in(account_id=number)
    for path in (f"/campaigns/{SLUG}", f"/campaigns/{SLUG}/signatories", f"/campaigns/{SLUG}/signing"):
        assert HOLDER in visit(team, path).html, path


def test_the_form_warns_of_the_employer(app: Flask, client: FlaskClient) -> None:
    """A private address, no device and no network of the employer: said beside the field, before anything is typed."""
    open_letter(app, protected=True)
    warning = visit(client, f"/c/{SLUG}/sign").select_one(".sign-warning").get_text()
    assert "private address" in warning and "no device or network of your employer" in warning


def test_whose_address_stays_readable_is_told(signed_in: Callable[..., SignedIn]) -> None:
    """An account's address is looked up by signing in, so it lies in the open; its owner reads that."""
    assert "stays readable in the database" in visit(signed_in(Role.VIEWER), "/account").text
