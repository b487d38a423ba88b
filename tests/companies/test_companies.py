"""Companies are found by any of their names, known once, and edited with their changes kept."""

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support.campaigns import log
from tests.support.pages import submit, visit
from tracker.accounts.models import Role
from tracker.clock import now
from tracker.companies.models import Company, CompanyName
from tracker.companies.queries import near_names, suggestions
from tracker.companies.reference import reference_companies, ten_digits
from tracker.companies.restoring import _borne
from tracker.companies.service import CompanyError, find_or_add_company
from tracker.db import db, transaction
from tracker.timeline.models import Revision


def test_the_reference_list_is_keyed_by_cik() -> None:
    """503 lines are 500 companies; share classes are one company with several tickers."""
    found = reference_companies()
    assert len(found) == 500
    assert all(len(cik) == 10 for cik in found)
    alphabet = found[ten_digits("1652044")]
    assert (alphabet.name, alphabet.tickers, alphabet.country) == ("Alphabet Inc.", ("GOOGL", "GOOG"), "US")
    assert found["0001467373"].country == "IE"  # Accenture


@pytest.mark.each_database
def test_a_company_is_known_once(context: Flask) -> None:
    """Name, ticker and CIK in any spelling lead to the same company, taken from the list with what it says."""
    with transaction():
        first = find_or_add_company("  amazon ", now=now())
        assert (first.name, first.ticker, first.cik, first.sector) == (
            "Amazon",
            "AMZN",
            "0001018724",
            "Consumer Discretionary",
        )
        for spelling in ("AMZN", "1018724", "0001018724", "ÁMAZON"):
            assert find_or_add_company(spelling, now=now()) is first
        first.name = "Amazon Stores"
        first.names.append(CompanyName(name="Cadabra"))
        db.session.flush()
        for spelling in ("Amazon", "Cadabra", "Amazon Stores"):
            assert find_or_add_company(spelling, now=now()) is first
        other = find_or_add_company("Žižek & Söhne", now=now())
        assert (other.slug, other.cik) == ("zizek-sohne", None)
        assert find_or_add_company("zizek & sohne", now=now()) is other


@pytest.mark.parametrize("text", ["", "   ", "9999999999"])
def test_what_names_no_company(context: Flask, text: str) -> None:
    """Neither nothing nor an unknown CIK becomes a company."""
    with pytest.raises(CompanyError), transaction():
        find_or_add_company(text, now=now())


def test_suggestions(context: Flask) -> None:
    """Known companies come first, then the list's; case and accents do not matter; nothing stands twice."""
    with transaction():
        find_or_add_company("Métal Works", now=now())
        find_or_add_company("Meta Platforms", now=now())
    found = [(one.name, bool(one.slug)) for one in suggestions("meta")]
    assert found[:2] == [("Meta Platforms", True), ("Métal Works", True)]
    assert len(found) == len(set(found))
    assert [one.name for one in suggestions("nvda")] == ["Nvidia"]
    assert suggestions("%") == []
    assert near_names("Nvidia") == []
    assert [one.name for one in near_names("goldm")] == ["Goldman Sachs"]


def test_the_type_ahead(signed_in, client) -> None:
    """Options for a datalist, JSON for a program; nothing for who is not signed in."""
    page = signed_in().get("/companies/suggest?q=bezos+amzn").get_data(as_text=True)
    assert page.strip() == ""
    html = signed_in().get("/companies/suggest?q=amzn").get_data(as_text=True)
    assert '<option value="Amazon">AMZN · CIK 0001018724</option>' in html
    answer = signed_in().get("/companies/suggest?q=amzn", headers={"Accept": "application/json"})
    assert answer.json == [{"name": "Amazon", "ticker": "AMZN", "cik": "0001018724", "slug": ""}]
    assert client.get("/companies/suggest?q=amzn").status_code == 302


