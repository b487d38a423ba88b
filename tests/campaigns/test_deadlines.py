"""Deadlines are noted, given to somebody, ticked off, opened again and removed."""

import sqlalchemy as sa
from flask import Flask

from tests.support.campaigns import log
from tests.support.pages import submit, visit
from tracker.accounts.models import Account
from tracker.db import db
from tracker.timeline.models import EntryKind, EntryVisibility, TimelineEntry

HERE = "/campaigns/we-wont-build-it"


def test_the_life_of_a_deadline(app: Flask, signed_in) -> None:
    """From noted to done and back; done is told to the members."""
    client = signed_in()
    log(client)
    submit(client, HERE + "/deadlines/new", what="Send it", status=422)
    page = submit(client, HERE + "/deadlines/new", what="Send it", due_on="2030-01-01")
    [form] = page.select("#dates form[action$='/done']")
    page = visit(client, str(form["action"]), method="POST", data={"done": "yes"}, queries=80)
    assert "1 done" in page.select_one("#dates").get_text()
    with app.app_context():
        entry = db.session.scalars(sa.select(TimelineEntry).where(TimelineEntry.kind == EntryKind.DEADLINE)).one()
        assert (entry.headline, entry.visibility) == ("Done: Send it", EntryVisibility.MEMBERS)
    page = visit(client, str(form["action"]), method="POST", data={"done": "no"}, queries=80)
    assert "1 done" not in page.select_one("#dates").get_text()
    page = visit(client, str(form["action"]).replace("/done", "/remove"), method="POST", queries=80)
    assert "Nothing is due." in page.text


def test_only_people_of_the_campaign_are_offered(app: Flask, signed_in) -> None:
    """A deadline is given to a member, to me, or to nobody yet."""
    client, other = signed_in(name="Ada"), signed_in(name="Bo")
    log(client)
    page = visit(client, HERE + "/deadlines/new")
    assert [option.get_text() for option in page.select("select[name=owner] option")] == ["Ada", "nobody’s yet"]
    with app.app_context():
        stranger = db.session.get_one(Account, other.account_id).public_id
    data = {**page.form(), "what": "x", "due_on": "2030-01-01", "owner": stranger}
    visit(client, HERE + "/deadlines/new", method="POST", data=data, status=422)
