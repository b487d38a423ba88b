"""What all campaigns share (companies, organisations, issue areas) is set back from its edit page."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.support.campaigns import log
from tests.support.pages import Page, submit, visit
from tracker.accounts.models import Role
from tracker.companies.models import Company, CompanyName, Organisation
from tracker.db import db

COMPANY = "/companies/amazon/edit"


def back_link(page: Page, field: str) -> str:
    """Where the latest change of a field, in the words of the page, is set back."""
    rows = page.select("#changes .revisions li")
    return str(next(row.select_one("a")["href"] for row in rows if field in row.select_one(".fine").get_text()))


def set_back(client: FlaskClient, edit: str, field: str) -> Page:
    return submit(client, back_link(visit(client, edit), field))


def borne(app: Flask) -> list[str]:
    with app.app_context():
        return sorted(one.as_words for one in db.session.scalars(sa.select(CompanyName)))


def test_a_company_spoilt_by_mistake(app: Flask, signed_in) -> None:
    """Name, sector and CIK come back; the mistaken name is not kept as one it bore, and each leaves a change."""
    client = signed_in()
    log(client)
    submit(client, COMPANY, name="Amazn", sector="Shops", cik="")
    assert borne(app) == ["Amazon"]
    page = visit(client, back_link(visit(client, COMPANY), "name"))
    assert "Amazn" in page.select_one("main del").get_text()
    for field in ("name", "sector", "CIK"):
        assert "It is as it was before." in set_back(client, COMPANY, field).soup.text
    with app.app_context():
        company = db.session.scalars(sa.select(Company)).one()
        assert (company.name, company.sector, company.cik) == ("Amazon", "Consumer Discretionary", "0001018724")
    assert borne(app) == []
    assert len(visit(client, COMPANY).select("#changes .revisions li")) == 6
    assert not visit(signed_in(Role.VIEWER), "/companies/amazon").has("#changes")


def test_a_name_it_has_borne(app: Flask, signed_in) -> None:
    """One that was removed comes back with its days; one that was added goes again."""
    client = signed_in()
    log(client)
    submit(client, COMPANY, "#names .form", name="Cadabra", from_on="1994-07-05", to_on="1994-10-01")
    kept = borne(app)
    visit(client, "/companies/amazon/names/1/remove", method="POST")
    assert (kept, borne(app)) == (["Cadabra (1994-07-05 – 1994-10-01)"], [])
    set_back(client, COMPANY, "a name it has borne")
    assert borne(app) == kept
    set_back(client, COMPANY, "a name it has borne")
    assert borne(app) == []


def test_an_organisation(app: Flask, signed_in) -> None:
    """Its name, kind and custodian; a name that another has by now is refused in words; viewers may not."""
    client, edit = signed_in(), "/organisations/sisters-of-example/edit"
    submit(client, "/organisations/new", name="Sisters of Example", kind="faith_based_investor")
    submit(client, edit, kind="union", custodian="A bank", name="Brothers")
    for field in ("kind", "custodian"):
        set_back(client, edit, field)
    with app.app_context():
        one = db.session.scalars(sa.select(Organisation)).one()
        assert (one.kind, one.custodian, one.name) == ("faith_based_investor", "", "Brothers")
    submit(client, "/organisations/new", name="Sisters of Example")
    path = back_link(visit(client, edit), "name")
    assert "Another organisation here has this name." in submit(client, path, status=422).text
    assert signed_in(Role.VIEWER).post(path).status_code == 403
    assert client.get(path.replace("organisations/sisters-of-example", "companies/amazon")).status_code == 404


def test_an_issue_area(signed_in) -> None:
    """Its description and its name, and the address with it."""
    client = signed_in()
    submit(client, "/issues/new", name="Policing", description="What police buy.")
    submit(client, "/issues/policing/edit", name="Police", description="Spoilt")
    assert set_back(client, "/issues/police/edit", "description").soup.text.count("What police buy.") >= 1
    set_back(client, "/issues/police/edit", "name")
    assert visit(client, "/issues/policing").heading == "Policing"


def test_saved_meanwhile(signed_in) -> None:
    """Who sets back while somebody saves sees how it stands now, and may then set it back knowingly."""
    client = signed_in()
    log(client)
    submit(client, COMPANY, sector="Second")
    path = back_link(visit(client, COMPANY), "sector")
    mine = visit(client, path).form()
    submit(client, COMPANY, sector="Third")
    page = visit(client, path, method="POST", data=mine, status=409)
    assert "Third" in page.select_one("main del").get_text()
    assert "It is as it was before." in visit(client, path, method="POST", data=page.form()).soup.text
