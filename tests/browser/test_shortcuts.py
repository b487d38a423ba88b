"""Keys of one letter: everywhere but where one types, listed by ?, and off for whoever turns them off."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import NewContext


def test_by_keys_alone(open_as: NewContext, axe) -> None:
    """? lists them and closes again; g c goes, j and k walk, Enter opens, e edits, / searches, and typing is typing."""
    page = open_as("owner").new_page()
    page.goto("/")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Go to the campaigns")
    assert axe(page) == []
    page.keyboard.press("g")
    page.keyboard.press("c")  # not while the list is open
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(re.compile("/$"))
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/campaigns")
    titles = page.locator("main .record h3 a").all_inner_texts()
    here = "document.activeElement.textContent.trim()"
    page.keyboard.press("j")
    assert page.evaluate(here) == titles[0]
    page.keyboard.press("j")
    assert page.evaluate(here) == titles[1]
    page.keyboard.press("k")
    assert page.evaluate(here) == titles[0]
    page.keyboard.press("Control+j")
    assert page.evaluate(here) == titles[0]
    page.keyboard.press("Enter")
    page.wait_for_url("**/campaigns/*")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.type("neg?")
    assert page.evaluate("document.activeElement.value") == "neg?"
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("h")
    page.wait_for_url("**/history")
    page.keyboard.press("t")
    page.wait_for_url(re.compile("/campaigns/[^/]+$"))
    page.keyboard.press("e")
    page.wait_for_url("**/edit")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    page.wait_for_url("**/campaigns/new")


def test_turned_off(open_as: NewContext) -> None:
    """Whoever turns them off has none, finds the list as a page, and can turn them on again."""
    page = open_as("viewer").new_page()
    page.goto("/account")
    switch = page.get_by_label("Keyboard shortcuts of one letter")
    switch.uncheck()
    page.locator("#settings").get_by_role("button", name="Save").click()
    page.wait_for_load_state()
    expect(switch).not_to_be_checked()
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.keyboard.press("?")
    page.wait_for_timeout(300)
    assert page.url.endswith("/account")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("link", name="All keyboard shortcuts").click()
    expect(page.locator("main")).to_contain_text("You have turned them off")
    page.goto("/account")
    switch.check()
    page.locator("#settings").get_by_role("button", name="Save").click()
    page.wait_for_load_state()
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
