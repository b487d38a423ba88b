"""The quick log by keyboard alone: in the order that one reads, and in less than a minute."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewContext

STROKES_A_SECOND = 4  # somebody who types without haste: 48 words a minute
FIELDS = ["title", "kind", "company", "demands", "began_on", "source", "due_on", "due_what"]


class Keyboard:
    """Counts what fingers do."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.strokes = 0

    def press(self, key: str) -> None:
        """One key."""
        self._page.keyboard.press(key)
        self.strokes += 1

    def type(self, words: str) -> None:
        """Each letter is a key."""
        self._page.keyboard.type(words)
        self.strokes += len(words)

    @property
    def here(self) -> str:
        """The name of the field that would hear the next key."""
        return str(self._page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))


def test_quick_log_in_under_a_minute(open_as: NewContext) -> None:
    """Title, whose, company, three asks, when it began and a source: by keyboard, in the order of the page."""
    page = open_as("owner").new_page()
    page.goto("/campaigns/new")
    keyboard = Keyboard(page)
    assert keyboard.here == "title"  # one begins to type at once
    keyboard.type("Rotas by keyboard")
    keyboard.press("Tab")
    assert keyboard.here == "kind"
    keyboard.press("ArrowRight")  # the second: employees
    keyboard.press("Tab")
    assert keyboard.here == "company"
    keyboard.type("Example Stores")
    keyboard.press("Tab")
    assert keyboard.here == "demands"
    for number, ask in enumerate(("Rotas four weeks ahead", "No short shifts", "A say in both")):
        if number:
            keyboard.press("Enter")
        keyboard.type(ask)
    keyboard.press("Tab")
    assert keyboard.here == "began_on"
    keyboard.type("March 2026")
    keyboard.press("Tab")
    assert keyboard.here == "source"
    keyboard.type("https://example.org/rotas")
    keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/campaigns/rotas-by-keyboard$"))
    expect(page.locator("main")).to_contain_text("A say in both")
    expect(page.locator("main")).to_contain_text("Employee campaign")
    assert keyboard.strokes / STROKES_A_SECOND < 60, f"{keyboard.strokes} strokes"


def test_tabs_go_as_one_reads(open_as: NewContext) -> None:
    """Tab leads through the fields in their order and then to the button; Shift and Tab lead back."""
    page = open_as("owner").new_page()
    page.goto("/campaigns/new")
    keyboard = Keyboard(page)
    seen = [keyboard.here]
    while seen[-1] in FIELDS:
        keyboard.press("Tab")
        if keyboard.here != seen[-1]:  # a date has parts
            seen.append(keyboard.here)
    assert seen == [*FIELDS, "Log the campaign"]
    keyboard.press("Shift+Tab")
    assert keyboard.here == FIELDS[-1]
    assert keyboard.strokes < 20


def test_the_first_tab_skips_to_the_page(open_as: NewContext) -> None:
    """Whoever comes by keyboard does not walk through the header on every page."""
    page = open_as("owner").new_page()
    page.goto("/campaigns")
    keyboard = Keyboard(page)
    keyboard.press("Tab")
    assert keyboard.here == "Skip to the page"
    keyboard.press("Enter")
    keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
