"""On paper: pages without the chrome of a screen, tables as tables, every address spelled out once."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import pypdf
import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.signatures.signing import SLUG, lead, open_letter
from tests.support.happenings import Team
from tracker import clock
from tracker.accounts.models import Role
from tracker.timeline.models import EntryVisibility, Source


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_i_print_a_briefing(team: Team, signed_in_page: Callable[..., Page], live_server: object, paper: str) -> None:
    """A reader in the dark opens the campaign, asks for the briefing and prints it: light, numbered, marked."""
    with team.act() as now:
        source = Source(citation="The letter", url="https://example.org/a/letter", recorded_at=now)
        team.note("It is sent.", sources=[source])
        for number in range(60):
            team.note(f"Number {number} of many things that happened.", visibility=EntryVisibility.MEMBERS)
    page = signed_in_page(Role.ORGANISER, color_scheme="dark")
    page.goto(f"{live_server.url}{team.path()}")  # type: ignore[attr-defined]
    page.get_by_role("link", name="Print briefing").click()
    page.get_by_role("button", name="Print").wait_for()
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(format=paper)))
    words = [one.extract_text() for one in printed.pages]
    assert "Back to the campaign" not in "".join(words) and "Skip to the page" not in "".join(words)
    assert "".join(words).count("https://example.org/a/letter") == 1
    assert all(f"{number} / {len(words)}" in text for number, text in enumerate(words, 1))
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('.briefing-table thead')).display") == (
        "table-header-group"
    )


def test_a_member_prints_what_is_not_public(
    team: Team, signed_in_page: Callable[..., Page], live_server: object
) -> None:
    """Every page of a print that holds more than everybody may read says so."""
    with team.act():
        for number in range(90):
            team.note(f"Number {number} of many things that happened.", visibility=EntryVisibility.MEMBERS)
    page = signed_in_page(Role.ADMINISTRATOR)
    page.goto(f"{live_server.url}{team.path('/briefing')}")  # type: ignore[attr-defined]
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4")))
    assert len(printed.pages) > 1
    assert "For members of this campaign" in printed.pages[0].extract_text()
    assert all("Not public" in one.extract_text() for one in printed.pages)


def test_slips_fill_their_sheets(app: Flask, signed_in_page: Callable[..., Page], live_server: object) -> None:
    """Twelve slips a sheet of A4 to cut up, each whole, and nothing on the paper that says what it is a part of."""
    open_letter(app)
    with app.app_context():
        number = lead().id
    page = signed_in_page(account_id=number, color_scheme="dark")
    page.goto(f"{live_server.url}/campaigns/{SLUG}/codes")  # type: ignore[attr-defined]
    page.get_by_role("button", name="Make them and show the slips").click()
    page.get_by_role("button", name="Print").wait_for()
    codes = page.locator(".slip-code").all_inner_texts()
    printed = [one.extract_text() for one in pypdf.PdfReader(io.BytesIO(page.pdf(format="A4"))).pages]
    assert [sum(code in sheet for code in codes) for sheet in printed] == [12, 12]
    for sheet in printed:
        assert sheet.count("destroy it afterwards") == 12
        assert "Undersigned" not in sheet and "Slips" not in sheet and "printed" not in sheet


def test_i_go_back_to_a_day_and_return(team: Team, signed_in_page: Callable[..., Page], live_server: object) -> None:
    """By the form on the history page and without JavaScript: a day, the banner, and the present again."""
    with team.act():
        paper = Source(citation="A paper", published_on=dt.date(2019, 5, 22), recorded_at=clock.now())
        team.note("It is sent.", sources=[paper])
    page = signed_in_page(Role.ORGANISER, java_script_enabled=False)
    page.goto(f"{live_server.url}{team.path('/history')}")  # type: ignore[attr-defined]
    page.get_by_text("Show what we had recorded by a day").click()
    page.get_by_label("By the end of").fill("2019-03-03")
    page.get_by_role("button", name="Go there").click()
    page.get_by_role("heading", name="As of 3 March 2019").wait_for()
    assert page.get_by_text("It is sent.").count() == 0
    page.get_by_label("By the end of").fill("2019-05-22")
    page.get_by_label("what was published, by the dates of the sources").check()
    page.get_by_role("button", name="Go there").click()
    page.get_by_text("What had been published").wait_for()
    assert page.get_by_text("It is sent.").is_visible()
    page.get_by_role("navigation", name="Other days").get_by_role("link", name="Back to the present").click()
    page.get_by_role("heading", name="As of").wait_for(state="detached")
    page.get_by_text("It is sent.").wait_for()
