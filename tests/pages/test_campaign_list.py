"""The list of campaigns: one line each, found by words and facets, with all of it in the address."""

import pytest
from flask import Flask

from tests.support.campaigns import log
from tests.support.pages import Page, submit, visit
from tracker.accounts.models import Role


def titles(page: Page) -> list[str]:
    """The campaigns in the order of the page."""
    return [heading.get_text(strip=True) for heading in page.select(".record h3")]


@pytest.fixture
def three(signed_in):
    """Three campaigns, and the organiser who leads them."""
    client = signed_in()
    log(client, title="Amazon letter", kind="employee", company="Amazon", began_on="2018-06")
    log(client, title="Board report", kind="shareholder", company="Meta Platforms", demands="Disclose", began_on="2021")
    log(client, title="Petition", kind="public", company="Amazon", demands="", began_on="")
    submit(client, "/campaigns/board-report/edit", issues="Hate speech")
    submit(client, "/campaigns/board-report/stage", to="gathering")
    return client


def test_a_line_says_the_whole(three) -> None:
    """Title, company, kind, stage, size with its qualifier, asks, last change."""
    page = visit(three, "/campaigns")
    line = next(li.get_text(" ", strip=True) for li in page.select(".record") if "Board report" in li.get_text())
    for words in (
        "Meta Platforms",
        "Shareholder campaign",
        "Gathering",
        "size not known",
        "1 of 1 open",
        "last change",
    ):
        assert words in line


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=employee", ["Amazon letter"]),
        ("kind=employee&kind=public", ["Petition", "Amazon letter"]),
        ("stage=gathering", ["Board report"]),
        ("company=amazon", ["Petition", "Amazon letter"]),
        ("issue=hate-speech", ["Board report"]),
        ("year=2018&year=2021", ["Board report", "Amazon letter"]),
        ("q=PÉTITION", ["Petition"]),
        ("q=amazon", ["Petition", "Amazon letter"]),
        ("q=palantir", ["Amazon letter"]),
        ("q=meta+disclose", ["Board report"]),
        ("q=moved+gathering", ["Board report"]),
        ("q=nothing+at+all", []),
        ("q=%25", []),
        ("kind=employee&company=meta-platforms", []),
        ("sort=title", ["Amazon letter", "Board report", "Petition"]),
        ("sort=began", ["Board report", "Amazon letter", "Petition"]),
        ("kind=nonsense", []),
        ("page=999&sort=title", ["Amazon letter", "Board report", "Petition"]),
        ("page=-1&sort=bogus&year=x", ["Board report", "Petition", "Amazon letter"]),
    ],
)
def test_words_and_facets(three, query: str, found: list[str]) -> None:
    """Each narrows what the others left; what means nothing is left out."""
    page = visit(three, "/campaigns?" + query)
    assert sorted(titles(page)) == sorted(found) if "sort=" not in query else titles(page) == found


def test_facets_count_what_the_others_leave(three) -> None:
    """A ticked value stays ticked, and its own facet still counts what could be ticked besides."""
    page = visit(three, "/campaigns?kind=employee")
    boxes = {str(box["value"]): box for box in page.select("input[name=kind]")}
    assert boxes["employee"].has_attr("checked")
    assert set(boxes) == {"employee", "shareholder", "public"}
    assert [str(box["value"]) for box in page.select("input[name=company]")] == ["amazon"]


def test_what_is_ticked_can_be_taken_away_at_once(three) -> None:
    """Each ticked value stands in words above what is found; taking it away keeps the rest of the address."""
    page = visit(three, "/campaigns?q=a&kind=employee&kind=shareholder&company=amazon&sort=title&issue=gone")
    chips = {chip.get_text(" ", strip=True): str(chip["href"]) for chip in page.select(".chips a")}
    assert list(chips) == [f"Take away: {words}" for words in ("Employees", "Shareholders", "Amazon", "gone")]
    assert chips["Take away: Employees"] == "/campaigns?q=a&kind=shareholder&company=amazon&issue=gone&sort=title"
    assert page.select_one(".fold-count").get_text() == "4 set"
    assert not visit(three, "/campaigns?q=a").has(".chips")


def test_what_one_may_not_see_is_not_found(app: Flask, three, signed_in) -> None:
    """Neither campaigns one may not read, nor entries, find anything or move anything for anybody else."""
    other = signed_in()
    assert titles(visit(other, "/campaigns?sort=title")) == ["Board report", "Petition"]
    submit(
        three, "/campaigns/petition/notes/new", headline="The secret meeting", visibility="members", occurred_on="2020"
    )
    assert titles(visit(three, "/campaigns?q=secret")) == ["Petition"]
    assert titles(visit(other, "/campaigns?q=secret")) == []
    assert titles(visit(three, "/campaigns"))[0] == "Petition"
    assert titles(visit(other, "/campaigns"))[0] == "Board report"


def test_pages_keep_the_query(signed_in) -> None:
    """Thirty campaigns are two pages, asked for in as many queries as three."""
    client = signed_in()
    for number in range(30):
        client.post(
            "/campaigns/new",
            data={"title": f"Letter {number:02}", "kind": "public", "company": "Amazon", "demands": "Stop\nGo"},
        )
    page = visit(client, "/campaigns?sort=title&kind=public", queries=25)
    assert len(titles(page)) == 25
    page = visit(client, page.link("Next"), queries=25)
    assert titles(page) == [f"Letter {number}" for number in range(25, 30)]


def test_the_first_run_teaches(signed_in) -> None:
    """Nobody has logged anything: an organiser is led to the quick log, a viewer is told to wait."""
    assert visit(signed_in(), "/campaigns").has("main .empty-state a[href='/campaigns/new']")
    page = visit(signed_in(Role.VIEWER), "/campaigns")
    assert page.has(".empty-state")
    assert not page.has("a[href='/campaigns/new']")
