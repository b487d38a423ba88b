"""Signing in with address and password, and out again."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.accounts import PASSWORD, SignedIn, make_account
from tests.support.pages import visit
from tracker.accounts.models import Role

WRONG = "this address and password do not match"


@pytest.mark.each_database
def test_password_signs_in(app: Flask, client: FlaskClient) -> None:
    """The right address, however it is written, and password lead to the page asked for; then /account opens."""
    make_account(app, password=True, email="ada@example.org")
    answer = client.post("/login", data={"email": " Ada@Example.org ", "password": PASSWORD, "next": "/account?x=1"})
    assert (answer.status_code, answer.location) == (302, "/account?x=1")
    assert visit(client, "/account").heading == "Your account"


@pytest.mark.parametrize(
    "next_", ["//evil.example", "https://evil.example", "/\\evil.example", "\t//evil", "/a\nb", ""]
)
def test_next_stays_on_this_site(app: Flask, client: FlaskClient, next_: str) -> None:
    """Whatever next= says, signing in never leads to another site."""
    make_account(app, password=True, email="ada@example.org")
    answer = client.post("/login", data={"email": "ada@example.org", "password": PASSWORD, "next": next_})
    assert (answer.status_code, answer.location) == (302, "/")


def test_signed_in_clients_of_tests_are_signed_in(signed_in: Callable[..., SignedIn]) -> None:
    """The fixture gives clients who may enter what their role opens, and nothing else."""
    assert visit(signed_in(Role.ADMINISTRATOR), "/people").heading == "People"
    assert signed_in(Role.VIEWER).get("/people").status_code == 403
