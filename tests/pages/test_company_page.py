"""A company's page: what it said by year and who says so comes first, then what was asked and what came of it."""

from tests.support.pages import visit
from tracker.clock import now
from tracker.db import transaction
from tracker.operations.demo import load


def test_what_did_it_answer_and_who_says_so(app, signed_in) -> None:
    """Statements stand by year with their sources; what two campaigns recorded stands once and names both."""
    with app.app_context(), transaction():
        load(now=now())
    page = visit(signed_in(), "/companies/amazon")
    sections = [section.get_text(strip=True) for section in page.select("main section > .block-head h2")]
    assert sections[0] == "What it said"
    years = [year.get_text() for year in page.select(".said-year")]
    assert years == sorted(years, reverse=True)
    for statement in page.select(".statement"):
        assert statement.select(".sources li"), "a statement without who says so"
    shown = page.select_one("#votes").get_text(" ", strip=True)
    for share in ("27.5\N{NO-BREAK SPACE}%", "28.22\N{NO-BREAK SPACE}%", "37\N{NO-BREAK SPACE}%"):
        assert share in shown
    assert "with abstentions counted as against" in shown
    assert page.has("#asks .scoreboard")
    assert page.select_one(".headline").get_text(" ", strip=True) == (
        "2 of 6 asks won, wholly or in part in 2 campaigns that ask it; 10 votes of its shareholders 2 Partly met "
        "4 Unanswered"
    )
    widths = [int(str(part["width"])) for part in page.select(".outcome-bar rect")]
    assert widths == [200, 400]
    assert len(page.select("#asking .record")) == 2


def test_only_what_one_may_read(app, signed_in) -> None:
    """A campaign that is closed to the reader gives its company nothing: no ask, no statement, no count."""
    from tests.support.campaigns import log

    lead, other = signed_in(), signed_in()
    log(lead, company="Example Works")
    assert visit(lead, "/companies/example-works").has("#asking .record")
    page = visit(other, "/companies/example-works")
    assert not page.has(".record")
    assert "build it" not in page.html
    row = next(r for r in visit(other, "/companies").select("tbody tr") if "Example Works" in r.get_text())
    assert "campaign" not in row.get_text()
