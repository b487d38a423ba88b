"""Administrators and everybody's accounts."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.accounts import SignedIn, make_account
from tests.support.pages import visit
from tracker.accounts.models import Account, Role
from tracker.db import db


def account(app: Flask, number: int) -> Account:
    with app.app_context():
        return db.session.get_one(Account, number)


def test_role_and_permissions_are_given_and_taken(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """Contact data and exports need permissions of their own, on top of any role."""
    administrator = signed_in(Role.ADMINISTRATOR)
    number = make_account(app, Role.VIEWER, public_id="somebodysomebody", name="Bo")
    page = visit(administrator, "/people/somebodysomebody")
    assert page.heading == "Bo"
    form = page.form() | {"role": "organiser", "may_export": "y"}
    visit(administrator, "/people/somebodysomebody", method="POST", data=form)
    bo = account(app, number)
    assert (bo.role, bo.may_see_contacts, bo.may_export) == (Role.ORGANISER, False, True)
    me = account(app, administrator.account_id)
    assert not me.may_see_contacts and not me.may_export


@pytest.mark.each_database
def test_last_administrator_stays(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """The last active administrator can neither be given another role nor be disabled, by anybody."""
    make_account(app, Role.ADMINISTRATOR, active=False)
    administrator = signed_in(Role.ADMINISTRATOR, public_id="administrator123")
    path = "/people/administrator123"
    page = visit(administrator, path, method="POST", data={"role": "viewer", "version": "1"}, status=422)
    assert "last administrator" in page.select_one("#role-error").get_text()
    assert "last administrator" in visit(administrator, path + "/disable", method="POST").text
    assert account(app, administrator.account_id).active
    make_account(app, Role.ADMINISTRATOR)
    assert administrator.post(path, data={"role": "viewer", "version": "1"}).status_code == 302
    assert administrator.get("/people").status_code == 403


def test_second_administrator_does_not_overwrite_the_first(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """A page opened before somebody else's change is refused when it is sent."""
    make_account(app, Role.VIEWER, public_id="somebodysomebody")
    one, other = signed_in(Role.ADMINISTRATOR), signed_in(Role.ADMINISTRATOR)
    stale = visit(one, "/people/somebodysomebody").form()
    other.post("/people/somebodysomebody", data={"role": "administrator", "version": "1"})
    page = visit(one, "/people/somebodysomebody", method="POST", data=stale | {"role": "organiser"}, status=422)
    assert "Somebody else changed this meanwhile" in page.text


def test_handle_stands_for_a_name_everywhere_in_the_team(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """Inside the team a handle is shown as it is; outside everybody is "the organisers"."""
    number = make_account(app, name="Heron")
    assert "Heron" in visit(signed_in(Role.ADMINISTRATOR), "/people").text
    with app.test_request_context():
        from tracker.accounts.names import display_name

        heron = db.session.get_one(Account, number)
        assert str(display_name(heron, for_outsiders=False)) == "Heron"
        assert str(display_name(heron, for_outsiders=True)) == "the organisers"
        assert str(display_name(None, for_outsiders=True)) == "the organisers"
