"""Home says what needs me and what changed; to outsiders it shows the public campaigns and nothing else."""

import datetime as dt

import sqlalchemy as sa
from flask import Flask

from tests.support.campaigns import log
from tests.support.pages import Page, submit, visit
from tracker.accounts.models import Account, Role
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.models import Campaign
from tracker.clock import now
from tracker.config import Durations
from tracker.db import db, transaction
from tracker.timeline.models import EntryKind, EntryVisibility, TimelineEntry
from tracker.timeline.service import append_entry


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
    visit(client, "/", queries=22)


def add(app: Flask, headline: str, *, by: int, at: dt.datetime, **columns: object) -> None:
    """An entry of the only campaign, recorded by somebody at a moment."""
    with app.app_context(), transaction():
        append_entry(
            campaign_id=db.session.scalars(sa.select(Campaign.id)).one(),
            kind=EntryKind.NOTE,
            headline=headline,
            occurred_on=dt.date(2026, 1, 1),
            actor=db.session.get_one(Account, by),
            now=at,
            **{"visibility": EntryVisibility.SIGNED_IN, **columns},
        )


def last_here(app: Flask, account_id: int, at: dt.datetime) -> None:
    """Somebody's last request was at this moment."""
    with app.app_context(), transaction():
        db.session.execute(
            sa.update(Account).where(Account.id == account_id).values(last_here_at=at, last_home_at=None)
        )


def fresh(page: Page) -> list[str]:
    """What is marked as new."""
    return [
        one.get_text(" ", strip=True).removeprefix("new ")
        for one in page.select(".day-fresh .entry-sentence")
        if one.select_one(".entry-new")
    ]


def test_what_changed_since_i_was_last_here(app: Flask, signed_in) -> None:
    """A new visit marks what others recorded since the last one ended, once, apart from what I did myself; the button
    says that it is read; looking at the page alone changes nothing."""
    lead, colleague = signed_in(), signed_in(name="Bo")
    log(lead, title="Open letter", kind="public")
    moment = now()
    last_here(app, colleague.account_id, moment - dt.timedelta(days=2))
    with app.app_context(), transaction():
        db.session.execute(sa.update(TimelineEntry).values(recorded_at=moment - dt.timedelta(days=3)))
    add(app, "Read long ago", by=lead.account_id, at=moment - dt.timedelta(days=2, minutes=1))
    add(app, "First news", by=lead.account_id, at=moment - dt.timedelta(days=1))
    add(app, "My own doing", by=colleague.account_id, at=moment - dt.timedelta(hours=1))
    add(app, "Last news", by=lead.account_id, at=moment - dt.timedelta(minutes=5))
    colleague = signed_in(account_id=colleague.account_id)  # comes back
    page = visit(colleague, "/")
    assert fresh(page) == ["Last news", "First news"]
    assert "2 changes since you were last here" in page.text
    assert "My own doing" in page.select_one(".day-fresh").get_text()
    assert "Read long ago" in page.text
    assert fresh(visit(colleague, "/")) == ["Last news", "First news"]
    form = page.form(".day-fresh form")
    add(app, "While I was reading", by=lead.account_id, at=moment + dt.timedelta(seconds=1))
    page = visit(colleague, "/seen", method="POST", data=form)
    assert fresh(page) == ["While I was reading"]


def test_nothing_is_new_at_the_first_visit(app: Flask, signed_in) -> None:
    """To whom everything is new nothing is marked; nor to one who has been here all the time."""
    lead = signed_in()
    log(lead, title="Open letter", kind="public")
    newcomer = signed_in()
    add(app, "News", by=lead.account_id, at=now() - dt.timedelta(minutes=1))
    assert not fresh(visit(newcomer, "/"))
    newcomer = signed_in(account_id=newcomer.account_id)  # on another device, a moment later
    assert not fresh(visit(newcomer, "/"))


def test_seen_only_up_to_what_was_shown(app: Flask, signed_in) -> None:
    """A moment that is no moment is refused; one to come counts as now; an earlier one takes nothing back."""
    client = signed_in()
    for nonsense in ("", "yesterday", "2026-01-01T00:00:00"):
        assert client.post("/seen", data={"until": nonsense}).status_code == 400
    client.post("/seen", data={"until": "2999-01-01T00:00:00+00:00"})
    with app.app_context():
        seen = db.session.get_one(Account, client.account_id).last_home_at
    assert seen is not None and seen <= now()
    client.post("/seen", data={"until": "2001-01-01T00:00:00+00:00"})
    with app.app_context():
        assert db.session.get_one(Account, client.account_id).last_home_at == seen


def test_mine_come_first(app: Flask, signed_in) -> None:
    """What I own stands before what nobody owns, though it is due later."""
    client = signed_in()
    today = now().date()
    log(client, title="Letter", due_on=str(today + dt.timedelta(days=2)), due_what="Nobody’s")
    log(client, title="Other", due_on=str(today + dt.timedelta(days=9)), due_what="Mine")
    with app.app_context(), transaction():
        first = db.session.scalars(sa.select(Deadline).where(Deadline.what == "Nobody’s")).one()
        first.owner_id = None
    rows = [row.get_text(" ", strip=True) for row in visit(client, "/").select("#needs .due-what")]
    assert rows == ["Mine Other", "Nobody’s Letter"]
