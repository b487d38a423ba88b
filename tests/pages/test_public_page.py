"""The page outsiders read: the letter, how many stand behind it, what came of it, and nobody who did not choose it."""

import datetime as dt

import sqlalchemy as sa

from tests.support.campaigns import log
from tests.support.pages import submit, visit
from tracker.campaigns.models import Campaign
from tracker.clock import now
from tracker.db import db, transaction
from tracker.timeline.models import EntryKind, EntryVisibility
from tracker.timeline.service import append_entry

HERE = "/campaigns/open-letter"


def test_a_public_campaign(signed_in, client) -> None:
    """Letter first; asks with their fate; public entries only; who runs it is "the organisers"."""
    lead = signed_in(name="Ada Organiser")
    log(lead, title="Open letter", kind="public")
    submit(lead, HERE + "/text/new", body="Dear board, *listen*.")
    submit(lead, HERE + "/notes/new", headline="Ours alone", occurred_on="2020", visibility="signed_in")
    submit(lead, HERE + "/notes/new", headline="For everybody", occurred_on="2020", visibility="public")
    submit(
        lead, HERE + "/notes/new", headline="Later", occurred_on="2020", visibility="public", public_from="2199-01-01"
    )
    visit(client, "/c/open-letter", status=404)
    submit(lead, HERE + "/visibility", visibility="public")
    page = visit(client, "/c/open-letter")
    assert page.heading == "Open letter"
    main = page.select_one("main")
    order = [main.get_text().find(words) for words in ("Dear board", "What is asked", "What happened")]
    assert order == sorted(order)
    assert -1 not in order
    assert "For everybody" in page.text
    for hidden in ("Ours alone", "Later", "Ada", "recorded by"):
        assert hidden not in page.html
    assert "the organisers" in page.text
    assert "noindex" not in page.response.headers.get("X-Robots-Tag", "")


def test_an_old_address_of_a_public_page(signed_in, client) -> None:
    """The public page follows its campaign's address; one in the bin is gone."""
    lead = signed_in()
    log(lead, title="Open letter", kind="public")
    submit(lead, HERE + "/visibility", visibility="public")
    submit(lead, HERE + "/edit", slug="renamed")
    assert client.get("/c/open-letter").location == "/c/renamed"
    visit(client, "/c/open-letter")
    visit(lead, "/campaigns/renamed/remove", method="POST", queries=80)
    visit(client, "/c/renamed", status=404)
    visit(client, "/c/nothing", status=404)


def test_no_cookie_and_few_queries(signed_in, client) -> None:
    """A reader from outside gets no cookie."""
    lead = signed_in()
    log(lead, title="Open letter", kind="public")
    submit(lead, HERE + "/visibility", visibility="public")
    page = visit(client, "/c/open-letter", queries=20)
    assert "Set-Cookie" not in page.response.headers


def test_a_page_by_link(signed_in, client) -> None:
    """Whoever has the link reads the letter and what is asked: no fate, no entry, no title, and nothing to index."""
    lead = signed_in()
    log(lead, title="Open letter", kind="employee", demands="Stop the heat")
    submit(lead, HERE + "/text/new", body="Dear board, *listen*.")
    submit(lead, HERE + "/notes/new", headline="For everybody", occurred_on="2020", visibility="public")
    visit(client, "/c/open-letter", status=404)
    link = str(visit(lead, HERE).select_one("input[readonly]")["value"])
    page = visit(client, link.removeprefix("http://localhost").partition("8000")[2] or link)
    assert "Dear board" in page.text
    assert "Stop the heat" in page.text
    for hidden in ("Open letter", "For everybody", "Unanswered"):
        assert hidden not in page.html
    assert "noindex" in page.response.headers["X-Robots-Tag"]
    assert page.response.headers["Referrer-Policy"] == "no-referrer"


def test_a_long_public_history_has_pages(app, signed_in, client) -> None:
    """Fifty entries a page; the last page ends with how it began, and an address that means nothing is page one."""
    lead = signed_in()
    log(lead, title="Open letter", kind="public", began_on="2001")
    submit(lead, HERE + "/visibility", visibility="public")
    with app.app_context(), transaction():
        campaign = db.session.scalars(sa.select(Campaign)).one()
        for number in range(60):
            append_entry(
                campaign_id=campaign.id,
                kind=EntryKind.NOTE,
                headline=f"Fact {number}",
                occurred_on=dt.date(2010, 1, 1) + dt.timedelta(days=number),
                now=now(),
                actor=None,
                visibility=EntryVisibility.PUBLIC,
            )
    first = visit(client, "/c/open-letter")
    assert "Fact 59" in first.text
    assert "Fact 0 " not in first.text + " "
    assert "Fact 59" in visit(client, "/c/open-letter?page=²").text
    last = visit(client, "/c/open-letter?page=99")
    assert "Fact 0" in last.text
    assert "began" in last.select_one("#history").get_text()
