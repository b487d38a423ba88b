"""Two records that are one campaign: merged after a look, read as one everywhere, and taken apart again."""

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.support.accounts import make_member
from tests.support.campaigns import log
from tests.support.pages import Page, form_data, submit, visit
from tracker import clock
from tracker.accounts.models import Account, Membership, Role
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, transaction
from tracker.signatures.models import Appearance
from tracker.signatures.people import Person
from tracker.signatures.service import add_organisation, add_signatory

OLD, NEW = "/campaigns/stop-the-sale", "/campaigns/rekognition"


@pytest.fixture
def two(signed_in, app) -> FlaskClient:
    """An organiser with two records of one campaign, both public, and signatories of either."""
    client = signed_in()
    log(client, title="Stop the sale", kind="public", company="Amazon", demands="Stop selling it")
    log(
        client,
        title="Rekognition",
        kind="public",
        company="Microsoft",
        demands="Study it",
        due_on="2027-01-05",
        due_what="Ask again",
    )
    with app.app_context(), transaction():
        actor, now = db.session.get_one(Account, client.account_id), clock.now()
        for one, people in zip(db.session.scalars(sa.select(Campaign).order_by(Campaign.id)), (3, 0), strict=True):
            one.visibility = Visibility.PUBLIC
            add_organisation(one, "Sisters of Example", actor=actor, now=now)
            for number in range(people):
                add_signatory(one, Person(f"Person {number}"), appearance=Appearance.COUNTED, actor=actor, now=now)
    return client


def merge(client: FlaskClient, reason: str = "It is the same letter.", into: str = "Rekognition") -> Page:
    """Name the other, look, confirm."""
    shown = submit(client, f"{OLD}/merge", other=into, reason=reason)
    assert "will be read as part of" in shown.text
    return visit(client, f"{OLD}/merge", method="POST", data=form_data(shown.select_one("form.form")), queries=80)


def test_merged_after_a_look(two) -> None:
    """The page says what will be before it is done; the campaign that remains says what was merged in and why."""
    shown = submit(two, f"{OLD}/merge", other="Rekognition", reason="It is the same letter.")
    assert "1 ask" in shown.text
    assert "1 organisation signed both and is counted once." in shown.text
    assert visit(two, OLD).heading == "Stop the sale"  # not yet
    page = merge(two)
    assert page.heading == "Rekognition"
    section = page.select_one("#merged").get_text(" ", strip=True)
    assert "Stop the sale" in section
    assert "It is the same letter." in section
    assert "4 signed there" in section


def test_read_as_one(two) -> None:
    """Asks, entries and numbers of both stand on one page; lists, companies and home show one campaign."""
    merge(two)
    page = visit(two, NEW)
    assert {"Stop selling it", "Study it"} <= {
        cell.get_text(" ", strip=True).split(" What to do")[0] for cell in page.select(".scoreboard-ask")
    }
    assert "4 signed here" in page.text  # three people there, and one organisation that signed both
    assert "Stop the sale" in visit(two, f"{NEW}/history").text
    listed = [link.get_text(strip=True) for link in visit(two, "/campaigns").select(".record-head a")]
    assert listed == ["Rekognition"]
    company = visit(two, "/companies/amazon")
    assert [link.get_text(strip=True) for link in company.select("#asking .record-head a")] == ["Rekognition"]
    assert "1 campaign" in visit(two, "/companies").text
    home = visit(two, "/")
    assert {link.get_text(strip=True) for link in home.select(".day-campaign a")} == {"Rekognition"}


def test_old_addresses_lead_there(two, app) -> None:
    """Its page, its history and its public address lead to the other's, not for ever; its parts stay where they are."""
    entry = visit(two, f"{OLD}/history").select_one(".entry-sentence a")["href"]
    merge(two)
    for path, there in (
        (OLD, NEW),
        (f"{OLD}/history?order=oldest", f"{NEW}/history?order=oldest"),
        (f"{OLD}/edit", f"{NEW}/edit"),
    ):
        answer = two.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, there)
    public = app.test_client().get("/c/stop-the-sale")
    assert (public.status_code, public.headers["Location"]) == (302, "/c/rekognition")
    assert "Stop selling it" in visit(app.test_client(), "/c/rekognition").text
    assert visit(two, str(entry)).response.request.path == entry
    assert visit(two, f"{OLD}/signatories").response.request.path == f"{OLD}/signatories"
    assert [one.get_text(strip=True) for one in visit(app.test_client(), "/").select(".record-head a")] == [
        "Rekognition"
    ]


def test_undone(two) -> None:
    """One button takes them apart; each is as it was."""
    before = visit(two, OLD).select_one("#asks").get_text(" ", strip=True)
    merge(two)
    page = submit(two, NEW, css="#merged form.confirm-panel")
    assert page.heading == "Stop the sale"
    assert page.select_one("#asks").get_text(" ", strip=True) == before
    other = visit(two, NEW)
    assert not other.has("#merged")
    assert "1 signed here" in other.text
    assert "stands by itself again" in visit(two, f"{NEW}/history").text


