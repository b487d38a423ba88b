"""An organiser puts two records in order: links, tags and merges them, thinks better of it, and starts a third."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.conftest import LiveServer
from tests.support.accounts import make_account, sign_in
from tests.support.campaigns import log
from tracker.accounts.models import Role

OLD, NEW = "/campaigns/the-letter", "/campaigns/the-resolution"


def test_two_records_in_order(live_server: LiveServer, signed_in_page: Callable[..., Page], axe: Any) -> None:
    """Everything by the buttons of the pages, with scripts; nothing on the way is out of reach or unreadable."""
    organiser = make_account(live_server.app, Role.ORGANISER)
    live_server.app.config["WTF_CSRF_ENABLED"] = False
    client = live_server.app.test_client()
    sign_in(client, organiser)
    log(client, title="The letter", kind="public", company="Amazon", demands="Stop the sale", began_on="2018")
    log(client, title="The resolution", kind="shareholder", company="Amazon", demands="Study it", began_on="2019")
    live_server.app.config["WTF_CSRF_ENABLED"] = True
    page = signed_in_page(account_id=organiser)

    page.goto(NEW)
    page.locator("#related summary", has_text="Link another campaign").click()
    page.locator("#related form.form select").select_option("follows-0")
    page.locator("#related form.form input[type=text]").fill("The letter")
    page.get_by_role("button", name="Link it").click()
    expect(page.locator(".chain-link")).to_have_count(2)
    assert axe(page) == []

    page.goto(f"{OLD}/edit")
    page.locator("#issues").fill("Facial recognition")
    page.get_by_role("button", name="Save").click()
    page.goto(f"{NEW}/edit")
    page.get_by_role("button", name="Facial recognition").click()
    expect(page.locator("#issues")).to_have_value("Facial recognition")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Facial recognition").click()
    expect(page.locator("#campaigns .record")).to_have_count(2)
    assert axe(page) == []

    page.goto(f"{OLD}/edit")
    page.get_by_role("link", name="Merge into another campaign").click()
    page.locator("#other").fill("The resolution")
    page.locator("#reason").fill("One campaign, two sheets.")
    page.get_by_role("button", name="Show what will be").click()
    expect(page.locator("main")).to_contain_text("will be read as part of")
    page.get_by_role("button", name="Merge them").click()
    expect(page.locator("#merged")).to_contain_text("One campaign, two sheets.")
    page.goto(OLD)
    expect(page.locator("h1")).to_have_text("The resolution")
    page.locator("#merged summary").click()
    page.get_by_role("button", name="Undo it").click()
    expect(page.locator("h1")).to_have_text("The letter")

    page.get_by_role("link", name="Start another from it").click()
    page.locator("#title").fill("The letter, again")
    page.get_by_role("button", name="Start it").click()
    expect(page.locator("h1")).to_have_text("The letter, again")
    expect(page.locator("#asks")).to_contain_text("Stop the sale")
    expect(page.locator("#related")).to_contain_text("follows")
