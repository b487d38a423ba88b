"""Home says what needs me and what changed; to outsiders it shows the public campaigns and nothing else."""

import datetime as dt

import sqlalchemy as sa
from flask import Flask

from tests.support.campaigns import log
from tests.support.pages import submit, visit
from tracker.accounts.models import Role
from tracker.campaigns.models import Campaign
from tracker.clock import now
from tracker.config import Durations
from tracker.db import db, transaction
from tracker.timeline.models import TimelineEntry


def test_what_needs_me(app: Flask, signed_in) -> None:
    """Overdue and due in 14 days, mine only, and ticked off right there."""
    client, other = signed_in(), signed_in()
    today = now().date()
    for title, days in (("Late", -3), ("Soon", 14), ("Far", 16)):
        log(client, title=title, due_on=str(today + dt.timedelta(days=days)), due_what=f"{title} thing")
    page = visit(client, "/")
    needs = page.select_one("#needs")
    assert [row.select_one(".due-what").get_text(" ", strip=True) for row in needs.select("li")] == [
        "Late thing Late",
        "Soon thing Soon",
    ]
    assert "overdue" in needs.select("li")[0].get_text()
    assert "in 14 days" in needs.select("li")[1].get_text()
    assert "thing" not in visit(other, "/").text
    form = needs.select_one("form[action$='/done']")
    assert form is not None
    page = visit(client, str(form["action"]), method="POST", data={"done": "yes", "back": "home"}, queries=80)
    assert page.heading == "Home"
    assert "Late thing" not in page.select_one("#needs").get_text()


def test_gone_quiet(make_app, app: Flask, signed_in) -> None:
    """A live campaign that I lead and in which nothing was recorded for long is named; a draft is not."""
    client = signed_in()
    log(client, title="Live")
    log(client, title="Draft")
    submit(client, "/campaigns/live/stage", to="gathering")
    assert "Gone quiet" not in visit(client, "/").text
    with app.app_context(), transaction():
        long_ago = now() - Durations().quiet_after - dt.timedelta(days=1)
        db.session.execute(sa.update(TimelineEntry).values(recorded_at=long_ago))
    needs = visit(client, "/").select_one("#needs").get_text(" ", strip=True)
    assert "Gone quiet" in needs
    assert "Live" in needs
    assert "Draft" not in needs


def test_what_changed_in_my_zone(app: Flask, signed_in) -> None:
    """Entries stand under the day they were recorded on where I am, newest first; a flood is cut to its newest."""
    client = signed_in(zone="Pacific/Auckland")
    log(client, title="Letter")
    for number in range(6):
        submit(client, "/campaigns/letter/notes/new", headline=f"Note {number}", occurred_on="2020")
    with app.app_context(), transaction():
        db.session.execute(sa.update(TimelineEntry).values(recorded_at=dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)))
    page = visit(client, "/")
    assert page.select_one(".day-title").get_text() == "2 January 2026"
    assert [one.get_text(strip=True) for one in page.select(".entry-sentence")] == [f"Note {n}" for n in (5, 4, 3, 2)]
    assert "3 more in its history" in page.text


def test_nothing_of_others(signed_in) -> None:
    """What I may not read is neither named nor counted."""
    lead, other = signed_in(), signed_in(Role.VIEWER)
    log(lead)
    log(lead, title="Open", kind="public")
    submit(lead, "/campaigns/open/notes/new", headline="For members", occurred_on="2020")
    page = visit(other, "/")
    assert "build it" not in page.html
    assert "For members" not in page.html
    assert page.has(".entry")


def test_the_first_run_teaches(signed_in) -> None:
    """An organiser is led to the quick log; a viewer learns what will be here."""
    assert visit(signed_in(), "/").link("Log a campaign") == "/campaigns/new"
    assert "will stand here" in visit(signed_in(Role.VIEWER), "/").text


def test_outsiders_see_public_campaigns_only(app: Flask, client, signed_in) -> None:
    """Not signed in: what is public, with its size and asks, and the way in."""
    assert visit(client, "/").has(".empty-state")
    lead = signed_in(name="Ada Organiser")
    log(lead)
    log(lead, title="Open petition", kind="public")
    submit(lead, "/campaigns/open-petition/visibility", visibility="public")
    page = visit(client, "/")
    assert page.link("Open petition") == "/c/open-petition"
    assert "2 of 2 open" in page.text
    assert "build it" not in page.html
    assert "Ada" not in page.html


def test_bounded_however_much_there_is(app: Flask, signed_in) -> None:
    """Twenty campaigns cost home as many queries as one."""
    client = signed_in()
    for number in range(20):
        data = {"title": f"Letter {number}", "kind": "public", "company": "Amazon", "demands": "Stop"}
        client.post("/campaigns/new", data=data)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Campaign)) == 20
    visit(client, "/", queries=15)
