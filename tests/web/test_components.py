"""Every component, in one page each: valid, labelled, readable by everybody, and true to the facts it was given."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from tests.support.pages import submit, visit


@pytest.mark.parametrize("name", ["record", "list", "form"])
def test_components_make_valid_pages(sample_pages: Flask, client: FlaskClient, name: str) -> None:
    """Every component renders valid HTML with labelled fields and without inline script or style."""
    visit(client, f"/sample/{name}")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_everybody_can_read_them(
    sample_pages: Flask,
    new_page: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    theme: str,
    width: int,
) -> None:
    """axe finds nothing wrong in either theme, and at 360 px nothing has to be scrolled sideways."""
    page = new_page(color_scheme=theme, viewport={"width": width, "height": 800}, reduced_motion="reduce")
    for name in ("record", "list", "form"):
        page.goto(f"/sample/{name}")
        assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_refused_form_says_what_is_wrong_beside_the_field(sample_pages: Flask, client: FlaskClient) -> None:
    """A refused form keeps what was typed, names each error in words beside its field and again in a summary."""
    page = submit(client, "/sample/form", title=" ", began="06/07/2018", source="nowhere", status=422)
    field = page.select_one("[name=began]")
    assert field["value"] == "06/07/2018"
    assert field["aria-invalid"] == "true"
    assert "21 June 2018" in page.select_one("#began-error").get_text()
    assert "began-error" in str(field["aria-describedby"])
    assert page.select_one(".error-summary a[href='#began']").get_text() == "When it began"
    assert "https://" in page.select_one("#source-error").get_text()
    assert "Say who campaigns." in page.text


def test_only_what_may_be_left_out_is_called_optional(sample_pages: Flask, client: FlaskClient) -> None:
    """Fields that may stay empty say so; a required one and a list that always has an answer do not."""
    page = visit(client, "/sample/form")
    labels = {str(label["for"]): label.get_text(" ", strip=True) for label in page.select("label.form-label")}
    assert labels["title"] == "Title"
    assert labels["began"] == "When it began (optional)"
    assert labels["visibility"] == "Who may read it"


def test_status_is_a_word_and_not_a_colour(sample_pages: Flask, client: FlaskClient) -> None:
    """Each outcome is written out, one nobody drew a mark for too."""
    text = visit(client, "/sample/record").text
    for word in ("Unanswered", "Refused", "Partly met", "Met", "Reversed", "Replaced", "Odd word", "Perhaps delivered"):
        assert word in text
    assert "2 of 6 open" in text


def test_size_is_told_with_its_qualifier_and_date(sample_pages: Flask, client: FlaskClient) -> None:
    """The headline keeps the claim apart from what was signed here."""
    text = visit(client, "/sample/record").text
    assert "about 500 employees reported June 2018 , The Example; 12 signed here" in text


def test_a_correction_shows_both(sample_pages: Flask, client: FlaskClient) -> None:
    """A corrected entry is struck out with its reason and leads to the correction; removed words stay away."""
    page = visit(client, "/sample/record")
    assert page.select_one(".entry-corrected s").get_text() == "Size reported: more than 400"
    assert "The letter says 450." in page.text
    assert "Words removed : a name typed by mistake" in page.text


def test_pages_keep_the_rest_of_the_query(sample_pages: Flask, client: FlaskClient) -> None:
    """Turning the page changes the page and nothing else in the address."""
    page = visit(client, "/sample/list?kind=a&kind=b&page=2&q=x")
    assert page.select_one("a[rel=next]")["href"] == "/sample/list?kind=a&kind=b&q=x&page=3"
    assert page.select_one("a[rel=prev]")["href"] == "/sample/list?kind=a&kind=b&q=x"


def test_the_theme_switch_is_remembered(sample_pages: Flask, new_page: Callable[..., Page]) -> None:
    """A reader who switches to dark stays in dark on the next page."""
    page = new_page(color_scheme="light")
    page.goto("/privacy")
    page.get_by_role("button", name="Dark page").click()
    page.goto("/sample/list")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_a_destructive_button_asks_first(sample_pages: Flask, new_page: Callable[..., Page]) -> None:
    """Remove opens a question and only the answer posts, without JavaScript too."""
    page = new_page(java_script_enabled=False)
    page.goto("/sample/record")
    page.get_by_text("Remove", exact=True).click()
    answer = page.get_by_role("button", name="Yes, remove it")
    assert answer.is_visible()
    assert page.url.endswith("/sample/record")


def test_htmx_works_under_the_policy(sample_pages: Flask, page: Page) -> None:
    """A part is fetched and put in its place, refused forms (422) too, without a breach of the policy."""
    page.goto("/sample/list")
    page.get_by_role("button", name="Fetch").click()
    page.locator("#hole #arrived").wait_for()
