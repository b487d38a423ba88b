"""A company's page: what it said by year and who says so comes first, then what was asked and what came of it."""

import re

import pytest
import sqlalchemy as sa

from bench.room.world import Size, fill
from tests.support.pages import visit
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, CampaignSubject, SubjectRole
from tracker.clock import now
from tracker.companies.queries import company_by_slug
from tracker.db import db, transaction
from tracker.engagements.queries import statements_of_company
from tracker.operations.demo import load
from tracker.outcomes.won_and_lost import demands_won_and_lost
from tracker.pages import queries
from tracker.pages.company import ASKS, CAMPAIGNS, STATEMENTS
from tracker.resolutions.queries import number_of_votes, votes_of_company
from tracker.timeline.queries import entries_visible_to


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


@pytest.fixture
def asked_by_many(app):
    """A company that more campaigns ask than a page shows."""
    with app.app_context():
        return fill(Size(campaigns=200, entries=250, signatures=2))


def test_a_page_is_no_longer_where_there_is_more(app, signed_in, asked_by_many) -> None:
    """Statements, asks and campaigns come by the page; a year narrows them; the numbers are those of the whole."""
    client = signed_in(account_id=asked_by_many.account_id)
    page = visit(client, f"/companies/{asked_by_many.company_slug}")
    assert len(page.select("#statements .statement")) <= STATEMENTS
    assert len(page.select("#asks tbody tr")) == ASKS
    assert len(page.select("#asking .record")) == CAMPAIGNS
    assert f"/campaigns?company={asked_by_many.company_slug}" in page.html
    year = page.select("#statements .year-jump a")[0]
    number = int(re.search(r"\((\d+)\)", year.get_text())[1])
    of_year = visit(client, year["href"])
    assert {heading.get_text() for heading in of_year.select(".said-year")} == {year.get_text().split()[0]}
    assert f"{number}\N{NO-BREAK SPACE}statements" in of_year.select_one("#statements").get_text(" ") or (
        number <= STATEMENTS
    )
    cards = page.select_one(".headline").get_text(" ", strip=True)
    again = visit(client, f"/companies/{asked_by_many.company_slug}?asks=2")
    assert again.select_one(".headline").get_text(" ", strip=True) == cards
    first, second = ({row.get_text() for row in one.select("#asks tbody tr")} for one in (page, again))
    assert not first & second


@pytest.mark.each_database
def test_asking_row_by_row_finds_what_a_list_finds(app, asked_by_many) -> None:
    """Statements, votes, asks and campaigns are the same whether campaigns are looked up one by one or listed first."""
    with app.app_context():
        company = company_by_slug(asked_by_many.company_slug)
        for account in (*db.session.scalars(sa.select(Account).order_by(Account.id).limit(3)), None):
            visible = entries_visible_to(account, today=now().date())
            query = queries.readable_ids(account)
            listed = list(db.session.scalars(query))
            assert 20 < len(listed) < 200

            def found(ids, account=account, visible=visible):
                said = statements_of_company(company, account, today=now().date(), campaign_ids=ids)
                votes = votes_of_company(company, visible, campaign_ids=ids)
                assert number_of_votes(company, visible, campaign_ids=ids) == len(votes)
                assert votes_of_company(company, visible, campaign_ids=ids, latest=2) == votes[-2:]
                return (
                    [one.id for one in db.session.scalars(said)],
                    [vote.id for vote in votes],
                    demands_won_and_lost(company, campaign_ids=ids, visible=visible).statuses,
                )

            assert found(query) == found(listed)
            assert all(len(part) > 3 for part in found(query))
            asking = [one.id for one in queries.campaigns_naming(company, SubjectRole.ASKED, account)]
            naming = sa.select(CampaignSubject.campaign_id).where(
                CampaignSubject.company_id == company.id, CampaignSubject.role == SubjectRole.ASKED
            )
            assert set(asking) == set(listed) & set(db.session.scalars(naming))
            assert queries.number_naming(company, SubjectRole.ASKED, account) == len(asking)
            assert queries.campaigns_naming(company, SubjectRole.ASKED, account, limit=3) == [
                db.session.get(Campaign, number) for number in asking[:3]
            ]
