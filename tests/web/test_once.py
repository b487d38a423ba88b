"""A form that is sent twice is saved once."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.support.accounts import SignedIn
from tests.support.campaigns import LETTER, log
from tests.support.happenings import Team
from tests.support.pages import form_data, visit, words
from tracker import clock
from tracker.accounts.models import Invitation, Role
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.models import Campaign, CampaignText, Demand, Issue, SavedSearch, Target
from tracker.campaigns.relations import CampaignLink
from tracker.config import Durations
from tracker.db import db, transaction
from tracker.engagements.models import Statement
from tracker.outcomes.models import Outcome
from tracker.signatures.models import ReportedCount, Signatory
from tracker.timeline.models import TimelineEntry
from tracker.web.models import SavedForm
from worker.tasks import forget_saved_forms

HERE = "/campaigns/we-wont-build-it"
AGAIN = "That was saved already; here it is."


def how_many(app: Flask, model: Any) -> int:
    """The rows of a table."""
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def opened(client: FlaskClient, path: str, **values: str) -> dict[str, Any]:
    """A form as a browser holds it, filled."""
    return {**visit(client, path).form(), **values}


MADE: list[tuple[str, Any, dict[str, str]]] = [
    ("/notes/new", TimelineEntry, {"headline": "We met at the gate."}),
    ("/deadlines/new", Deadline, {"what": "Send the letter", "due_on": "2030-01-01"}),
    ("/targets/new", Target, {"kind": "board", "name": "The board"}),
    ("/demands/new", Demand, {"ask": "Let employees oversee it"}),
    ("/text/new", CampaignText, {"body": "Dear Jeff, we refuse."}),
    (
        "/sizes/new",
        ReportedCount,
        {"qualifier": "about", "value": "450", "population": "employees", "source-citation": "Reuters"},
    ),
    ("/statements/new", Statement, {"quotation": "We disagree.", "speaker": "A spokesperson"}),
    ("/signatories/new", Signatory, {"name": "Ada Lovelace", "appearance": "named"}),
]


@pytest.mark.parametrize(("path", "model", "values"), MADE, ids=[path for path, *_rest in MADE])
def test_a_double_click_saves_once(app: Flask, signed_in, path: str, model: Any, values: dict[str, str]) -> None:
    """“I clicked twice”: whatever is recorded is there once, and the second click leads to the same page."""
    client = signed_in()
    log(client)
    form = opened(client, HERE + path, **values)
    if "occurred_on" in form:
        form["occurred_on"] = "2020-05"
    before = how_many(app, model)
    first = client.post(HERE + path, data=form)
    second = client.post(HERE + path, data=form)
    assert (first.status_code, second.status_code) == (302, 302), first.text
    assert first.location == second.location
    assert how_many(app, model) == before + 1
    assert AGAIN in visit(client, second.location).soup.text


ELSEWHERE: list[tuple[str, Any, dict[str, str]]] = [
    (HERE + "/start-another", Campaign, {"title": "We still won’t"}),
    (HERE + "/links/new", CampaignLink, {"other": "Another", "kind": "supports-0"}),
    ("/issues/new", Issue, {"name": "Oversight"}),
    ("/searches/new?q=moratorium", SavedSearch, {"name": "Mine"}),
    ("/people/invite", Invitation, {"email": "ada@example.org", "role": "viewer"}),
    (HERE + "/members", Invitation, {"email": "ada@example.org", "membership": "reader"}),
]


@pytest.mark.parametrize(("path", "model", "values"), ELSEWHERE, ids=[path for path, *_rest in ELSEWHERE])
def test_what_is_made_beside_the_history_too(
    app: Flask, signed_in, path: str, model: Any, values: dict[str, str]
) -> None:
    """Campaigns from a template, links, issue areas, searches, invitations, members: twice clicked, once there."""
    client = signed_in(Role.ADMINISTRATOR)
    log(client)
    log(client, title="Another")
    form = {**visit(client, path).form(f"main form[action='{path}'], main form:not([action])"), **values}
    before = how_many(app, model)
    first, second = (client.post(path, data=form) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302), first.text
    assert first.location == second.location
    assert how_many(app, model) == before + 1
    assert AGAIN in visit(client, second.location).soup.text


def test_a_button_pressed_twice(app: Flask, signed_in) -> None:
    """A button without fields counts once, and is no dead end though what it took away is gone; on the page that
    follows it counts again."""
    client = signed_in()
    log(client, demands="One\nTwo\nThree")

    def asks() -> list[str]:
        with app.app_context():
            return list(db.session.scalars(sa.select(Demand.words).order_by(Demand.position)))

    for expected in (["Two", "One", "Three"], ["Two", "Three", "One"]):
        page = visit(client, HERE)
        press = next(
            form
            for form in page.select("form[action$='/move']")
            if "Move down" in words(form) and words(form.find_parent("tr").select_one("th")).startswith("One")
        )
        answers = [client.post(str(press["action"]), data=form_data(press)) for _ in range(2)]
        assert {answer.status_code for answer in answers} == {302}
        assert asks() == expected


def test_a_campaign_and_an_outcome(app: Flask, signed_in) -> None:
    """The quick log and what became of a demand too; the second click after the first has moved things on as well."""
    client = signed_in()
    form = opened(client, "/campaigns/new", **LETTER)
    first, second = (client.post("/campaigns/new", data=form) for _ in range(2))
    assert first.location == second.location == HERE
    with app.app_context():
        demand = db.session.scalars(sa.select(Demand.public_id)).first()
    path = f"{HERE}/demands/{demand}/outcomes/new"
    form = opened(client, path, status="refused", occurred_on="2019", words="They said no.")
    assert {client.post(path, data=form).status_code for _ in range(2)} == {302}
    path = f"{HERE}/demands/{demand}/remove"
    form = opened(client, path, reason="Nobody wants it any more")
    assert {client.post(path, data=form).status_code for _ in range(2)} == {302}
    assert (how_many(app, Campaign), how_many(app, Outcome)) == (1, 1)


def test_what_was_typed_counts_too(app: Flask, signed_in) -> None:
    """Who goes back, types something else and sends it saves that as well: no words are taken for others."""
    client = signed_in()
    log(client)
    form = opened(client, HERE + "/notes/new", headline="One", occurred_on="2020")
    before = how_many(app, TimelineEntry)
    for headline in ("One", "Two", "One"):
        client.post(HERE + "/notes/new", data={**form, "headline": headline})
    assert how_many(app, TimelineEntry) == before + 2


def test_a_refused_form_may_be_sent_again(app: Flask, signed_in) -> None:
    """What was not saved leaves no mark: the same form is saved once it can be."""
    client = signed_in()
    log(client)
    log(client, title="Another")
    form = opened(client, HERE + "/edit", slug="another")
    for _ in range(2):
        assert client.post(HERE + "/edit", data=form).status_code == 422
    submitted = {**form, "slug": "free"}
    assert client.post(HERE + "/edit", data=submitted).status_code == 302
    assert client.post(HERE + "/edit", data=submitted).location == "/campaigns/free"


@pytest.mark.each_database
def test_both_at_once(app: Flask, team: Team) -> None:
    """Ten equal posts at the same moment record one note, and each answer leads to the same page."""
    path = f"/campaigns/{team.slug}/notes/new"
    clients: list[SignedIn] = [team.client("editor") for _ in range(10)]  # type: ignore[misc]
    form = opened(clients[0], path, headline="We met at the gate.", occurred_on="2020")
    before = how_many(app, TimelineEntry)
    gate, answers = threading.Barrier(len(clients)), []

    def click(client: FlaskClient) -> None:
        gate.wait()
        answers.append(client.post(path, data=form))

    clicks = [threading.Thread(target=click, args=(client,)) for client in clients]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.location for answer in answers}) == 1
    assert how_many(app, TimelineEntry) == before + 1


@pytest.mark.each_database
def test_the_marks_are_swept(make_app: Callable[..., Flask], signed_in) -> None:
    """After a day nobody clicks again: the marks go, the fresh ones stay, and running twice changes nothing."""
    app = make_app(durations=Durations())
    with app.app_context():
        with transaction():
            for age in (1, 23, 25, 300):
                db.session.add(SavedForm(digest=str(age), led_to="/", saved_at=clock.now() - dt.timedelta(hours=age)))
        forget_saved_forms()
        forget_saved_forms()
        assert set(db.session.scalars(sa.select(SavedForm.digest))) == {"1", "23"}


def test_the_mark_tells_nothing(app: Flask, signed_in) -> None:
    """What is kept of a form is a hash with a random key and an address of ours: no name, no key, no words."""
    client = signed_in()
    log(client)
    form = opened(client, HERE + "/signatories/new", name="Ada Lovelace", appearance="named")
    client.post(HERE + "/signatories/new", data=form)
    with app.app_context():
        rows = db.session.scalars(sa.select(SavedForm)).all()
    kept = " ".join(f"{row.digest} {row.led_to}" for row in rows)
    assert "Ada" not in kept and form["form_key"] not in kept
