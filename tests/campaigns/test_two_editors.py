"""Two people at once: the second chooses field by field, and nobody's words are lost on the way."""

import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support.campaigns import log
from tests.support.happenings import Team
from tests.support.pages import submit, visit, words
from tracker.campaigns.models import Campaign, CampaignText, Demand
from tracker.db import db
from tracker.outcomes.models import Commitment
from tracker.outcomes.service import Promise, record_commitment

HERE = "/campaigns/we-wont-build-it"
EDIT = HERE + "/edit"
LONG = "\n\n".join(f"Paragraph {number} of the letter stands as it stood in the first draft." for number in range(6))


def saved(app: Flask) -> tuple[str, int | None, str]:
    """Title, goal and summary as they are now."""
    with app.app_context():
        campaign = db.session.scalars(sa.select(Campaign)).one()
        return campaign.title, campaign.goal, campaign.summary


def test_theirs_or_mine_for_each_field(app: Flask, signed_in) -> None:
    """“Their title, my summary”: what both changed is asked, without an answer beforehand."""
    client = signed_in()
    log(client)
    mine = visit(client, EDIT).form()
    submit(client, EDIT, title="Their title", summary="Their summary")
    page = visit(client, EDIT, method="POST", data={**mine, "title": "Mine", "summary": "My summary"}, status=409)
    choice = page.form(".conflict form")
    assert not page.has(".conflict [checked]") and len(page.select(".conflict [type=radio][required]")) == 4
    choice |= {"choice-title": "theirs", "choice-summary": "mine"}
    visit(client, EDIT, method="POST", data=choice, queries=80)
    assert saved(app) == ("Their title", None, "My summary")


def test_what_only_one_of_them_changed_is_kept(app: Flask, signed_in) -> None:
    """Who changed other things only has to look: both changes are chosen already."""
    client = signed_in()
    log(client)
    mine = visit(client, EDIT).form()
    submit(client, EDIT, title="Their title")
    page = visit(client, EDIT, method="POST", data={**mine, "goal": "500"}, status=409)
    assert "you changed different things" in page.text
    visit(client, EDIT, method="POST", data=page.form(".conflict form"), queries=80)
    assert saved(app) == ("Their title", 500, "")


def test_a_third_who_saves_meanwhile_is_not_passed_over(app: Flask, signed_in) -> None:
    """While the second chooses, a third saves: the choice is asked anew, and the second's words are still there."""
    client = signed_in()
    log(client)
    mine = visit(client, EDIT).form()
    submit(client, EDIT, title="Theirs", summary="Theirs")
    page = visit(client, EDIT, method="POST", data={**mine, "title": "Mine", "summary": "Mine"}, status=409)
    choice = {**page.form(".conflict form"), "choice-title": "theirs", "choice-summary": "mine"}
    submit(client, EDIT, title="The third's", goal="7")
    page = visit(client, EDIT, method="POST", data=choice, status=409)
    rows = [words(row) for row in page.select(".conflict fieldset")]
    assert rows[0] == "Title Theirs The third's Mine Mine"
    assert any(row.startswith("Goal") and "only they" in row for row in rows)
    assert saved(app) == ("The third's", 7, "Theirs")
    choice = page.form(".conflict form")
    assert (choice["choice-title"], choice["choice-summary"]) == ("theirs", "mine")
    visit(client, EDIT, method="POST", data=choice, queries=80)
    assert saved(app) == ("The third's", 7, "Mine")


def test_a_wrong_value_is_mended_with_the_choice_kept(app: Flask, signed_in) -> None:
    """When what was chosen is refused, the form comes back with the chosen words in it."""
    client = signed_in()
    log(client)
    log(client, title="Another")
    mine = visit(client, EDIT).form()
    submit(client, EDIT, title="Their title")
    page = visit(client, EDIT, method="POST", data={**mine, "title": "Mine", "slug": "another"}, status=409)
    choice = {**page.form(".conflict form"), "choice-title": "theirs"}
    page = visit(client, EDIT, method="POST", data=choice, status=422)
    assert "Another campaign has or had this address." in page.text
    assert page.select_one("[name=title]")["value"] == "Their title"


