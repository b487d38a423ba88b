"""A campaign's page says what was asked, how many stand behind it and what came of it, and is added to in place."""

import pytest
from playwright.sync_api import Page as BrowserPage

from tests.support.campaigns import log
from tests.support.pages import submit, visit
from tracker.accounts.models import Role

HERE = "/campaigns/we-wont-build-it"


def test_a_stranger_sees_in_ten_seconds(signed_in) -> None:
    """Size in words with its date, asks with their fate, what they said, the last entries."""
    client = signed_in()
    log(client, title="Open letter", kind="public")
    here = "/campaigns/open-letter"
    page = visit(client, here)
    assert page.select_one(".kicker").get_text(" ", strip=True) == "Public campaign · asks Amazon"
    assert page.select_one(".step-here").get_text(" ", strip=True).endswith("Draft")
    assert [row.get_text(" ", strip=True).split(" What to do")[0] for row in page.select(".scoreboard-ask")] == [
        "Stop selling facial recognition to the police",
        "Drop Palantir",
    ]
    assert page.has("#history .entry")


def test_readers_are_offered_nothing_to_change(signed_in) -> None:
    """A viewer reads it all and finds no form, no link to edit, no name of who recorded it."""
    lead, viewer = signed_in(name="Ada Organiser"), signed_in(Role.VIEWER)
    log(lead, kind="public", due_on="2030-01-01", due_what="Send it")
    page = visit(viewer, HERE)
    assert not page.has("main details.add")
    assert not page.has(f"main a[href='{HERE}/edit']")
    assert "Ada" not in page.select_one("#history").get_text()
    assert not page.has("#people")


def test_every_add_link_leads_to_a_form(signed_in) -> None:
    """Without JavaScript each "Add …" is a link to a page with one form that stands alone."""
    client = signed_in()
    log(client, kind="shareholder")
    page = visit(client, HERE)
    places = [str(box["hx-get"]) for box in page.select("[data-add-here][hx-get]")]
    assert len(places) >= 8
    for place in places:
        assert visit(client, place).has("main form.form"), place


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_added_in_place(signed_in, signed_in_page, axe, theme: str) -> None:
    """Two forms open on the page at once have labels of their own; saving one shows it on the page."""
    client = signed_in()
    log(client)
    page: BrowserPage = signed_in_page(account_id=client.account_id, color_scheme=theme)
    page.goto(HERE)
    for number, label in enumerate(("Add a demand", "Add a deadline")):
        page.locator("summary", has_text=label).click()
        page.locator("form.form").nth(number).wait_for()
    assert page.locator("form.form").count() == 2
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    assert axe(page) == []
    page.get_by_label("What is asked, in one sentence").fill("Publish the contracts")
    page.locator("form.form").first.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url("**#asks")
    assert "Publish the contracts" in page.locator("#asks").inner_text()


def test_phone_width(signed_in, signed_in_page) -> None:
    """Nothing on the pages of a campaign scrolls sideways at 360 pixels."""
    client = signed_in()
    log(client, due_on="2030-01-01", due_what="Send it to everybody who was named in the annex of the letter")
    page: BrowserPage = signed_in_page(account_id=client.account_id, viewport={"width": 360, "height": 700})
    for path in ("/", "/campaigns", HERE, HERE + "/edit", HERE + "/visibility", "/companies/amazon", "/companies"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_what_was_corrected_is_struck_out(signed_in, client) -> None:
    """Neither the campaign's page, nor the public one, nor home tells as true what is known to be wrong."""
    lead, colleague = signed_in(), signed_in()
    log(lead, title="Open letter", kind="public")
    here = "/campaigns/open-letter"
    submit(lead, here + "/visibility", visibility="public")
    submit(lead, here + "/notes/new", headline="Twelve walked out", occurred_on="2020", visibility="public")
    entry = visit(lead, here).link("Twelve walked out")
    submit(lead, entry + "/correct", headline="Eleven walked out", reason="Counted anew.")
    for reader, path in ((colleague, here), (client, "/c/open-letter")):
        page = visit(reader, path)
        assert "Eleven walked out" in page.text
        assert "Twelve walked out" in page.select_one("s").get_text()
        assert "Counted anew." in page.text
    home = visit(colleague, "/")
    assert "Eleven walked out" in home.text
    assert "Twelve walked out" not in [one.get_text(strip=True) for one in home.select(".entry-sentence")]
