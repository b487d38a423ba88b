"""A campaign as the template of another: what is ticked goes along, who signed and what came of it never."""

import pytest
import sqlalchemy as sa

from tests.support.campaigns import log
from tests.support.pages import submit, visit
from tracker import clock
from tracker.accounts.models import Account, Role
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, transaction
from tracker.signatures.models import Appearance, Signatory
from tracker.signatures.people import Person
from tracker.signatures.service import add_signatory

HERE = "/campaigns/rekognition"
BOXES = ("subjects", "targets", "demands", "issues", "text", "summary", "goal", "follows")


@pytest.fixture
def client(signed_in, app):
    """An organiser with a campaign that has everything a template may give, and a signatory."""
    made = signed_in()
    log(made, title="Rekognition", kind="shareholder", company="Amazon", demands="Stop the sale\nStudy it")
    submit(made, f"{HERE}/edit", issues="Facial recognition", goal="500", summary="In short.")
    submit(made, f"{HERE}/text/new", body="Dear board,")
    with app.app_context(), transaction():
        one = db.session.scalars(sa.select(Campaign)).one()
        actor = db.session.get_one(Account, made.account_id)
        add_signatory(one, Person("Ada Example"), appearance=Appearance.NAMED, actor=actor, now=clock.now())
    return made


def test_what_is_ticked_goes_along(client, app) -> None:
    """Companies, who can grant it, asks, issue areas and the text as version 1; it says where it came from."""
    page = submit(client, f"{HERE}/start-another", title="Rekognition, again", summary="y", goal="y")
    assert page.heading == "Rekognition, again"
    assert [one.get_text(" ", strip=True).split(" What")[0] for one in page.select(".scoreboard-ask")] == [
        "Stop the sale",
        "Study it",
    ]
    assert "Dear board," in page.select_one("#letter").get_text()
    assert page.link("Facial recognition") == "/issues/facial-recognition"
    assert "follows Rekognition" in " ".join(page.select_one("#related").get_text(" ").split())
    assert "In short." in page.text
    assert "0 of 500 wanted" in page.text
    assert "Amazon" in page.select_one(".kicker").get_text()
    history = visit(client, "/campaigns/rekognition-again/history")
    assert "This campaign follows another one, which was its template." in history.text
    assert history.link("Rekognition") == HERE


def test_who_signed_stays(client, app) -> None:
    """No signatory, no history, no outcome goes along; changing the new one leaves the old one alone."""
    page = submit(client, f"{HERE}/start-another", title="Another")
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Signatory)) == 1
    assert "Ada" not in page.html
    assert "signed here" not in page.text
    submit(client, "/campaigns/another/edit", title="Changed")
    assert visit(client, HERE).heading == "Rekognition"


def test_nothing_ticked(client) -> None:
    """Only a title and whose campaign it is are needed."""
    page = submit(client, f"{HERE}/start-another", title="Bare", **dict.fromkeys(BOXES))
    assert "Nothing is asked yet" in page.text
    assert not page.has("#related .plain-rows")
    assert "Another campaign was its template." in visit(client, "/campaigns/bare/history").text
    assert "stands here once it is written" in page.select_one("#letter").get_text()
    assert "Give the campaign a title." in submit(client, f"{HERE}/start-another", title="", status=422).text


def test_never_wider_than_its_template(client, app, signed_in) -> None:
    """A copy of what members alone may read is for its lead alone, whatever its kind begins as."""
    with app.app_context(), transaction():
        db.session.scalars(sa.select(Campaign)).one().visibility = Visibility.MEMBERS
    submit(client, f"{HERE}/start-another", title="Another", kind="public")
    visit(signed_in(Role.VIEWER), "/campaigns/another", status=404)


def test_for_those_who_may_log_one(client, signed_in) -> None:
    """A viewer reads the campaign and neither sees the link nor opens the form."""
    viewer = signed_in(Role.VIEWER)
    assert "Start another from it" not in visit(viewer, HERE).text
    visit(viewer, f"{HERE}/start-another", status=403)
    assert "Start another from it" in visit(client, HERE).text
