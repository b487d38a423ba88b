"""First steps: the set-up link and invitations."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.support.accounts import PASSWORD, SignedIn, make_account
from tests.support.mails import outbox
from tests.support.pages import visit
from tracker.accounts import service
from tracker.accounts.models import Account, Invitation, OneTimeLink, Role
from tracker.clock import now
from tracker.db import db, transaction


def new_setup_path(app: Flask) -> str | None:
    """The path of a new set-up link."""
    with app.app_context(), transaction():
        link = service.setup_link(now())
    return link and "/setup/" + link.rpartition("/setup/")[2]


FIRST = {"name": "Ada", "email": "Ada@Example.org", "password": PASSWORD, "zone": "Europe/Berlin"}


@pytest.mark.each_database
def test_setup_link_makes_the_first_administrator(app: Flask, client: FlaskClient) -> None:
    """The printed link opens a form; sending it makes the administrator and signs them in; then there is no link."""
    path = new_setup_path(app)
    assert path
    assert visit(client, path).heading == "Set up this tracker"
    assert client.post(path, data=FIRST).location == "/account/second-factor?next=/"
    assert visit(client, "/account").text.count("ada@example.org")
    assert new_setup_path(app) is None
    assert client.get(path).status_code == 410
    with app.app_context():
        account = db.session.scalars(sa.select(Account)).one()
        assert (account.email, account.role, account.zone) == ("ada@example.org", Role.ADMINISTRATOR, "Europe/Berlin")
        assert str(account.password).startswith("$argon2id$v=19$m=65536,t=3,p=1$")


def test_refused_set_up_loses_nothing(app: Flask, client: FlaskClient) -> None:
    """A password that is refused leaves the form filled and the link usable."""
    path = new_setup_path(app)
    assert path
    page = visit(client, path, method="POST", data={**FIRST, "password": "password1234"}, status=422)
    assert "first passwords anybody would try" in page.text
    assert page.form()["email"] == "Ada@Example.org"
    assert page.form()["zone"] == "Europe/Berlin"
    assert page.form()["password"] == ""
    assert client.post(path, data=FIRST).status_code == 302


def test_setup_link_is_known_by_its_hash_and_ends(app: Flask, client: FlaskClient) -> None:
    """The database never holds the link; it ends after a day, or when a newer one is made."""
    first, second = new_setup_path(app), new_setup_path(app)
    assert first and second
    with app.app_context():
        row = db.session.scalars(sa.select(OneTimeLink)).one()
        assert row.token_hash not in (first, second)
        assert len(row.token_hash) == 64
    assert client.get(first).status_code == 410
    with time_machine.travel(now() + timedelta(days=1, seconds=1)):
        assert client.get(second).status_code == 410


def test_page_with_a_token_gives_nothing_away(app: Flask, client: FlaskClient) -> None:
    """A page with a secret in its address sends no referrer, is not cached and not indexed."""
    headers = client.get(new_setup_path(app) or "").headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]


def invited(app: Flask, administrator: SignedIn, email: str, role: Role) -> str:
    """Invite through the page; the path of the link in the mail."""
    assert administrator.post("/people/invite", data={"email": email, "role": role.value, "name": "Bo"}).location
    return outbox(app, email)[-1].path("accept")


@pytest.mark.each_database
def test_invitation_journey(app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]) -> None:
    """Invited by mail, opened, accepted by a button, signed in; the link works once, and the list forgets it."""
    administrator = signed_in(Role.ADMINISTRATOR, name="Ada")
    path = invited(app, administrator, "bo@example.org", Role.ORGANISER)
    mail = outbox(app, "bo@example.org")[0]
    assert mail.subject == "You are invited"
    assert "Ada invites you" in mail.text and mail.links["accept"] in mail.text and mail.links["accept"] in mail.html
    assert "bo@example.org" in visit(administrator, "/people").text
    page = visit(client, path)
    assert page.form()["name"] == "Bo"
    form = {"name": "Bo B.", "password": PASSWORD, "zone": "UTC"}
    assert client.post(path, data={**form, "password": ""}).status_code == 422
    assert client.post(path, data=form).location == "/"
    assert visit(client, "/account").form()["name"] == "Bo B."
    assert app.test_client().get(path).status_code == 410
    assert visit(administrator, "/people").has("#invitations p")


def test_viewer_may_do_without_a_password(app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]) -> None:
    """A viewer accepts with a name alone, and signs in by mailed links from then on."""
    path = invited(app, signed_in(Role.ADMINISTRATOR), "vi@example.org", Role.VIEWER)
    assert client.post(path, data={"name": "Vi", "password": "", "zone": "UTC"}).location == "/"
    assert "You have no password" in visit(client, "/account").text


def test_resending_and_taking_back(app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]) -> None:
    """A resent invitation has a new link and ends the old one; one taken back opens nothing."""
    administrator = signed_in(Role.ADMINISTRATOR)
    first = invited(app, administrator, "bo@example.org", Role.VIEWER)
    with app.app_context():
        number = db.session.scalars(sa.select(Invitation.public_id)).one()
    administrator.post(f"/invitations/{number}/resend")
    second = outbox(app, "bo@example.org")[-1].path("accept")
    assert (client.get(first).status_code, client.get(second).status_code) == (410, 200)
    administrator.post(f"/invitations/{number}/revoke")
    assert client.get(second).status_code == 410
    assert client.post(second, data={"name": "Bo", "zone": "UTC"}).status_code == 410


def test_invitation_ends_after_a_week(app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]) -> None:
    """An old invitation opens nothing; the list says that it is too old."""
    administrator = signed_in(Role.ADMINISTRATOR)
    path = invited(app, administrator, "bo@example.org", Role.VIEWER)
    with time_machine.travel(now() + timedelta(days=7, minutes=1)):
        assert client.get(path).status_code == 410
        assert "Too old" in visit(signed_in(Role.ADMINISTRATOR), "/people").text


def test_who_has_an_account_is_not_invited(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """Inviting an address that has an account is refused beside the field, and no mail leaves."""
    make_account(app, email="bo@example.org")
    page = visit(
        signed_in(Role.ADMINISTRATOR),
        "/people/invite",
        method="POST",
        data={"email": "BO@example.org", "role": "viewer"},
        status=422,
    )
    assert "There is an account with this address already." in page.select_one("#email-error").get_text()
    assert outbox(app) == []
