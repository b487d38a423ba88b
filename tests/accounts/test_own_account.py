"""One's own account."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.accounts import PASSWORD, SignedIn, make_account, sign_in
from tests.support.mails import outbox
from tests.support.pages import visit
from tracker.accounts import service
from tracker.accounts.models import Account, Reading, Role
from tracker.clock import now
from tracker.db import db, transaction


def test_name_zone_and_language_are_changed_in_place(signed_in: Callable[..., SignedIn]) -> None:
    """What is saved stands in the form afterwards, and times are shown in the new zone."""
    client = signed_in()
    data = {"name": "Heron", "zone": "Asia/Kolkata", "locale": "en"}
    page = visit(client, "/account", method="POST", data=data)
    assert {name: page.form("#settings form")[name] for name in data} == data
    assert "IST" in page.select_one("#sign-ins tbody").get_text()


@pytest.mark.parametrize(("field", "value"), [("zone", "Mars/Olympus"), ("locale", "tlh")])
def test_settings_off_the_list_are_refused(signed_in: Callable[..., SignedIn], field: str, value: str) -> None:
    """A zone or language nobody offered is refused beside its field."""
    data = {"name": "Heron", "zone": "UTC", "locale": "en", field: value}
    assert visit(signed_in(), "/account", method="POST", data=data, status=422).has(f"#{field}-error")


@pytest.mark.each_database
def test_address_changes_when_the_new_mailbox_confirms(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """Nothing changes before the button in the mailed page is pressed; then the old address is told."""
    client = signed_in(account_id=make_account(app, email="old@example.org", password=True))
    form = {"email-email": "New@example.org", "email-current_password": PASSWORD}
    assert "on its way to New@example.org" in visit(client, "/account/email", method="POST", data=form).text
    path = outbox(app, "new@example.org")[0].path("confirm")
    mailbox = app.test_client()
    assert visit(mailbox, path).heading == "Confirm your new address"
    assert "old@example.org" in visit(client, "/account").text
    mailbox.post(path)
    assert "new@example.org" in visit(client, "/account").text
    assert outbox(app, "old@example.org")[-1].subject == "Your address was changed"
    assert mailbox.post(path).status_code == 410


def test_links_mailed_to_the_old_address_end(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """Who reads the old mailbox cannot take the account back with a link that was asked for before the change."""
    client = signed_in(account_id=make_account(app, email="old@example.org", password=True))
    app.test_client().post("/login/link", data={"email": "old@example.org"})
    old = outbox(app, "old@example.org")[-1].path("sign_in")
    form = {"email-email": "new@example.org", "email-current_password": PASSWORD}
    visit(client, "/account/email", method="POST", data=form)
    app.test_client().post(outbox(app, "new@example.org")[0].path("confirm"))
    assert app.test_client().post(old).status_code == 410


def test_address_of_somebody_else_is_not_told(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """Asking for a taken address shows the same page as a free one; only its mailbox hears of it."""
    make_account(app, email="taken@example.org")
    client = signed_in(account_id=make_account(app, email="me@example.org"))
    pages = [
        visit(client, "/account/email", method="POST", data={"email-email": email}).text.replace(email, "")
        for email in ("taken@example.org", "free@example.org")
    ]
    assert pages[0] == pages[1]
    assert outbox(app, "taken@example.org")[0].links == {}


@pytest.mark.parametrize("path", ["email", "password"])
def test_present_password_is_asked_for(app: Flask, signed_in: Callable[..., SignedIn], path: str) -> None:
    """A browser left open is not enough to take an account over."""
    client = signed_in(account_id=make_account(app, email="me@example.org", password=True))
    data = {
        f"{path}-current_password": "wrong",
        "email-email": "x@example.org",
        "password-new_password": PASSWORD + "s",
    }
    page = visit(client, f"/account/{path}", method="POST", data=data, status=422)
    assert "not your present password" in page.select_one(f"#{path}-current_password-error").get_text()
    assert outbox(app) == []


def test_sign_ins_are_listed_and_ended(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """Other devices can be signed out one by one or all at once; this browser stays."""
    here = signed_in()
    phone, laptop, library = (signed_in(account_id=here.account_id) for _ in range(3))
    page = visit(here, "/account")
    assert len(page.select("#sign-ins tbody tr")) == 4
    assert page.text.count("This browser") == 1
    buttons = [str(form["action"]) for form in page.select("#sign-ins tbody form")]
    here.post(buttons[0])
    assert [client.get("/account").status_code for client in (phone, laptop, library)].count(302) == 1
    here.post("/account/sign-ins/end-others")
    assert [client.get("/account").status_code for client in (phone, laptop, library)] == [302] * 3
    assert len(visit(here, "/account").select("#sign-ins tbody tr")) == 1


def test_nobody_ends_the_sign_in_of_another(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """The address of somebody else's sign-in does nothing."""
    mine, other = signed_in(), signed_in()
    sign_in(other, other.account_id)
    action = visit(other, "/account").select("#sign-ins tbody form")[0]["action"]
    mine.post(str(action))
    assert len(visit(other, "/account").select("#sign-ins tbody tr")) == 2


@pytest.mark.each_database
def test_reading_contact_data_is_recorded(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """Who looked sees it on their own page, administrators see everybody's."""
    client = signed_in(Role.ORGANISER, name="Heron")
    with app.app_context(), transaction():
        account = db.session.get_one(Account, client.account_id)
        service.record_access(account, campaign_id=None, reading=Reading.VIEWED, count=3, now=now())
        service.record_access(
            account, campaign_id=None, reading=Reading.EXPORTED, count=1200, reason="For the delivery", now=now()
        )
    own = visit(client, "/account").select_one("#records").get_text(" ")
    assert "1,200" in own and "For the delivery" in own
    rows = visit(signed_in(Role.ADMINISTRATOR), "/access-record").select("tbody tr")
    assert ["Heron" in row.get_text() for row in rows] == [True, True]
    assert "Exported" in rows[0].get_text()
