"""Fields are edited in place: kept in Revisions, never overwritten silently, and addresses keep leading here."""

import sqlalchemy as sa
from flask import Flask

from tests.support.campaigns import log
from tests.support.pages import submit, visit, words
from tracker.accounts.models import Role
from tracker.campaigns.models import Campaign, Demand
from tracker.db import db
from tracker.timeline.models import EntryKind, Revision, TimelineEntry

HERE = "/campaigns/we-wont-build-it"


def revisions(app: Flask) -> list[tuple[str, str | None, str | None]]:
    """Every change that was kept."""
    with app.app_context():
        rows = db.session.scalars(sa.select(Revision).order_by(Revision.id))
        return [(row.field, row.old_value, row.new_value) for row in rows]


def test_edits_leave_revisions(app: Flask, signed_in) -> None:
    """Each field that changes is kept with its old and new value; one that does not is not."""
    client = signed_in()
    log(client)
    page = submit(client, HERE + "/edit", goal="1000", issues="Facial recognition, facial  recognition, Policing")
    assert page.link("Facial recognition") and page.link("Policing")
    assert revisions(app) == [("goal", None, "1000"), ("issues", "", "Facial recognition, Policing")]


def test_a_second_editor_is_refused_and_loses_nothing(app: Flask, signed_in) -> None:
    """Who saves second sees both values side by side, keeps what they typed, and may then mend it by hand."""
    client = signed_in()
    log(client)
    mine = visit(client, HERE + "/edit").form()
    submit(client, HERE + "/edit", title="Their title", goal="500")
    page = visit(client, HERE + "/edit", method="POST", data={**mine, "title": "My title"}, status=409)
    assert "Somebody else saved this" in page.select_one("[role=alert]").get_text()
    assert [words(row) for row in page.select(".conflict fieldset")] == [
        "Title Theirs Their title Mine My title",
        "Goal: signatures hoped for only they changed it Theirs 500 Mine (empty)",
    ]
    assert page.select_one(".sheet input[name=title]")["value"] == "My title"
    with app.app_context():
        assert db.session.scalars(sa.select(Campaign.title)).one() == "Their title"
    page = visit(client, HERE + "/edit", method="POST", data=page.form(".sheet form"), queries=80)
    assert page.heading == "My title"
    with app.app_context():
        assert db.session.scalars(sa.select(Campaign.goal)).one() == 500


def test_a_form_without_its_version_is_refused(signed_in) -> None:
    """A form that does not say which version it saw cannot overwrite anything."""
    client = signed_in()
    log(client)
    mine = visit(client, HERE + "/edit").form()
    visit(client, HERE + "/edit", method="POST", data={**mine, "version": "", "title": "x"}, status=409)


def test_old_addresses_lead_to_the_new_one(signed_in) -> None:
    """After the address changed twice, both old ones redirect, also deep in; taking one back works; others may not."""
    client = signed_in()
    log(client)
    submit(client, HERE + "/edit", slug="Second address")
    submit(client, "/campaigns/second-address/edit", slug="third")
    for old in ("we-wont-build-it", "second-address"):
        response = client.get(f"/campaigns/{old}/history?kind=stage")
        assert (response.status_code, response.location) == (301, "/campaigns/third/history?kind=stage")
    log(client, title="Another")
    page = submit(client, "/campaigns/another/edit", slug="second-address", status=422)
    assert "Another campaign has or had this address." in page.text
    submit(client, "/campaigns/third/edit", slug="we-wont-build-it")
    assert visit(client, HERE).heading == "We won’t build it"
    assert client.get("/campaigns/third").status_code == 301


def test_demands_are_added_changed_ordered_and_taken_back(app: Flask, signed_in) -> None:
    """Each has its place and its entry; taking one back needs a reason, which the history keeps."""
    client = signed_in()
    log(client)
    page = submit(client, HERE + "/demands/new", ask="Let employees oversee it")
    asks = [cell.get_text(" ", strip=True).split(" What to do")[0] for cell in page.select(".scoreboard-ask")]
    assert asks == ["Stop selling facial recognition to the police", "Drop Palantir", "Let employees oversee it"]
    with app.app_context():
        last = db.session.scalars(sa.select(Demand.public_id).order_by(Demand.position.desc())).first()
    client.post(f"{HERE}/demands/{last}/move", data={"direction": "up"})
    submit(client, f"{HERE}/demands/{last}/edit", words="Let employees oversee all of it")
    submit(client, f"{HERE}/demands/{last}/remove", status=422)
    page = submit(client, f"{HERE}/demands/{last}/remove", reason="It is part of another campaign now.")
    assert "Let employees" not in page.select_one("#asks").get_text()
    with app.app_context():
        told = db.session.scalars(
            sa.select(TimelineEntry.headline).where(TimelineEntry.kind == EntryKind.DEMAND).order_by(TimelineEntry.id)
        ).all()
        assert told == ["New demand: Let employees oversee it", "No longer asked: Let employees oversee all of it"]
        moved = db.session.scalars(sa.select(Demand).order_by(Demand.position)).all()
        assert [(d.position, d.words) for d in moved] == [
            (1, "Stop selling facial recognition to the police"),
            (2, "Let employees oversee all of it"),
            (3, "Drop Palantir"),
        ]


