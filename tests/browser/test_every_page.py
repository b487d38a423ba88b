"""Every page that there is, found from the map of all addresses: what look.md promises of each."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page

from tests.browser.addresses import SKIPPED, Place, path_of, places
from tests.browser.site import Site
from tests.browser.tabs import Tab
from tests.support.html import parse

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
BUDGET = 150_000  # bytes on the wire, cold cache (look.md)
CHARTS = 80_000  # more, on a page that shows a chart, and nowhere else


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a page."""
    if "place" in metafunc.fixturenames:
        metafunc.parametrize("place", places(), ids=lambda place: place.id)


def sideways(page: Page) -> str:
    """Who makes the page wider than the window; empty when nothing does."""
    return str(
        page.evaluate(
            """() => { const wide = document.documentElement.scrollWidth, room = window.innerWidth;
            if (wide <= room) return '';
            const who = [...document.querySelectorAll('main *, header *, footer *')]
              .filter(e => e.getBoundingClientRect().right > room + 1).slice(0, 4)
              .map(e => e.tagName + '.' + e.className);
            return `${wide} px in ${room}: ` + who.join(' | '); }"""
        )
    )


def panels_outside(page: Page) -> list[str]:
    """Menus and questions that open where nobody can read them whole, outside the window or cut off by what scrolls
    around them; each is opened and closed again."""
    found: list[str] = page.evaluate(
        """() => { const outside = [];
            for (const menu of document.querySelectorAll('details.menu')) {
              const was = menu.open; menu.open = true;
              const panel = menu.lastElementChild, {left, right, bottom} = panel.getBoundingClientRect();
              let cut = left < 0 || right > window.innerWidth;
              for (let box = panel.parentElement; box !== document.body; box = box.parentElement)
                if (getComputedStyle(box).overflowY !== 'visible' && box.contains(panel.offsetParent))
                  cut ||= bottom > box.getBoundingClientRect().bottom;
              if (cut) outside.push(menu.firstElementChild.innerText.trim());
              menu.open = was; }
            return outside; }"""
    )
    return [f"cannot be read whole once open: {words}" for words in found]


def buttonless_forms(soup: BeautifulSoup) -> list[str]:
    """Forms that nobody without JavaScript could send."""
    forms = soup.select("form")
    return [
        f"no button in {str(form)[:120]}"
        for form in forms
        if not form.select("button:not([type=button]), input[type=submit]")
    ]


def trail_problems(soup: BeautifulSoup) -> list[str]:
    """What is wrong with the way that a page of the team says it lies at: it begins in the menu or at one of its tabs,
    each step but the last is a link, and the last is the page itself."""
    steps = soup.select(".trail li")
    if not steps:
        return []  # tests/house/test_template_laws.py knows which pages may be without
    links = [step.select_one("a[href]") for step in steps]
    top = {str(link["href"]) for link in soup.select(".places a, .masthead .menu a")} | {"/organisations"}
    problems = []
    if links[0] is None or links[0]["href"] not in top or None in links[:-1]:
        problems.append(f"trail: a step without its link, or no way from the menu: {[step.text for step in steps]}")
    if links[-1] is not None or steps[-1].get("aria-current") != "page" or not steps[-1].get_text(strip=True):
        problems.append("trail: it does not end at the page itself")
    return problems


def test_page(place: Place, site: Site, tab_of: Callable[[str], Tab], axe: Callable[[Page], list[str]]) -> None:
    """Valid HTML, a button in each form, zero axe violations in light and dark, no sideways scrolling, wide or at
    360 px, no menu that opens outside the window, no request off the site, no complaint in the console, under the
    budget on a cold cache."""
    path = path_of(site.app, place)
    tab = tab_of(place.who)
    page, watch, wire = tab.page, tab.watch, tab.wire
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")
    response = page.goto(path, wait_until="load")
    assert response is not None
    expected = int(place.endpoint.split(".")[1]) if place.endpoint.startswith("errors.") else 200
    assert response.status == expected, f"{path} answered {response.status}"
    assert "text/html" in response.headers["content-type"], f"no page: name {place.endpoint} in SKIPPED, with a reason"
    soup, problems = parse(response.text())
    problems += [*watch.problems, *buttonless_forms(soup), *trail_problems(soup)]
    if len(page.locator("h1").all()) != 1:
        problems.append("not exactly one h1")
    assert any("/static/theme." in url and size > 1_000 for url, size in wire.received.items()), (
        f"no cold cache: {wire}"
    )
    if sum(wire.received.values()) > BUDGET + (CHARTS if page.locator("[data-drawn]").count() else 0):
        problems.append(f"over the budget: {wire}")
    assert page.locator("html[data-bs-theme=light]").count(), "the last page left its theme behind"
    problems += [f"wide: {who}" for who in [sideways(page)] if who]
    problems += [f"wide: {panel}" for panel in panels_outside(page)]
    problems += [f"light: {problem}" for problem in axe(page)]
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="dark")
    problems += [f"phone: {who}" for who in [sideways(page)] if who]
    problems += [f"phone: {panel}" for panel in panels_outside(page)]
    page.wait_for_selector("html[data-bs-theme=dark]")
    problems += [f"dark, phone: {problem}" for problem in axe(page)]
    problems += [problem for problem in watch.problems if problem not in problems]
    assert not problems, f"{path}\n" + "\n".join(problems)


def test_what_is_skipped_is_there(site: Site) -> None:
    """Nothing is left out of the walk that does not exist any more."""
    assert SKIPPED.keys() <= site.app.view_functions.keys()
