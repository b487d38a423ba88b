"""A search is kept under a name, renamed, removed, and followed; nobody else sees it."""

import pytest
from flask.testing import FlaskClient

from tests.support.campaigns import log
from tests.support.pages import submit, visit
from tracker.accounts.models import Role
from tracker.campaigns.models import SavedSearch
from tracker.db import db
from tracker.digests.models import Subscription

ASKED = "q=amazon&kind=employee&kind=public&outcome=unanswered&sort=title"


@pytest.fixture
def keeper(signed_in) -> FlaskClient:
    """An organiser who logged a campaign and kept a search."""
    client = signed_in()
    log(client, title="Amazon letter")
    return client


def test_a_search_is_kept_and_found_again(keeper: FlaskClient) -> None:
    """From the list, named by what it asks, with everything of its address; a second time it is the same one."""
    page = visit(keeper, visit(keeper, f"/campaigns?{ASKED}").link("Keep this search"))
    assert page.select_one("#name")["value"] == "“amazon”; Employees; The public; Unanswered"
    assert page.heading == "Keep this search"
    wrong = submit(keeper, f"/searches/new?{ASKED}", name=" ", status=422)
    assert "Give it a name." in wrong.select_one("#name-error").get_text()
    page = submit(keeper, f"/searches/new?{ASKED}", name="Letters to Amazon")
    assert "Kept." in page.text
    assert page.select_one(".kept-searches a[aria-current]").get_text() == "Letters to Amazon"
    assert [h.get_text() for h in page.select(".record h3")] == ["Amazon letter"]
    submit(keeper, f"/searches/new?{ASKED}", name="Another name")
    kept = visit(keeper, "/searches")
    assert [h.get_text() for h in kept.select(".record h2")] == ["Another name"]
    assert visit(keeper, kept.link("Another name")).select_one("#facets-sort option[selected]")["value"] == "title"
    assert keeper.get("/searches/new").location == "/campaigns"


def test_it_is_renamed_followed_and_removed(keeper: FlaskClient) -> None:
    """Following is one more line of one's digest; removing ends it and leaves the subscription's row behind."""
    submit(keeper, f"/searches/new?{ASKED}", name="Letters", follow="y")
    assert "What your search “Letters” finds" in visit(keeper, "/digests").text
    page = submit(keeper, visit(keeper, "/searches").link("Rename"), name="Open letters")
    assert "Open letters" in page.text and "In your digest" in page.text
    page = submit(keeper, "/searches", css="form[action$='/follow']")
    assert "In your digest" not in page.text
    assert "You follow nothing yet" in visit(keeper, "/digests").text
    submit(keeper, "/searches", css="form[action$='/follow']")
    page = submit(keeper, "/searches", css="form[action$='/remove']")
    assert "No search is kept yet" in page.text
    with keeper.application.app_context():
        assert db.session.query(SavedSearch).count() == 0
        rows = db.session.query(Subscription).all()
        assert len(rows) == 2
        assert all(one.ended_at is not None and one.saved_search_id is None for one in rows)


def test_from_a_mistyped_word_to_a_digest(signed_in) -> None:
    """Somebody types “palentir”, finds what Palantir was asked, keeps that as a search, follows it, and is told of a
    campaign that fits it later."""
    organiser, reader = signed_in(), signed_in(Role.VIEWER)
    log(
        organiser,
        title="Letter about raids",
        kind="shareholder",
        company="Palantir Technologies",
        demands="Publish every contract",
    )
    log(organiser, title="Another letter", kind="shareholder", company="Meta Platforms", demands="Publish a report")
    page = visit(reader, "/search?q=palentir+contract")
    assert "Nothing has the words “palentir contract”. Shown is what has “palantir contract”." in page.text
    asked = next(line for line in page.select(".result") if "Ask" in line.get_text())
    found = visit(reader, str(asked.select_one("h3 a")["href"]))
    assert found.heading == "Publish every contract" and "asked of Palantir Technologies" in found.text

    listed = visit(reader, page.link("List the campaigns with these words, with filters"))
    assert [h.get_text() for h in listed.select(".record h3")] == ["Letter about raids"]
    kept = submit(reader, listed.link("Keep this search"), name="What Palantir is asked", follow="y")
    assert kept.select_one(".kept-searches a[aria-current]").get_text() == "What Palantir is asked"
    assert "What your search “What Palantir is asked” finds" in visit(reader, "/digests").text

    log(
        organiser,
        title="One more letter",
        kind="shareholder",
        company="Palantir Technologies",
        demands="Cancel the contract",
    )
    told = visit(reader, "/digests/preview").text
    assert "One more letter" in told and "Another letter" not in told


def test_it_is_its_owners_alone(keeper: FlaskClient, signed_in) -> None:
    """Another account neither sees it nor changes it."""
    submit(keeper, f"/searches/new?{ASKED}", name="Letters")
    with keeper.application.app_context():
        address = f"/searches/{db.session.query(SavedSearch).one().public_id}"
    other = signed_in()
    assert "Letters" not in visit(other, "/searches").text + visit(other, "/campaigns").text
    assert other.get(f"{address}/edit").status_code == 404
    for what in ("edit", "remove", "follow"):
        assert other.post(f"{address}/{what}", data={"name": "Mine"}).status_code == 404
