"""What was removed lies in the bin, says until when, and comes out with one click."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.happenings import Team
from tests.support.pages import Page, submit, visit
from tracker.accounts.models import Role
from tracker.bin.emptying import empty_bin
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.service import add_deadline, remove_campaign, remove_deadline, remove_demand
from tracker.companies.models import Company
from tracker.db import db
from tracker.resolutions.models import FilerRole, Resolution
from tracker.resolutions.service import Filing, file_resolution, join_resolution, leave_resolution
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.service import remove_entry


def put_back(client: FlaskClient, page: Page, words: str) -> Page:
    """Click “Put it back” beside these words."""
    for row in page.select(".bin-rows > li"):
        if words in row.get_text():
            return visit(client, str(row.select_one(".post-button")["action"]), method="POST", queries=80)
    raise AssertionError(f"no {words!r} in {page.text}")


def test_i_took_back_the_wrong_demand(team: Team) -> None:
    """“I took back the wrong ask”: it lies in the bin with its day, comes back, and the history tells both."""
    client = team.client("editor")
    with team.look():
        path = team.path(f"/demands/{team.demand().public_id}/remove")
    submit(client, path, reason="A mistake")
    page = visit(client, team.path("/bin"))
    assert "can be put back until" in page.text and "30 days" in page.text
    page = put_back(client, page, "Stop selling Rekognition")
    assert "Put back: Stop selling Rekognition" in page.soup.text and "The bin is empty" in page.text
    assert "Stop selling Rekognition" in visit(client, team.path("")).select_one("#asks").get_text()
    history = visit(client, team.path("/history")).text
    assert "No longer asked: Stop selling" in history and "Asked again: Stop selling" in history


def test_its_target_comes_back_with_it(team: Team) -> None:
    """A demand whose target was removed after it brings it back; one that is asked again meanwhile stays in the bin."""
    client = team.client("editor")
    with team.act() as now:
        actor, demand = team.account("editor"), team.demand(2)
        remove_demand(demand, reason="x", actor=actor, now=now, visibility=To.PUBLIC)
        remove_demand(team.demand(1), reason="x", actor=actor, now=now, visibility=To.PUBLIC)
        assert demand.target is not None
        demand.target.deleted_at = now
    page = put_back(client, visit(client, team.path("/bin")), "Commission a study")
    with team.look():
        target = team.demand(2).target
        assert target is not None and target.deleted_at is None
        name = target.public_id
    submit(client, team.path("/demands/new"), ask="Stop selling Rekognition to governments", target=name)
    page = put_back(client, visit(client, team.path("/bin")), "Stop selling")
    assert "This is asked already." in page.soup.text


def test_a_lead_filer_with_a_successor_stays_in_the_bin(team: Team) -> None:
    """A filer is put back, unless another leads the filing by now: there is exactly one."""
    client = team.client("editor")
    with team.act() as now:
        actor = team.account("editor")
        resolution = file_resolution(
            team.campaign,
            Filing(company=db.session.get_one(Company, team.company_id), title="A report"),
            team.told(),
            actor=actor,
            now=now,
        )
        common = {"campaign": team.campaign, "actor": actor, "now": now}
        first = join_resolution(resolution, "Sisters of Example", FilerRole.LEAD, team.told(), **common)  # type: ignore[arg-type]
        number = resolution.id
        leave_resolution(first, **common)  # type: ignore[arg-type]
    page = put_back(client, visit(client, team.path("/bin")), "Sisters of Example")
    assert "Put back" in page.soup.text
    with team.act() as now:
        actor = team.account("editor")
        resolution = db.session.get_one(Resolution, number)
        common = {"campaign": team.campaign, "actor": actor, "now": now}
        leave_resolution(resolution.filers[0], **common)
        join_resolution(resolution, "Another Fund", FilerRole.LEAD, team.told(), **common)
    page = put_back(client, visit(client, team.path("/bin")), "Sisters of Example")
    assert "There is a lead filer already" in page.soup.text


def test_my_unseen_entry_is_mine_alone(team: Team) -> None:
    """An entry that nobody else had read lies in its author's bin, and in nobody else's; put back, it is as it was."""
    team.alone()
    with team.act() as now:
        entry = team.note("Bo told me at the gate.", visibility=To.OFF_THE_RECORD)
        remove_entry(entry, actor=team.account("editor"), now=now)
    with team.act():
        for name in ("lead", "administrator"):
            team.account(name).active = True
    client = team.client("editor")
    for name in ("lead", "editor"):
        assert ("Bo told me" in visit(team.client(name), team.path("/bin")).text) is (name == "editor")
    put_back(client, visit(client, team.path("/bin")), "Bo told me")
    assert "Bo told me" in visit(client, team.path("/history")).text
    assert "Bo told me" not in visit(team.client("lead"), team.path("/history")).text


def test_after_thirty_days_there_is_no_way_back(app: Flask, team: Team, signed_in: Callable[..., FlaskClient]) -> None:
    """What is about to be destroyed is no longer offered, neither a part nor a campaign."""
    with team.act() as now:
        old, actor = now - dt.timedelta(days=30, minutes=1), team.account("editor")
        deadline = add_deadline(
            team.campaign, what="Send it", due_on=dt.date(2030, 1, 1), owner=None, actor=actor, now=old
        )
        remove_deadline(deadline, actor=actor, now=old)
        number, address = deadline.id, team.path(f"/bin/deadline/{deadline.public_id}")
    client = team.client("lead")
    assert "The bin is empty" in visit(client, team.path("/bin")).text
    assert client.post(address).status_code == 404
    with team.act():
        assert db.session.get_one(Deadline, number).deleted_at is not None
        remove_campaign(team.campaign, actor=team.account("lead"), now=old)
        public_id = team.campaign.public_id
    assert "The bin is empty" in visit(client, "/campaigns/removed").text
    assert client.post(f"/campaigns/removed/{public_id}").status_code == 404


def test_readers_have_no_bin(team: Team, signed_in: Callable[..., FlaskClient]) -> None:
    """Only who may edit sees what was removed."""
    for name in ("reader", "viewer"):
        visit(team.client(name), team.path("/bin"), status=403)
    visit(signed_in(Role.ADMINISTRATOR), team.path("/bin"))


@pytest.mark.each_database
def test_nothing_young_is_destroyed(team: Team) -> None:
    """The job leaves what lies there for less than thirty days."""
    with team.act() as now:
        young = now - dt.timedelta(days=29, hours=23)
        remove_demand(team.demand(), reason="x", actor=team.account("editor"), now=young, visibility=To.PUBLIC)
        remove_campaign(team.campaign, actor=team.account("lead"), now=young)
    with team.look():
        assert empty_bin(now) == 0
        assert team.demand().words
