"""The signatories' pages: add, paste, look, find, change, with nothing lost and every look at contact data recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Literal

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page as BrowserPage

from tests.signatures.conftest import HERE, NOW, campaign, fill, join
from tests.support.accounts import SignedIn, code_of
from tests.support.pages import Page, counted_queries, submit, visit, words
from tracker import clock
from tracker.accounts.models import AccessRecord, Account, Membership, Reading, Role
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, transaction
from tracker.signatures import queries, service
from tracker.signatures.models import Appearance, Signatory, Signature
from tracker.timeline.models import TimelineEntry


def test_the_empty_page_teaches(lead: SignedIn) -> None:
    """Before anybody signed, the page says what will be here and offers the way."""
    page = visit(lead, HERE)
    assert page.heading == "Signatories"
    assert "Nobody has signed here yet" in page.text
    assert page.link("Paste a list") == f"{HERE}/paste"


def test_adding_one(app: Flask, lead: SignedIn) -> None:
    """A person is added; a second with the same address is refused beside the field, and nothing typed is lost."""
    page = submit(
        lead, f"{HERE}/new", name="Ada Lovelace", office="Engineer", address="ada@example.org", signed="June 2018"
    )
    assert "One signatory was added." in page.soup.text
    assert "Lovelace" not in page.select_one("#messages").text
    assert "Ada Lovelace" in page.text and "Jun 2018" in page.text and "From a list" in page.text
    again = submit(lead, f"{HERE}/new", status=422, name="A. L.", address="ADA@example.org", appearance="initials")
    assert "already" in again.select_one("#address-error").text
    assert (again.form()["name"], again.form()["appearance"]) == ("A. L.", "initials")
    wrong = submit(lead, f"{HERE}/new", status=422, name="", signed="06/07/2018", address="nowhere")
    assert {"name-error", "signed-error"} <= {str(tag["id"]) for tag in wrong.select(".field-error[id]")}


def test_pasting_a_list(app: Flask, lead: SignedIn) -> None:
    """The list is shown line by line before anything is saved, less what is left out; then one batch, one entry."""
    fill(app, lead, "Grace Hopper <grace@example.org>\nAda Lovelace")
    text = (
        "Name\tTitle\tE-mail\n\nKatherine Johnson\tAnalyst\tkj@example.org\nG. H.\t\tGRACE@example.org\n"
        "\tBoss\t\nAda Lovelace\t\t\nMary Jackson"
    )
    preview = submit(lead, f"{HERE}/paste", text=text, step="preview", appearance="initials")
    assert preview.heading == "What was understood"
    rows = [words(row) for row in preview.select("tbody tr")]
    assert [row.split()[0] for row in rows] == ["1", "3", "4", "5", "6", "7"]
    assert "Column headings" in rows[0]
    assert rows[1].startswith("3 Katherine Johnson Analyst – kj@example.org")
    assert "here already" in rows[2] and "No name" in rows[3] and "perhaps here already" in rows[4]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Signatory)) == 2
    form = preview.form("form.paste-preview")
    assert form["text"].replace("\r\n", "\n") == text.strip()
    assert form["expected"] == "3"
    other = {**form, "expected": "4", "step": "save"}  # somebody else added one of them meanwhile
    changed = visit(lead, f"{HERE}/paste", method="POST", data=other, status=422)
    assert "look again" in changed.text and "Add 3 signatories" in changed.text
    ticked = {**changed.form("form.paste-preview"), "leave_out": "6", "step": "save"}
    saved = visit(lead, f"{HERE}/paste", method="POST", queries=55, data=ticked)  # saved, indexed, and listed
    assert "2 signatories were added." in saved.soup.text
    with app.app_context():
        assert queries.counts(db.session.scalars(sa.select(Campaign)).one()).here == 4
        newest = db.session.scalars(sa.select(TimelineEntry).order_by(TimelineEntry.id.desc())).first()
        assert newest is not None and newest.headline == "2 signatories were added from a list"
        appearances = db.session.scalars(sa.select(Signature.appearance)).all()
        assert set(appearances) == {Appearance.INITIALS}


def test_a_list_can_be_read_otherwise(lead: SignedIn) -> None:
    """The separator and the kind are chosen anew in the preview, and the text comes back for changing."""
    preview = submit(lead, f"{HERE}/paste", text="Google, Inc.\nMaryknoll Sisters", step="preview")
    assert "Google, Inc." in preview.text
    form = preview.form("form.paste-preview")
    bodies = visit(lead, f"{HERE}/paste", method="POST", data={**form, "kind": "organisation", "step": "preview"})
    assert [row.select("td")[1].text for row in bodies.select("tbody tr")] == ["Google, Inc.", "Maryknoll Sisters"]
    back = visit(lead, f"{HERE}/paste", method="POST", data={**form, "step": "edit"})
    assert "Maryknoll Sisters" in str(back.form()["text"])
    assert "Paste a list first" in submit(lead, f"{HERE}/paste", status=422, text=" \n ", step="preview").text


@pytest.mark.parametrize("protected", [True], indirect=True)
def test_five_thousand_lines(app: Flask, lead: SignedIn) -> None:
    """A long list is shown in parts, what was left out on one part stays out, and it is saved as one act."""
    text = "\n".join(f"Person Number{n}, Engineer, Team, p{n}@example.org" for n in range(5000))
    form = {"text": text, "kind": "person", "separator": "guess", "appearance": "counted"}
    asked = {**form, "leave_out": ["2", "3"], "start": "300"}
    part = Page(lead.post(f"{HERE}/paste", data=asked), [])
    assert len(part.select("tbody tr")) == 300
    assert "Lines 301 to 600 of 5,000" in part.text and "Add 4998 signatories" in part.text
    data = {**part.form("form.paste-preview"), "step": "save"}
    with counted_queries() as statements:
        assert lead.post(f"{HERE}/paste", data=data).status_code == 302
    assert len(statements) < 250
    with app.app_context():
        assert queries.counts(db.session.scalars(sa.select(Campaign)).one()).here == 4998
        newest = db.session.scalars(sa.select(TimelineEntry)).one()
        assert newest.headline == "4998 signatories were added from a list"
    too_long = lead.post(f"{HERE}/paste", data={**form, "text": "\n".join(f"P{n}" for n in range(10_001))})
    assert too_long.status_code == 422 and "More than 10000 lines" in too_long.get_data(as_text=True)


def test_a_search_leaves_no_address(app: Flask, lead: SignedIn) -> None:
    """A name is looked for by a posted form, so that it stands in no address; pages of results go on so."""
    fill(app, lead, "\n".join([f"Ada Number{n}" for n in range(60)] + ["Bo Other"]))
    page = submit(lead, HERE, "form.signatory-search", search="ada")
    assert page.response.request.query_string == b""
    assert len(page.select("tbody tr th")) == 50 and "Bo Other" not in page.text
    form = page.form("form.pages")
    second = visit(lead, HERE, method="POST", data={**form, "page": "2"})
    assert len(second.select("table.signatories tbody tr")) == 10
    form_tag = page.select_one("form.signatory-search")
    assert form_tag["method"] == "post" and "ada" not in str(form_tag["action"])
    assert "No signatory matches" in submit(lead, HERE, "form.signatory-search", search="nobody").text


def test_filters_and_pages(app: Flask, lead: SignedIn) -> None:
    """Filters and pages stand in the address and stay within bounds; nonsense is ignored."""
    fill(app, lead, "\n".join(f"Person {n}" for n in range(51)))
    with app.app_context(), transaction():
        signature = db.session.scalars(sa.select(Signature)).first()
        assert signature is not None
        service.withdraw_signature(signature, reason="", actor=db.session.get_one(Account, lead.account_id), now=NOW)
    assert len(visit(lead, HERE).select("table.signatories tbody tr")) == 50
    withdrawn = visit(lead, f"{HERE}?status=withdrawn")
    assert len(withdrawn.select("table.signatories tbody tr")) == 1
    assert "No signatory matches" in visit(lead, f"{HERE}?appearance=named").text
    for nonsense in ("page=99", "page=-1", "page=x", "status=x&order=x&kind=x", "page=999999999999999999999"):
        assert lead.get(f"{HERE}?{nonsense}").status_code == 200


def test_contact_data_takes_a_reason_and_leaves_a_record(
    app: Flask, lead: SignedIn, signed_in: Callable[..., SignedIn]
) -> None:
    """Without a reason nothing is shown; with one it is, once, and who, how many and why are written down."""
    fill(app, lead, "Ada <ada@example.org>\nBo <bo@example.org>\nCy")
    assert "example.org" not in visit(lead, HERE).text
    refused = submit(lead, HERE, "#contacts form", status=422, reason=" ")
    assert "ada@example.org" not in refused.html and "Say what you need them for" in refused.text
    refused = submit(lead, HERE, "#contacts form", status=422, reason="to invite them", code="000000")
    assert "ada@example.org" not in refused.html and refused.has("#code[aria-invalid]"), "a reason is not enough"
    page = submit(lead, HERE, "#contacts form", reason="to invite them", code=code_of())
    assert "ada@example.org" in page.text and "none kept" in page.text
    assert page.response.headers["Cache-Control"] == "no-store"
    row = next(link for link in page.select("table.signatories a") if link.text.strip() == "Ada")
    one = submit(lead, str(row["href"]), "#contacts form", reason="to call")
    assert "ada@example.org" in one.text, "who signed in again a moment ago is asked for the reason alone"
    with time_machine.travel(clock.now() + dt.timedelta(minutes=11), tick=False):
        later = submit(lead, str(row["href"]), "#contacts form", status=422, reason="to call")
        assert "ada@example.org" not in later.text and later.has("#code[aria-invalid]")
    with app.app_context():
        found = db.session.scalars(sa.select(AccessRecord).order_by(AccessRecord.id)).all()
        assert [(record.reading, record.count, record.reason) for record in found] == [
            (Reading.VIEWED, 2, "to invite them"),
            (Reading.VIEWED, 1, "to call"),
        ]
        assert {record.account_id for record in found} == {lead.account_id}
    other = signed_in(Role.ADMINISTRATOR)  # administrators need the permission too
    assert not visit(other, HERE).has("#contacts")
    assert other.post(HERE, data={"step": "contacts", "reason": "x"}).status_code == 403
    assert other.post(f"{row['href']}/contact", data={"reason": "x"}).status_code == 403


def test_protecting_from_the_page(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """A lead seals the names with one confirmed click."""
    client = signed_in(Role.ORGANISER)
    with app.app_context(), transaction():
        letter = campaign()
        join(letter, (db.session.get_one(Account, client.account_id), Membership.LEAD))
    fill(app, client, "Ada Lovelace")
    page = submit(client, HERE, "form[action$=protect]")
    assert "1 name was sealed" in page.soup.text and "This campaign is protected" in page.text
    assert "Ada Lovelace" in page.text and not page.has("form[action$=protect]")


def test_every_post_wants_a_token(app: Flask, lead: SignedIn) -> None:
    """Without this session's token nothing is saved."""
    app.config["WTF_CSRF_ENABLED"] = True
    client: FlaskClient = lead
    for path in (HERE, f"{HERE}/new", f"{HERE}/paste", f"{HERE}/protect"):
        assert client.post(path, data={"name": "Ada", "appearance": "counted"}).status_code == 400
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Signatory)) == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_in_a_browser(
    app: Flask, signed_in_page: Callable[..., BrowserPage], axe: Callable[[Any], list[str]], theme: str
) -> None:
    """By keyboard and at 360 px: paste, look, save, find; no sideways scrolling, nothing for axe to find."""
    page = signed_in_page(
        Role.ORGANISER,
        columns={"may_see_contacts": True},
        viewport={"width": 360, "height": 800},
        color_scheme=theme,
    )
    with app.app_context(), transaction():
        letter = campaign(protected=True, visibility=Visibility.MEMBERS)
        join(letter, (db.session.scalars(sa.select(Account)).one(), Membership.LEAD))

    def looks_right() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert axe(page) == []

    def follow(role: Literal["button", "link"], name: str) -> None:
        with page.expect_navigation():
            page.get_by_role(role, name=name).press("Enter")

    page.goto(HERE)
    looks_right()
    page.goto(f"{HERE}/paste")
    looks_right()
    page.get_by_label("The list").fill("Ada Lovelace, Engineer\nGrace Hopper <grace@example.org>\nAda Lovelace\n<x@>")
    follow("button", "Show what is understood")
    looks_right()
    page.get_by_label("Leave out line 3").check()
    follow("button", "Read it again")
    follow("button", "Add 2 signatories")
    page.get_by_label("Whole words of a name").fill("lovelace")
    follow("button", "Find")
    assert page.url.endswith(HERE)
    looks_right()
    follow("link", "Ada Lovelace")
    looks_right()
    for path in ("/new", "/new-organisation"):
        page.goto(f"{HERE}{path}")
        looks_right()
    page.goto("/campaigns/letter/sizes/new")
    looks_right()
