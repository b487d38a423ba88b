"""Ways back in by mail."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.support.accounts import PASSWORD, SignedIn, make_account
from tests.support.mails import outbox
from tests.support.pages import visit
from tracker.accounts.models import Role
from tracker.clock import now

NEW = "seven kites over horseradish"


def link_to(app: Flask, client: FlaskClient, path: str, name: str) -> str:
    """Ask for a link for Vi; its path."""
    assert visit(client, path, method="POST", data={"email": "vi@example.org"}).heading == "Look into your mailbox"
    return outbox(app, "vi@example.org")[-1].path(name)


@pytest.mark.each_database
def test_sign_in_link_is_used_by_its_button_alone(app: Flask, client: FlaskClient) -> None:
    """Mail gateways may open the link as often as they like; the button signs in, once."""
    make_account(app, Role.VIEWER, email="vi@example.org")
    path = link_to(app, client, "/login/link", "sign_in")
    gateway = app.test_client()
    for method in ("GET", "HEAD", "GET"):
        assert gateway.open(path, method=method).status_code == 200
    assert gateway.get("/account").status_code == 302
    assert visit(client, path).select_one("main form button").get_text() == "Sign me in"
    assert client.post(path).location == "/"
    assert client.get("/account").status_code == 200
    assert gateway.post(path).status_code == 410
    assert gateway.get("/account").status_code == 302


def test_sign_in_link_ends(app: Flask, client: FlaskClient) -> None:
    """After 15 minutes, after a newer link, and for somebody disabled, it opens nothing."""
    make_account(app, Role.VIEWER, email="vi@example.org")
    first = link_to(app, client, "/login/link", "sign_in")
    second = link_to(app, client, "/login/link", "sign_in")
    assert (client.get(first).status_code, client.get(second).status_code) == (410, 200)
    with time_machine.travel(now() + timedelta(minutes=15, seconds=1)):
        assert client.post(second).status_code == 410


def test_link_of_somebody_disabled_ends(app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]) -> None:
    """Disabling an account ends its open links."""
    make_account(app, Role.VIEWER, email="vi@example.org", public_id="viviviviviviviv1")
    path = link_to(app, client, "/login/link", "sign_in")
    signed_in(Role.ADMINISTRATOR).post("/people/viviviviviviviv1/disable")
    assert client.post(path).status_code == 410


@pytest.mark.each_database
def test_reset_journey(app: Flask, client: FlaskClient) -> None:
    """Forgotten, mailed, chosen anew: signed in here, out everywhere else, the mailbox told, the link used up."""
    make_account(app, Role.VIEWER, email="vi@example.org", password=True)
    elsewhere = app.test_client()
    elsewhere.post("/login", data={"email": "vi@example.org", "password": PASSWORD})
    path = link_to(app, client, "/reset", "reset")
    refused = visit(client, path, method="POST", data={"new_password": "example-org-viewer"}, status=422)
    assert refused.has(".field-error")
    assert visit(client, path).heading == "Choose a new password"
    assert elsewhere.get("/account").status_code == 200
    assert client.post(path, data={"new_password": NEW}).location == "/"
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    assert app.test_client().post(path, data={"new_password": NEW}).status_code == 410
    assert outbox(app, "vi@example.org")[-1].subject == "Your password was changed"
    for password, status in ((PASSWORD, 422), (NEW, 302)):
        answer = app.test_client().post("/login", data={"email": "vi@example.org", "password": password})
        assert answer.status_code == status


def test_reset_link_ends_after_half_an_hour(app: Flask, client: FlaskClient) -> None:
    """An old link changes nothing."""
    make_account(app, Role.VIEWER, email="vi@example.org", password=True)
    path = link_to(app, client, "/reset", "reset")
    with time_machine.travel(now() + timedelta(minutes=30, seconds=1)):
        assert client.post(path, data={"new_password": NEW}).status_code == 410


def test_a_link_of_one_kind_is_not_one_of_another(app: Flask, client: FlaskClient) -> None:
    """A sign-in link cannot choose a password, nor a reset link sign in by itself."""
    make_account(app, Role.VIEWER, email="vi@example.org", password=True)
    token = link_to(app, client, "/login/link", "sign_in").rpartition("/")[2]
    assert client.get(f"/reset/{token}").status_code == 410
    assert client.get(f"/invitations/{token}").status_code == 410
    assert client.get(f"/setup/{token}").status_code == 410


def test_every_mail_can_be_read_as_text_alone(app: Flask, client: FlaskClient) -> None:
    """The text part holds the link bare on a line of its own, and says why it came and what to do otherwise."""
    make_account(app, Role.VIEWER, email="vi@example.org")
    link_to(app, client, "/login/link", "sign_in")
    mail = outbox(app, "vi@example.org")[0]
    assert mail.links["sign_in"] in mail.text.splitlines()
    assert "15 minutes" in mail.text
    assert "You get this because" in mail.text and "If it was not you" in mail.text
