"""The pages of one signatory, one organisation and one size."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from tests.signatures.conftest import HERE, fill
from tests.support.accounts import SignedIn
from tests.support.pages import submit, visit
from tracker.companies.models import Holding
from tracker.db import db
from tracker.signatures.models import ReportedCount


def test_one_signatory(app: Flask, lead: SignedIn) -> None:
    """Shown less but never more; found invalid and taken back; withdrawn; destroyed: each in words, none by name."""
    fill(app, lead, "Ada Lovelace, Engineer <ada@example.org>")
    where = visit(lead, HERE).link("Ada Lovelace")
    page = visit(lead, where)
    assert page.heading == "Ada Lovelace" and "Lovelace" not in page.select_one("title").text
    assert "Lovelace" not in where and "version 1 of the text" in page.text
    more = visit(lead, f"{where}/appearance", method="POST", data={"appearance": "named"}, status=422)
    assert "Only the signer can make it more visible" in more.text
    assert "Only counted" in submit(lead, where, "form[action$=appearance]", appearance="counted").text
    nameless = submit(lead, where, "form[action$=invalidate]", status=422)
    assert "Say why it does not count" in nameless.text
    invalid = submit(lead, where, "form[action$=invalidate]", **{"invalidate-reason": "a joke"})
    assert "Found invalid" in invalid.text and "a joke" in invalid.text
    assert "It counts again" in submit(lead, where, "form[action$=reinstate]").soup.text
    withdrawn = submit(lead, where, "form[action$=withdraw]", **{"withdraw-reason": "asked"})
    assert "Withdrawn" in withdrawn.text and not withdrawn.has("form[action$=withdraw]")
    gone = submit(lead, where, "form[action$=remove]")
    assert "destroyed" in gone.soup.text and "Lovelace" not in gone.html
    visit(lead, where, status=404)


def test_editing_keeps_what_somebody_else_saved(app: Flask, lead: SignedIn) -> None:
    """A correction is saved; a stale one shows both, and what each alone changed is kept."""
    fill(app, lead, "Ada Lovelace, Engineer <ada@example.org>")
    where = visit(lead, HERE).link("Ada Lovelace")
    stale = visit(lead, f"{where}/edit").form()
    assert submit(lead, f"{where}/edit", name="Ada King").heading == "Ada King"
    page = visit(lead, f"{where}/edit", method="POST", data={**stale, "office": "Countess"}, status=409)
    assert "Ada King" in page.select_one(".conflict").text
    chosen = visit(lead, f"{where}/edit", method="POST", data=page.form(".conflict form"))
    assert chosen.heading == "Ada King" and "Countess" in chosen.text


def test_an_organisation_with_its_holdings(app: Flask, lead: SignedIn) -> None:
    """An organisation is added with what it holds, as of when and who says so; later holdings stand beside it."""
    form = visit(lead, f"{HERE}/new-organisation").form()
    said = {
        "name": "Sisters of St. Joseph",
        "kind": "faith_based_investor",
        "company": "Amazon",
        "amount": "1320000000",
        "currency": "usd",
        "held": "January 2019",
        "source-citation": "Business Insider, January 2019",
    }
    assert lead.post(f"{HERE}/new-organisation", data={**form, **said}).status_code == 302
    where = next(str(tag["href"]) for tag in visit(lead, HERE).select("th a") if "Sisters" in tag.text)
    one = visit(lead, where)
    assert "USD 1,320,000,000" in one.text and "January 2019" in one.text and "Business Insider" in one.text
    refused = submit(lead, where, "form[action$=holdings]", status=422, company="Amazon", amount="5")
    assert "Write the currency" in refused.text
    both = submit(lead, where, "form[action$=holdings]", company="Amazon", shares="100")
    assert "100 shares" in both.text and "1,320,000,000" in both.text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Holding)) == 2
    again = submit(lead, f"{HERE}/new-organisation", status=422, name="sisters of st. joseph")
    assert "already" in again.select_one("#name-error").text


def test_recording_a_reported_size(app: Flask, lead: SignedIn) -> None:
    """A size needs its source; it is printed with qualifier, date and publisher, and can be told anew."""
    refused = submit(
        lead, "/campaigns/letter/sizes/new", status=422, value="500", population="employees", occurred_on="July 2019"
    )
    assert "Say who reported it" in refused.text and refused.form()["value"] == "500"
    lead.post(
        "/campaigns/letter/sizes/new",
        data={
            **refused.form(),
            "source-citation": "BuzzFeed News, 12 July 2019",
            "source-publisher": "BuzzFeed News",
        },
    )
    page = visit(lead, HERE)
    assert "about 500" in page.text and "Jul 2019 , BuzzFeed News" in page.text
    with app.app_context():
        assert db.session.scalars(sa.select(ReportedCount.value)).one() == 500
    where = page.link("about 500 employees")
    form = visit(lead, where).form()
    assert (form["value"], form["occurred_on"]) == ("500", "2019-07")
    changed = {**form, "value": "450"}
    if "reason" in form:
        changed["reason"] = "misread"
    assert lead.post(where, data=changed).status_code == 302
    assert "about 450" in visit(lead, HERE).text