def test_people_of_both_are_at_most(two, app) -> None:
    """Where people signed either, the sum is said to be the most it can be: nothing links a person across campaigns."""
    with app.app_context(), transaction():
        other = db.session.scalars(sa.select(Campaign).where(Campaign.slug == "rekognition")).one()
        actor = db.session.get_one(Account, two.account_id)
        add_signatory(other, Person("Person 1"), appearance=Appearance.COUNTED, actor=actor, now=clock.now())
    shown = submit(two, f"{OLD}/merge", other="Rekognition", reason="The same.")
    assert "Together at most 5" in shown.text
    assert "at most 5 signed here" in merge(two).text


def test_never_to_who_may_not_read_both(two, app, signed_in) -> None:
    """Somebody who may read one of the two sees it as it stood, without a word about the other; outsiders too."""
    with app.app_context(), transaction():
        other = db.session.scalars(sa.select(Campaign).where(Campaign.slug == "rekognition")).one()
        other.visibility = Visibility.MEMBERS
    shown = submit(two, f"{OLD}/merge", other="Rekognition", reason="The same.")
    assert "Its public page stays" in shown.text
    merge(two)
    stranger = signed_in(Role.VIEWER)
    for client, paths in (
        (stranger, (OLD, f"{OLD}/history", "/campaigns", "/companies/amazon", "/")),
        (app.test_client(), ("/c/stop-the-sale", "/")),
    ):
        for path in paths:
            page = visit(client, path)
            assert page.response.request.path == path
            assert "Stop the sale" in page.text
            assert "Rekognition" not in page.text
            assert "merged" not in page.text
    # And the other way about: the campaign that remains is public, what was merged in is not.
    with app.app_context(), transaction():
        for one in db.session.scalars(sa.select(Campaign)):
            one.visibility = Visibility.PUBLIC if one.slug == "rekognition" else Visibility.MEMBERS
    for client, paths in ((stranger, (NEW, f"{NEW}/history", "/campaigns")), (app.test_client(), ("/c/rekognition",))):
        for path in paths:
            page = visit(client, path)
            assert "Rekognition" in page.text
            assert "Stop the sale" not in page.text
            assert "Stop selling it" not in page.text


def test_its_link_keeps_its_letter(two, app) -> None:
    """Whoever holds the link of a merged campaign reads its letter as before; never the link of the other."""
    with app.app_context(), transaction():
        for one in db.session.scalars(sa.select(Campaign)):
            one.visibility = Visibility.LINK
        tokens = dict(db.session.execute(sa.select(Campaign.slug, Campaign.link_token)).all())
    merge(two)
    page = visit(app.test_client(), f"/c/{tokens['stop-the-sale']}")
    assert "Stop selling it" in page.text
    assert tokens["rekognition"] not in page.html
    other = visit(app.test_client(), f"/c/{tokens['rekognition']}")
    assert "Stop selling it" not in other.text


def test_who_may(two, app, signed_in) -> None:
    """Merging is for leads who may also edit the other; a reader cannot undo it."""
    editor = signed_in()
    with app.app_context():
        ids = dict(db.session.execute(sa.select(Campaign.slug, Campaign.id)).all())
    make_member(app, ids["stop-the-sale"], editor.account_id, Membership.EDITOR)
    visit(editor, f"{OLD}/merge", status=403)
    lead = signed_in()
    make_member(app, ids["stop-the-sale"], lead.account_id, Membership.LEAD)
    refused = submit(lead, f"{OLD}/merge", other="Rekognition", reason="The same.", status=422)
    assert "not edit it" in refused.text
    merge(two)
    undo = visit(two, NEW).select_one("#merged form.confirm-panel")["action"]
    assert signed_in(Role.VIEWER).post(str(undo)).status_code == 403
    assert lead.post(str(undo)).status_code == 302  # leads what was merged in


def test_what_is_due_stays_due(two) -> None:
    """The deadline of the merged campaign stands among the next dates, and is ticked off there."""
    submit(two, f"{OLD}/deadlines/new", what="Answer them", due_on="2027-01-09")
    merge(two)
    page = visit(two, NEW)
    assert [one.get_text(strip=True) for one in page.select("#dates .due-what")] == ["Ask again", "Answer them"]
    home = visit(two, "/").text
    assert "Answer them" not in home or "Rekognition" in home


def test_refused_in_words(two) -> None:
    """Itself, nothing, and no reason."""
    assert "into itself" in submit(two, f"{OLD}/merge", other="Stop the sale", reason="x", status=422).text
    assert "No campaign that you may read" in submit(two, f"{OLD}/merge", other="Nope", reason="x", status=422).text
    assert "Say in a sentence" in submit(two, f"{OLD}/merge", other="Rekognition", reason="", status=422).text


def test_the_pages_of_parts_say_so(two, app: Flask) -> None:
    """A part that stays at its old address says what its campaign is part of now."""
    merge(two)
    assert "Rekognition" in visit(two, f"{OLD}/signatories").text