def test_editing_keeps_the_former_name_and_the_changes(app: Flask, signed_in) -> None:
    """A company that is renamed is still found by its old name; each field leaves a Revision."""
    client = signed_in()
    log(client)
    page = submit(client, "/companies/amazon/edit", name="Amazon Stores", country="IE")
    assert page.heading == "Amazon Stores"
    assert "formerly: Amazon" in page.text
    assert "Ireland" in page.select_one(".kicker").get_text()
    assert "Amazon Stores" in visit(client, "/companies?q=amazon").text
    with app.app_context():
        rows = db.session.scalars(sa.select(Revision).where(Revision.record_type == "company")).all()
        assert {(r.field, r.old_value, r.new_value) for r in rows} == {
            ("name", "Amazon", "Amazon Stores"),
            ("country", "US", "IE"),
        }
    page = submit(
        client, "/companies/amazon/edit", "#names .form", name="Cadabra", from_on="1994-07-05", to_on="1994-10-01"
    )
    assert "Cadabra" in page.select_one("#names").get_text()
    page = submit(client, "/companies/amazon/edit", "#names .form", name="cadabra", status=422)
    assert "This name is there already." in page.text
    page = visit(client, "/companies/amazon/names/1/remove", method="POST")
    assert len(page.select("#names .plain-rows > li")) == 1


def test_two_companies_never_share_a_name_or_cik(signed_in) -> None:
    """The form comes back with words beside what is another's."""
    client = signed_in()
    log(client)
    log(client, title="Second", company="Example Works")
    assert "has this name" in submit(client, "/companies/example-works/edit", name="AMAZON", status=422).text
    assert "has this CIK" in submit(client, "/companies/example-works/edit", cik="1018724", status=422).text
    assert "up to ten digits" in submit(client, "/companies/example-works/edit", cik="12a", status=422).text


def test_a_second_editor_of_a_company_is_refused(app: Flask, signed_in) -> None:
    """Both values are shown, and nothing typed is lost."""
    client = signed_in()
    log(client)
    mine = visit(client, "/companies/amazon/edit").form()
    submit(client, "/companies/amazon/edit", sector="Retail")
    page = visit(client, "/companies/amazon/edit", method="POST", data={**mine, "sector": "Mine"}, status=409)
    assert "Retail" in page.select_one(".conflict").get_text()
    assert page.select_one("input[name=sector]")["value"] == "Mine"
    with app.app_context():
        assert db.session.scalars(sa.select(Company.sector)).one() == "Retail"


def test_organisations_are_listed_shown_and_edited(signed_in) -> None:
    """Added once by name; changed with the same guard as everything else; viewers only read."""
    client = signed_in()
    page = submit(client, "/organisations/new", name="Sisters of Example", kind="faith_based_investor", country="US")
    assert (page.heading, page.select_one(".kicker").get_text()) == ("Sisters of Example", "Faith-based investor")
    assert "is there already" in submit(client, "/organisations/new", name="sisters of example", status=422).text
    mine = visit(client, "/organisations/sisters-of-example/edit").form()
    page = submit(client, "/organisations/sisters-of-example/edit", custodian="Example Bank")
    assert "Example Bank" in page.text
    page = visit(
        client, "/organisations/sisters-of-example/edit", method="POST", data={**mine, "custodian": "Mine"}, status=409
    )
    assert "Example Bank" in page.select_one(".conflict").get_text()
    assert "Sisters of Example" in visit(client, "/organisations?q=sisters").text
    assert "Nothing fits" in visit(client, "/organisations?q=brothers").text
    viewer = signed_in(Role.VIEWER)
    visit(viewer, "/organisations/sisters-of-example")
    visit(viewer, "/organisations/sisters-of-example/edit", status=403)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((None, None), "Cadabra"),
        ((dt.date(1994, 7, 5), None), "Cadabra (since 1994-07-05)"),
        ((None, dt.date(1994, 10, 1)), "Cadabra (until 1994-10-01)"),
        ((dt.date(1994, 7, 5), dt.date(1994, 10, 1)), "Cadabra (1994-07-05 – 1994-10-01)"),
    ],
)
def test_a_name_with_its_days_reads_as_a_sentence_and_back(
    days: tuple[dt.date | None, dt.date | None], words: str
) -> None:
    """As it stands among the changes and on the page that sets it back; as it stood there before is understood too."""
    assert CompanyName(name="Cadabra", from_on=days[0], to_on=days[1]).as_words == words
    assert _borne(words) == ("Cadabra", *days)
    assert _borne("Cadabra ( – 1994-10-01)") == ("Cadabra", None, dt.date(1994, 10, 1))
    assert _borne("Cadabra (Books)") == ("Cadabra (Books)", None, None)