def test_a_second_editor_of_a_demand_is_refused(signed_in, app: Flask) -> None:
    """Demands, deadlines and targets are guarded like the campaign."""
    client = signed_in()
    log(client, due_on="2030-01-01", due_what="Send it")
    page = visit(client, HERE + "/edit")
    target = page.link("Edit Amazon")
    page = visit(client, HERE)
    places = [
        (
            next(
                str(a["href"])
                for a in page.select("a")
                if "/demands/" in str(a["href"]) and str(a["href"]).endswith("/edit")
            ),
            "words",
        ),
        (page.link("Edit : Send it"), "what"),
        (target, "name"),
    ]
    for path, name in places:
        mine = visit(client, path).form()
        submit(client, path, **{name: "Theirs"})
        page = visit(client, path, method="POST", data={**mine, name: "Mine"}, status=409)
        assert "Theirs" in page.select_one(".conflict").get_text()
        assert page.select_one(f".sheet [name={name}]")["value"] == "Mine"


def test_who_is_asked_and_asked_about(signed_in) -> None:
    """Companies and organisations join and leave; the last that is asked stays, and so does a target with demands."""
    client = signed_in()
    log(client)
    page = submit(client, HERE + "/subjects/new", role="about", name="Palantir Technologies")
    assert "Palantir Technologies" in page.select_one("#subjects").get_text()
    page = submit(client, HERE + "/subjects/new", role="asked", what="organisation", name="Harbour Police")
    assert page.has("#subjects a, #subjects li")
    assert (
        "is named already"
        in submit(client, HERE + "/subjects/new", role="about", name="Palantir Technologies", status=422).text
    )
    page = visit(client, HERE + "/subjects/3/remove", method="POST", queries=80)
    assert "Palantir" not in page.select_one("#subjects").get_text()
    visit(client, HERE + "/subjects/2/remove", method="POST", queries=80)
    page = visit(client, HERE + "/subjects/1/remove", method="POST", queries=80)
    assert "A campaign asks somebody" in page.text
    page = submit(
        client,
        HERE + "/targets/new",
        kind="office_holder",
        name="A. Example",
        office="chief executive",
        company="Amazon",
    )
    assert "A. Example, chief executive" in page.select_one("#targets").get_text(" ", strip=True).replace(" ,", ",")
    first = next(str(form["action"]) for form in page.select("#targets form"))
    assert "Something is asked of it" in visit(client, first, method="POST", queries=80).text


def test_the_bin(app: Flask, signed_in) -> None:
    """A lead puts a campaign into the bin: nobody finds it any more. An editor may not."""
    client = signed_in()
    log(client, kind="public")
    assert signed_in().post(HERE + "/remove").status_code == 403
    page = visit(client, HERE + "/remove", method="POST", queries=80)
    assert "in the bin" in page.text
    for path in (HERE, HERE + "/edit", HERE + "/history"):
        visit(client, path, status=404)
    assert "We won’t build it" not in visit(client, "/campaigns").text
    visit(signed_in(Role.ADMINISTRATOR), HERE, status=404)


def test_the_way_out_of_the_bin(app: Flask, signed_in) -> None:
    """Its lead finds what was removed and puts it back, as it was; to anybody else the bin looks empty."""
    client = signed_in()
    log(client, kind="employee")
    visit(client, HERE + "/remove", method="POST", queries=80)
    page = visit(client, "/campaigns/removed")
    assert "We won’t build it" in page.text
    back = str(page.select_one("main .post-button")["action"])
    other = signed_in()
    assert "The bin is empty" in visit(other, "/campaigns/removed").text
    assert other.post(back).status_code == 404
    assert visit(client, back, method="POST", queries=80).heading == "We won’t build it"
    visit(client, HERE)
    assert "The bin is empty" in visit(client, "/campaigns/removed").text
    with app.app_context():
        kept = [row.field for row in db.session.scalars(sa.select(Revision).where(Revision.field == "deleted_at"))]
        assert kept == ["deleted_at", "deleted_at"]