def test_two_write_the_letter(app: Flask, signed_in) -> None:
    """Of two next versions of a long text the second sees what theirs would become, and keeps one of the two."""
    client = signed_in()
    log(client)
    submit(client, HERE + "/text/new", body=LONG)
    mine = visit(client, HERE + "/text/new").form()
    submit(client, HERE + "/text/new", body=LONG.replace("Paragraph 3", "Their paragraph"))
    my_words = LONG.replace("Paragraph 3", "My paragraph")
    page = visit(client, HERE + "/text/new", method="POST", data={**mine, "body": my_words}, status=409)
    assert [words(row.select_one("legend")) for row in page.select(".conflict fieldset")] == ["The text"]
    assert words(page.select_one(".conflict .diff ins")).startswith("[put in: My")
    choice = {**page.form(".conflict form"), "choice-body": "mine"}
    visit(client, HERE + "/text/new", method="POST", data=choice, queries=80)
    with app.app_context():
        bodies = db.session.scalars(sa.select(CampaignText.body).order_by(CampaignText.number)).all()
    assert bodies[1].count("Their paragraph") == 1 and bodies[2] == my_words


def test_a_form_from_before_says_who_changed_what_by_asking(signed_in) -> None:
    """A form that does not know what it was opened with asks about everything that differs."""
    client = signed_in()
    log(client)
    mine = visit(client, EDIT).form()
    submit(client, EDIT, title="Theirs")
    for broken in ("", "[1]", "{"):
        page = visit(client, EDIT, method="POST", data={**mine, "goal": "5", "opened": broken}, status=409)
        assert not page.has(".conflict [checked]")


def test_recording_something_is_no_edit_of_the_campaign(app: Flask, signed_in) -> None:
    """Somebody who edits the title is not refused because a note was made, or an ask put otherwise, meanwhile."""
    client = signed_in()
    log(client)
    mine = visit(client, EDIT).form()
    submit(client, HERE + "/notes/new", headline="They met.", occurred_on="2 May 2019")
    with app.app_context():
        ask = db.session.scalars(sa.select(Demand)).first()
        assert ask is not None
        path = f"{HERE}/demands/{ask.public_id}/edit"
    submit(client, path, words="Otherwise")
    visit(client, EDIT, method="POST", data={**mine, "title": "Mine"})
    assert saved(app)[0] == "Mine"


def test_what_the_form_does_not_show_is_no_conflict(app: Flask, signed_in) -> None:
    """Somebody moves the stage and shows the campaign to others meanwhile: the title is simply saved. Whoever changed
    the title as well is still somebody to choose against."""
    client = signed_in()
    log(client)
    mine = visit(client, EDIT).form()
    submit(client, HERE + "/stage", to="gathering", words="The letter is secret.")
    submit(client, HERE + "/visibility", visibility="signed_in")
    page = visit(client, EDIT, method="POST", data={**mine, "title": "Mine"}, queries=120)
    assert saved(app)[0] == "Mine" and not page.has(".conflict")
    mine = visit(client, EDIT).form()
    submit(client, EDIT, title="Theirs")
    submit(client, HERE + "/visibility", visibility="public")
    page = visit(client, EDIT, method="POST", data={**mine, "title": "Mine again"}, status=409)
    assert len(page.select(".conflict fieldset")) == 1 and saved(app)[0] == "Theirs"


@pytest.mark.each_database
def test_two_record_at_the_same_moment(team: Team) -> None:
    """Two facts about one campaign, told in two transactions at once: both are kept."""
    both = threading.Barrier(2) if team.app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql") else None
    failed: list[BaseException] = []

    def tell(who: str) -> None:
        try:
            with team.act() as now:
                told, actor = team.told(words="See the letter."), team.account(who)
                campaign = team.campaign
                assert campaign.title  # as a view has it in hand
                if both:
                    both.wait(timeout=20)
                record_commitment(campaign, Promise(f"Told by {who}"), told, actor=actor, now=now)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=tell, args=(who,)) for who in ("editor", "lead")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    with team.look():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Commitment)) == 2
