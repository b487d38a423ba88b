"""Two people, the same moment: the database decides, in words."""

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.support.accounts import PASSWORD, SignedIn
from tests.support.mails import outbox
from tracker.accounts.models import Account, Role
from tracker.db import db


def together(*calls: Callable[[], int]) -> list[int]:
    """Call all at once; the statuses, sorted."""
    barrier = threading.Barrier(len(calls))
    statuses: list[int] = []

    def run(call: Callable[[], int]) -> None:
        barrier.wait()
        statuses.append(call())

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


@pytest.mark.each_database
def test_two_administrators_disable_each_other(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """One of them stays, whoever was first."""
    one = signed_in(Role.ADMINISTRATOR, public_id="administrator1aa")
    other = signed_in(Role.ADMINISTRATOR, public_id="administrator2aa")
    together(
        lambda: one.post("/people/administrator2aa/disable").status_code,
        lambda: other.post("/people/administrator1aa/disable").status_code,
    )
    with app.app_context():
        active = sa.select(sa.func.count()).where(Account.role == Role.ADMINISTRATOR, Account.active)
        assert db.session.scalar(active) == 1


@pytest.mark.each_database
def test_invitation_accepted_twice_at_once(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """A double click makes one account; the second click is told that the link is over."""
    signed_in(Role.ADMINISTRATOR).post("/people/invite", data={"email": "bo@example.org", "role": "organiser"})
    path = outbox(app, "bo@example.org")[0].path("accept")

    def accept(client: FlaskClient) -> Callable[[], int]:
        return lambda: client.post(path, data={"name": "Bo", "password": PASSWORD, "zone": "UTC"}).status_code

    statuses = together(*(accept(app.test_client()) for _ in range(3)))
    assert statuses == [302, 410, 410]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).where(Account.email == "bo@example.org")) == 1


@pytest.mark.each_database
def test_sign_in_link_pressed_twice_at_once(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """A sign-in link signs in once, even if two browsers press the button in the same moment."""
    viewer = signed_in(Role.VIEWER, email="vi@example.org")
    viewer.post("/login/link", data={"email": "vi@example.org"})
    path = outbox(app, "vi@example.org")[0].path("sign_in")
    clients = [app.test_client() for _ in range(3)]
    assert together(*(lambda c=c: c.post(path).status_code for c in clients)) == [302, 410, 410]  # type: ignore[misc]
