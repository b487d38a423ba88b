"""What one comes for, in a browser that runs no script at all."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import NewContext


def test_log_tell_and_follow(open_as: NewContext) -> None:
    """Log a campaign, say what the company answered, follow it, find it again: all without a script."""
    page = open_as("owner", java_script_enabled=False).new_page()
    page.goto("/campaigns/new")
    page.get_by_label("Title").fill("Rotas without a script")
    page.get_by_label("The public").check()
    page.get_by_label("Company that is asked").fill("Example Stores")
    page.get_by_label("What is asked, one a line").fill("Rotas four weeks ahead")
    page.get_by_role("button", name="Log the campaign").click()
    expect(page).to_have_url(re.compile("/campaigns/rotas-without-a-script$"))
    page.locator("summary", has_text="Add what they said").click()
    page.get_by_role("link", name="Add what they said").click()
    page.locator("[name=quotation]").fill("We will look at it.")
    page.locator("[name=occurred_on]").fill("10 April 2026")
    page.get_by_role("button", name="Record it").click()
    expect(page.locator("main")).to_contain_text("“We will look at it.”")
    follow = page.locator("main").get_by_role("button", name=re.compile("^(Follow|Stop following)$"))
    before = follow.inner_text().strip()
    follow.click()
    expect(follow).not_to_have_text(before)
    page.locator("#masthead-q").fill("without a script")
    page.locator("#masthead-q").press("Enter")
    expect(page.get_by_role("main").get_by_role("link", name="Rotas without a script").first).to_be_visible()


def test_a_refused_form_loses_nothing(open_as: NewContext) -> None:
    """A form that is refused comes back with what was typed, the reason beside its field."""
    page = open_as("owner", java_script_enabled=False).new_page()
    page.goto("/campaigns/new")
    page.get_by_label("What is asked, one a line").fill("Something that took long to write")
    page.get_by_label("When it began").fill("06/07/2018")
    page.locator("form.form").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Log the campaign").click()
    expect(page.get_by_label("What is asked, one a line")).to_have_value("Something that took long to write")
    expect(page.get_by_label("When it began")).to_have_value("06/07/2018")
    assert page.locator("[aria-invalid=true]").count() >= 3  # title, whose, company, and the date that means two days


def test_the_theme_follows_the_system(open_as: NewContext) -> None:
    """Who runs no script reads the light page, whole, and finds no switch that does nothing."""
    page = open_as("stranger", java_script_enabled=False, color_scheme="dark").new_page()
    page.goto("/")
    assert page.locator("[data-theme-switch]:visible").count() == 0
