"""Accounts in a real browser: what one does there, and the pages that are there once."""

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page, expect

from tests.support.accounts import PASSWORD, code_of, make_account
from tests.support.mails import outbox
from tracker.accounts import service
from tracker.accounts.models import Account, Role
from tracker.clock import now
from tracker.db import db, transaction

WIDE, PHONE = {"width": 1100, "height": 800}, {"width": 360, "height": 740}


def new_setup_link(app: Flask) -> str:
    with app.app_context(), transaction():
        link = service.setup_link(now())
    assert link
    return link


def test_pages_that_are_there_once_are_clean(
    app: Flask, new_page: Callable[..., Page], signed_in_page: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    """No axe violation, no sideways scrolling, no complaint in the console, in light and, on a phone, in dark: the
    pages about accounts that tests/browser/test_every_page.py does not find in the state that they are in here."""
    stranger = new_page(color_scheme="light", viewport=WIDE, reduced_motion="reduce")
    check(stranger, new_setup_link(app), axe)
    check(stranger, "/reset/nothing", axe)
    without = signed_in_page(
        Role.ADMINISTRATOR, columns={"factor": False}, color_scheme="light", viewport=WIDE, reduced_motion="reduce"
    )
    check(without, "/account/second-factor", axe)


def check(page: Page, path: str, axe: Callable[[Page], list[str]]) -> None:
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")
    page.goto(path)
    look(page, path, axe)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector("html[data-bs-theme=dark]")
    look(page, f"{path} in dark on a phone", axe)


def look(page: Page, what: str, axe: Callable[[Page], list[str]]) -> None:
    assert axe(page) == [], what
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.evaluate("window.innerWidth"), f"{what} is {width} wide"


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
