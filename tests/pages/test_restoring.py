"""A change is set back: an edit like any other, through the same rules, and never more than that."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.support.campaigns import log
from tests.support.happenings import Team
from tests.support.pages import Page, submit, visit
from tracker.campaigns.models import Campaign, Demand
from tracker.db import db, transaction
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.models import Revision
from tracker.timeline.service import record_revision, redact_entry

HERE = "/campaigns/we-wont-build-it"
CHANGES = HERE + "/changes"


def restore_link(app: Flask, field: str, slug: str = "we-wont-build-it") -> str:
    """Where the last change of a field is set back."""
    with app.app_context():
        name = db.session.scalars(
            sa.select(Revision.public_id).where(Revision.field == field).order_by(Revision.id.desc())
        ).first()
    return f"/campaigns/{slug}/changes/{name}/restore"


def revisions(app: Flask, field: str) -> list[tuple[str | None, str | None]]:
    with app.app_context():
        rows = db.session.scalars(sa.select(Revision).where(Revision.field == field).order_by(Revision.id))
        return [(row.old_value, row.new_value) for row in rows]


def set_back(client: FlaskClient, path: str, **rest: Any) -> Page:
    return submit(client, path, **rest)


def test_somebody_spoilt_the_summary(app: Flask, signed_in) -> None:
    """“Bring back the summary as it was”: the page shows what that does, and the change is kept like any other."""
    client = signed_in()
    log(client)
    good = "We ask the company to stop.\n\nIt is a long story of many years, told here in full."
    submit(client, HERE + "/edit", summary=good)
    submit(client, HERE + "/edit", summary=good.replace("stop", "go on") + "\n\nSpam.")
    page = visit(client, CHANGES)
    assert page.select_one("td .diff .diff-new ins") and page.select_one("td .diff .diff-changed del")
    page = visit(client, restore_link(app, "summary"))
    assert "Spam" in page.select_one("main .diff-gone").get_text()
    page = set_back(client, restore_link(app, "summary"))
    assert "It is as it was before." in page.soup.text
    with app.app_context():
        assert db.session.scalars(sa.select(Campaign.summary)).one() == good
    assert len(revisions(app, "summary")) == 3 and revisions(app, "summary")[-1][1] == good


def test_each_kind_of_field(app: Flask, signed_in) -> None:
    """Numbers, dates with their precision, choices, issue areas, addresses and people come back as what they are."""
    client = signed_in(name="Ada")
    log(client, began_on="June 2018", due_on="2030-01-01", due_what="Send it")
    submit(client, HERE + "/edit", goal="1000", issues="Policing, Rights", began_on="2019-02-03")
    submit(client, HERE + "/edit", goal="5", issues="", began_on="", slug="elsewhere", zone="Europe/Berlin")
    here = "/campaigns/elsewhere"
    for field in ("goal", "issues", "began_on", "zone", "slug"):
        slug = "elsewhere"
        set_back(client, restore_link(app, field, slug))
    with app.app_context():
        campaign = db.session.scalars(sa.select(Campaign)).one()
        assert (campaign.goal, campaign.began_on, campaign.began_precision) == (1000, dt.date(2019, 2, 3), "day")
        assert (campaign.slug, sorted(issue.name for issue in campaign.issues)) == (
            "we-wont-build-it", ["Policing", "Rights"],
        )  # fmt: skip
        demand = db.session.scalars(sa.select(Demand)).first()
        assert demand is not None
        path = f"{HERE}/demands/{demand.public_id}/edit"
    assert client.get(here).status_code == 301
    submit(client, path, kind="stop", target="", words="Other words")
    assert [old for old, _new in revisions(app, "target")] == ["Amazon"]
    for field in ("kind", "target", "words"):
        set_back(client, restore_link(app, field))
    with app.app_context():
        demand = db.session.scalars(sa.select(Demand)).first()
        assert demand is not None and demand.target is not None and demand.kind is None
        assert demand.words == "Stop selling facial recognition to the police"
    page = visit(client, HERE)
    submit(client, page.link("Edit : Send it"), what="Other", owner="", due_on="2031-01-01")
    for field in ("what", "owner", "due_on"):
        set_back(client, restore_link(app, field))
    assert revisions(app, "owner")[-1] == (None, "Ada")


def test_a_value_that_is_no_longer_possible(app: Flask, signed_in) -> None:
    """An address that another campaign has by now, and a target that is gone, are refused in words."""
    client = signed_in()
    log(client)
    submit(client, HERE + "/edit", slug="second")
    old = restore_link(app, "slug", "second")
    with app.app_context(), transaction():
        db.session.execute(sa.text("DELETE FROM former_slug"))
    log(client)
    page = set_back(client, old, status=422)
    assert "Another campaign has or had this address." in page.text


def test_saved_meanwhile(app: Flask, signed_in) -> None:
    """Who sets back while somebody saves sees how it stands now, and may then set it back knowingly."""
    client = signed_in()
    log(client)
    submit(client, HERE + "/edit", title="Second")
    path = restore_link(app, "title")
    mine = visit(client, path).form()
    submit(client, HERE + "/edit", title="Third")
    page = visit(client, path, method="POST", data=mine, status=409)
    assert "Third" in page.select_one("main del").get_text()
    visit(client, path, method="POST", data=page.form(), queries=80)
    assert revisions(app, "title")[-1] == ("Third", "We won’t build it")


def test_nothing_is_widened_or_brought_back(app: Flask, signed_in) -> None:
    """Who may see it, whose names are sealed, its stage, the bin, its link: none of these is set back."""
    client = signed_in()
    log(client)
    with app.app_context(), transaction():
        campaign = db.session.scalars(sa.select(Campaign)).one()
        for field in ("visibility", "is_protected", "allows_public_names", "stage", "deleted_at", "link_token"):
            record_revision(
                record_type="campaign", record_id=campaign.id, campaign_id=campaign.id, field=field, old_value="public",
                new_value="members", actor=None, now=campaign.created_at, is_sealed=field == "link_token",
            )  # fmt: skip
        db.session.flush()
        names = db.session.scalars(sa.select(Revision.public_id)).all()
    page = visit(client, CHANGES)
    assert "Set back" not in page.text
    for name in names:
        page = visit(client, f"{HERE}/changes/{name}/restore")
        assert page.heading == "Changes" and "cannot be set back" in page.soup.text
        assert client.post(f"{HERE}/changes/{name}/restore").status_code == 302
    with app.app_context():
        assert db.session.scalars(sa.select(Campaign.visibility)).one() == "link"


def test_my_unseen_entry(team: Team) -> None:
    """The author sets the wording of an entry back while nobody else could read it; after that nobody does."""
    team.alone()
    with team.act():
        team.note("First words.", visibility=To.OFF_THE_RECORD)
    client = team.client("editor")
    with team.look():
        where = team.path(f"/history/{team.entry('First').public_id}")
    submit(client, where + "/edit", headline="Second words.", occurred_on="2018")
    page = visit(client, where)
    set_back(client, page.link("Set back the sentence"))
    page = set_back(client, visit(client, where).link("Set back the date"))
    assert page.heading == "First words." and "22 May 2019" in page.text
    with team.act() as now:
        entry = team.entry("First")
        entry.exposed_at = now
        name = db.session.scalars(sa.select(Revision.public_id).where(Revision.field == "headline")).first()
    page = visit(client, team.path(f"/changes/{name}/restore"))
    assert "corrected in the open" in page.soup.text


def test_what_was_redacted_stays_so(team: Team) -> None:
    """Destroyed words have no change to set back."""
    team.alone()
    with team.act():
        team.note("First words.", visibility=To.OFF_THE_RECORD)
    client = team.client("editor")
    with team.look():
        where = team.path(f"/history/{team.entry('First').public_id}")
    submit(client, where + "/edit", headline="A name.")
    with team.act() as now:
        redact_entry(team.entry("A name"), reason="a name", actor=team.account("editor"), now=now)
        name = db.session.scalars(sa.select(Revision.public_id).where(Revision.field == "headline")).first()
    assert "Set back" not in visit(client, team.path("/changes")).text
    page = visit(client, team.path(f"/changes/{name}/restore"))
    assert "cannot be set back" in page.soup.text or "is not kept" in page.soup.text


def test_only_editors(team: Team) -> None:
    """A reader reads the changes and sets nothing back."""
    client = team.client("editor")
    submit(client, team.path("/edit"), title="Other")
    with team.look():
        name = db.session.scalars(sa.select(Revision.public_id)).first()
    reader = team.client("reader")
    assert "Set back" not in visit(reader, team.path("/changes")).text
    visit(reader, team.path(f"/changes/{name}/restore"), status=403)
