"""Stages move as the table says, with a date and, where a guard asks for it, a reason."""

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support.campaigns import log
from tests.support.pages import submit, visit
from tracker.campaigns.models import Campaign, CampaignText, Stage, StageChange
from tracker.campaigns.service.stages import months_later
from tracker.campaigns.stages import MOVES, ORDER
from tracker.db import db
from tracker.outcomes.models import Outcome
from tracker.timeline.models import EntryKind, TimelineEntry

HERE = "/campaigns/we-wont-build-it"


def stage_of(app: Flask) -> Stage:
    """How far the only campaign has come."""
    with app.app_context():
        return db.session.scalars(sa.select(Campaign.stage)).one()


def test_the_table_has_a_way_out_of_every_stage() -> None:
    """From every stage one can go on and, but for the first, back; never to where one is."""
    for stage, moves in MOVES.items():
        assert stage not in moves
        assert moves
    assert set(MOVES) == set(ORDER)
    assert all(Stage.CONCLUDED in moves for stage, moves in MOVES.items() if stage is not Stage.CONCLUDED)


def test_gathering_needs_something_asked(app: Flask, signed_in) -> None:
    """A campaign that asks nothing does not gather signatures, unless a reason is given."""
    client = signed_in()
    log(client, demands="")
    page = submit(client, HERE + "/stage", to="gathering", status=422)
    assert "Nothing is asked yet" in page.select_one(".field-wrong").get_text()
    submit(client, HERE + "/stage", to="gathering", words="The letter is secret.")
    assert stage_of(app) is Stage.GATHERING


def test_delivering_needs_a_text_and_freezes_it(app: Flask, signed_in) -> None:
    """Without a text a reason is needed; with one it is frozen, and the move stands in the history on its day."""
    client = signed_in()
    log(client)
    submit(client, HERE + "/stage", to="delivered", status=422)
    submit(client, HERE + "/text/new", body="Dear board, **stop**.")
    page = submit(client, HERE + "/stage", to="delivered", occurred_on="October 2018")
    assert "It is still unlisted" in page.text
    assert page.select_one(".step-here").get_text(" ", strip=True).endswith("Oct 2018") or "2018" in page.text
    with app.app_context():
        assert db.session.scalars(sa.select(CampaignText)).one().frozen_at is not None
        change = db.session.scalars(sa.select(StageChange)).one()
        assert (change.from_stage, change.to_stage) == (Stage.DRAFT, Stage.DELIVERED)
        assert change.entry.occurred_on == dt.date(2018, 10, 1)
        assert change.entry.headline == "The campaign moved from draft to delivered."
    page = submit(client, HERE + "/text/new", body="Dear board, *please* stop.", status=422)
    assert "This text was delivered: say why it changes." in page.text


def test_going_back_needs_a_reason(app: Flask, signed_in) -> None:
    """A stage taken for reached is left again only with a reason."""
    client = signed_in()
    log(client)
    submit(client, HERE + "/stage", to="gathering")
    submit(client, HERE + "/stage", to="draft", status=422)
    submit(client, HERE + "/stage", to="draft", words="Begun too early.")
    assert stage_of(app) is Stage.DRAFT


def test_two_people_moving_at_once(app: Flask, signed_in) -> None:
    """Who moves second is told that somebody else did."""
    client = signed_in()
    log(client)
    mine = visit(client, HERE + "/stage").form()
    submit(client, HERE + "/stage", to="gathering")
    page = visit(client, HERE + "/stage", method="POST", data={**mine, "to": "delivered", "words": "x"}, status=422)
    assert "Somebody else moved this campaign meanwhile" in page.text
    assert stage_of(app) is Stage.GATHERING


def test_a_date_to_come_is_no_stage(signed_in) -> None:
    """What is still to come goes to the deadlines."""
    client = signed_in()
    log(client)
    submit(client, HERE + "/stage", to="gathering", occurred_on="2199", status=422)


@pytest.mark.each_database
def test_concluding_asks_what_became_of_each_demand(app: Flask, signed_in) -> None:
    """Every open demand gets its outcome, with the reason as evidence, or nothing at all is recorded."""
    client = signed_in()
    log(client)
    assert client.post(HERE + "/stage", data={"to": "concluded"}).location.endswith("/conclude")
    page = visit(client, HERE + "/conclude")
    first, second = [str(select["name"]) for select in page.select("select[name^=demand_]")]
    submit(client, HERE + "/conclude", **{first: "met", "words": "It was withdrawn."}, status=422)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Outcome)) == 0
    page = submit(
        client,
        HERE + "/conclude",
        **{first: "met", second: "unanswered", "words": "They agreed.", "source-citation": "Reuters"},
    )
    assert stage_of(app) is Stage.CONCLUDED
    assert "Met" in page.select_one(".scoreboard").get_text()
    with app.app_context():
        campaign = db.session.scalars(sa.select(Campaign)).one()
        assert campaign.concluded_on is not None
        assert campaign.retention_on == months_later(campaign.concluded_on, 6)
        outcomes = db.session.scalars(sa.select(Outcome).order_by(Outcome.id)).all()
        assert [(o.status.value, o.entry.words, [s.citation for s in o.entry.sources]) for o in outcomes] == [
            ("met", "They agreed.", ["Reuters"]),
            ("unanswered", "They agreed.", ["Reuters"]),
        ]
        kinds = db.session.scalars(sa.select(TimelineEntry.kind).order_by(TimelineEntry.id.desc())).first()
        assert kinds is EntryKind.STAGE
    submit(client, HERE + "/stage", to="in_dialogue", words="They took it back.")
    with app.app_context():
        campaign = db.session.scalars(sa.select(Campaign)).one()
        assert (campaign.concluded_on, campaign.retention_on) == (None, None)


def test_six_months_end_in_a_shorter_month() -> None:
    """The end of August is half a year before the end of February."""
    assert months_later(dt.date(2019, 8, 31), 6) == dt.date(2020, 2, 29)
    assert months_later(dt.date(2020, 6, 30), 6) == dt.date(2020, 12, 30)
    assert months_later(dt.date(2020, 12, 1), 1) == dt.date(2021, 1, 1)


def test_texts_are_versions(app: Flask, signed_in) -> None:
    """A preview saves nothing; a second writer is shown the other's version; all versions stay readable and safe."""
    client = signed_in()
    log(client)
    data = {**visit(client, HERE + "/text/new").form(), "body": "# Dear board\n\n<script>alert(1)</script>"}
    page = visit(client, HERE + "/text/new", method="POST", data={**data, "preview": "1"})
    assert page.select_one(".preview h2, .preview h3")
    assert not page.has(".preview script")
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(CampaignText)) == 0
    visit(client, HERE + "/text/new", method="POST", data=data, queries=80)
    page = visit(client, HERE + "/text/new", method="POST", data={**data, "body": "Mine"}, status=409)
    assert "Somebody else saved this" in page.text
    assert page.select_one("textarea[name=body]").get_text().strip() == "Mine"
    visit(client, HERE + "/text/new", method="POST", data=page.form(".sheet form"), queries=80)
    page = visit(client, HERE + "/text")
    assert [h.get_text() for h in page.select("h2[id^=version]")] == ["Version 2", "Version 1"]
