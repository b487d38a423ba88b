"""The account pages in a real browser: both themes, a phone's width, zero axe violations."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.conftest import LiveServer
from tests.support.accounts import PASSWORD, code_of, make_account, make_member
from tests.support.mails import outbox
from tracker.accounts import service
from tracker.accounts.models import Account, Membership, Reading, Role
from tracker.campaigns.models import Campaign, CampaignKind, Visibility
from tracker.clock import now
from tracker.db import db, transaction

PHONE = {"width": 360, "height": 740}


def new_setup_link(app: Flask) -> str:
    with app.app_context(), transaction():
        link = service.setup_link(now())
    assert link
    return link


def campaign_with_members(app: Flask, *accounts: int) -> str:
    """The address of a members-only campaign's list of members."""
    with app.app_context(), transaction():
        campaign = Campaign(
            slug="we-wont-build-it",
            title="We won’t build it",
            kind=CampaignKind.EMPLOYEE,
            visibility=Visibility.MEMBERS,
            link_token="link",
            is_protected=True,
            created_at=now(),
            changed_at=now(),
        )
        db.session.add(campaign)
        db.session.flush()
        number = campaign.id
    for account in accounts:
        make_member(app, number, account, Membership.EDITOR)
    return "/campaigns/we-wont-build-it/members"


def record(app: Flask, account: int) -> None:
    with app.app_context(), transaction():
        who = db.session.get_one(Account, account)
        service.record_access(who, campaign_id=None, reading=Reading.EXPORTED, count=12, reason="Print", now=now())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [{"width": 1100, "height": 800}, PHONE])
def test_pages_are_clean(
    app: Flask,
    live_server: LiveServer,
    new_page: Callable[..., Page],
    signed_in_page: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    scheme: str,
    viewport: dict[str, int],
) -> None:
    """No axe violation, no sideways scrolling, no complaint in the console, on any page about accounts."""
    options: dict[str, Any] = {"color_scheme": scheme, "viewport": viewport}
    stranger = new_page(**options)
    for path in (new_setup_link(app), "/login", "/login/link", "/reset", "/reset/nothing"):
        check(stranger, path, axe)
    account = make_account(app, Role.ADMINISTRATOR, password=True, public_id="administrator123")
    other = make_account(app, Role.VIEWER, may_export=True, may_see_contacts=True)
    record(app, account)
    members = campaign_with_members(app, account, other)
    page = signed_in_page(account_id=account, **options)
    page.goto("/people/invite")
    page.get_by_label("E-mail address").fill("bo@example.org")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("on its way")).to_be_visible()
    for path in ("/people", "/people/invite", "/people/administrator123", "/account", "/access-record", members):
        check(page, path, axe)
    check(page, "/account/second-factor", axe)
    without = signed_in_page(Role.ADMINISTRATOR, columns={"factor": False}, **options)
    check(without, "/account/second-factor", axe)
    check(stranger, outbox(app, "bo@example.org")[0].links["accept"], axe)


def check(page: Page, path: str, axe: Callable[[Page], list[str]]) -> None:
    page.goto(path)
    assert axe(page) == [], path
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.evaluate("window.innerWidth"), f"{path} is {width} wide"


def test_first_minutes(app: Flask, page: Page, new_page: Callable[..., Page]) -> None:
    """By keyboard and CSRF tokens as in life: set up with a second factor, sign out, sign in with a recovery code;
    and a colleague comes by invitation."""
    page.goto(new_setup_link(app))
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_text("Welcome. You are the administrator")).to_be_visible()
    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    page.get_by_role("textbox", name="Code").fill(code_of(page.locator(".secret-words").inner_text().replace(" ", "")))
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_role("button", name="Turn it on").click()
    recovery = page.locator(".recovery-codes code").first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    page.goto("/people/invite")
    page.get_by_label("E-mail address").fill("bo@example.org")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("on its way")).to_be_visible()
    page.locator("summary", has_text="Ada").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    page.get_by_role("textbox", name="Code").fill(recovery.lower())
    page.get_by_role("textbox", name="Code").press("Enter")
    expect(page.locator("summary", has_text="Ada")).to_be_visible()
    colleague = new_page(java_script_enabled=False)
    colleague.goto(outbox(app, "bo@example.org")[0].links["accept"])
    colleague.get_by_label("Name or handle").fill("Heron")
    colleague.get_by_label("Password").fill(PASSWORD)
    colleague.get_by_role("button", name="Accept the invitation").click()
    expect(colleague.get_by_text("Welcome.")).to_be_visible()


def test_form_survives_an_ended_sign_in(app: Flask, signed_in_page: Callable[..., Page]) -> None:
    """What was typed while the sign-in ended elsewhere is still there after signing in again."""
    account = make_account(app, email="ada@example.org", password=True)
    page = signed_in_page(account_id=account)
    page.goto("/account")
    page.get_by_label("Name or handle").fill("Heron of the marshes")
    with app.app_context(), transaction():
        from tracker.accounts.service.people import end_sign_ins

        end_sign_ins(db.session.get_one(Account, account))
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("What you filled in is kept")).to_be_visible()
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_role("heading", name="Your form is still here")).to_be_visible()
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_label("Name or handle")).to_have_value("Heron of the marshes")
