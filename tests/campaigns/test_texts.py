"""The letter's versions: compared, restored, never overwritten."""

import sqlalchemy as sa
from flask import Flask

from tests.support.campaigns import log
from tests.support.pages import submit, visit
from tracker.campaigns.models import CampaignText
from tracker.clock import now
from tracker.db import db, transaction
from tracker.timeline.models import TimelineEntry

HERE = "/campaigns/we-wont-build-it"
FIRST = "Dear Jeff,\n\nWe refuse to build it.\n\nYours"
SECOND = "Dear Jeff,\n\nWe firmly refuse to build it.\n\nYours"


def bodies(app: Flask) -> list[str]:
    """What each version says, the first one first."""
    with app.app_context():
        return list(db.session.scalars(sa.select(CampaignText.body).order_by(CampaignText.number)))


def two_versions(client) -> None:
    log(client)
    submit(client, HERE + "/text/new", body=FIRST)
    submit(client, HERE + "/text/new", body=SECOND)


def test_what_changed_between_two_versions(signed_in) -> None:
    """“What changed since version 1?”: the word that was put in is marked, also for who cannot see colours."""
    client = signed_in()
    two_versions(client)
    page = visit(client, HERE + "/text")
    page = visit(client, page.link("What changed since version 1"))
    assert page.heading == "From version 1 to version 2"
    assert "1 word put in, 0 taken out." in page.text
    marked = page.select_one(".diff ins")
    assert marked.get_text(" ", strip=True) == "[put in: firmly end]"
    page = visit(client, HERE + "/text/compare?old=2&new=1")
    assert "firmly" in page.select_one(".diff del").get_text()


def test_a_text_with_one_version_has_nothing_to_compare(signed_in) -> None:
    """The page says so, and so does an unknown version, by comparing the newest."""
    client = signed_in()
    log(client)
    assert "nothing to compare yet" in visit(client, HERE + "/text/compare").text
    submit(client, HERE + "/text/new", body=FIRST)
    submit(client, HERE + "/text/new", body=SECOND)
    assert visit(client, HERE + "/text/compare?old=77&new=x").heading == "From version 1 to version 2"


def test_an_earlier_version_is_restored(app: Flask, signed_in) -> None:
    """“Bring back what we had first”: a third version has its words, the history and the list of versions say so."""
    client = signed_in()
    two_versions(client)
    page = submit(client, HERE + "/text/1/restore", words="The lawyers asked for it.", is_substantive="no")
    assert "back, as a new version" in page.text
    assert bodies(app) == [FIRST, SECOND, FIRST]
    assert "the words of version 1 again" in visit(client, HERE + "/text").text
    assert "The words of version 1 were restored: version 3." in visit(client, HERE + "/history").text


def test_a_delivered_version_stays_as_it_was(app: Flask, signed_in) -> None:
    """After delivery a restore needs a reason, and the delivered words stay untouched."""
    client = signed_in()
    two_versions(client)
    with app.app_context(), transaction():
        last = db.session.scalars(sa.select(CampaignText).where(CampaignText.number == 2)).one()
        last.frozen_at = now()
    page = submit(client, HERE + "/text/1/restore", status=422)
    assert "This text was delivered: say why it changes." in page.text
    submit(client, HERE + "/text/1/restore", words="They asked for the old one.")
    assert bodies(app) == [FIRST, SECOND, FIRST]
    with app.app_context():
        assert [text.frozen_at is not None for text in db.session.scalars(sa.select(CampaignText))] == [
            False,
            True,
            False,
        ]


def test_the_newest_words_are_not_restored_again(app: Flask, signed_in) -> None:
    """Nothing is saved when the words are those of the newest version anyhow; there is no such link either."""
    client = signed_in()
    two_versions(client)
    assert "Restore version 2" not in visit(client, HERE + "/text").text
    assert "The text is the same as before." in submit(client, HERE + "/text/2/restore", status=422).text
    assert len(bodies(app)) == 2


def test_a_version_added_meanwhile_is_not_passed_over(app: Flask, signed_in) -> None:
    """Who restores while somebody else saves sees the newer text first; sending it again is then meant."""
    client = signed_in()
    two_versions(client)
    mine = visit(client, HERE + "/text/1/restore").form(".sheet form")
    submit(client, HERE + "/text/new", body="Something else.")
    page = visit(client, HERE + "/text/1/restore", method="POST", data=mine, status=409)
    assert "Somebody else added version 3 meanwhile" in page.text
    assert "Something else." in page.select_one(".diff del").get_text()
    visit(client, HERE + "/text/1/restore", method="POST", data=page.form(".sheet form"), queries=80)
    assert bodies(app)[-1] == FIRST
    with app.app_context():
        told = db.session.scalars(sa.select(TimelineEntry.headline).order_by(TimelineEntry.id.desc())).first()
    assert told == "The words of version 1 were restored: version 4."
