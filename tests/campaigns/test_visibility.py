"""Who sees a campaign: four levels, told before they change, and a link that can be ended."""

import sqlalchemy as sa
from flask import Flask

from tests.support.campaigns import log
from tests.support.pages import submit, visit
from tracker.accounts.models import Membership, Role
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db
from tracker.timeline.models import EntryKind, TimelineEntry

HERE = "/campaigns/we-wont-build-it"


def link_of(app: Flask) -> str:
    """The address of the campaign's link."""
    with app.app_context():
        return "/c/" + db.session.scalars(sa.select(Campaign.link_token)).one()


def test_widening_says_what_will_be_seen_and_tells(app: Flask, signed_in) -> None:
    """The form counts what would be read; opening is an entry, narrowing is not."""
    client = signed_in()
    log(client)
    page = visit(client, HERE + "/visibility")
    assert "1 entry of its history is marked public and would be read by everybody." in page.text
    submit(client, HERE + "/visibility", visibility="public")
    assert visit(app.test_client(), "/c/we-wont-build-it").heading == "We won’t build it"
    submit(client, HERE + "/visibility", visibility="members")
    visit(app.test_client(), "/c/we-wont-build-it", status=404)
    with app.app_context():
        kinds = db.session.scalars(sa.select(TimelineEntry.kind).order_by(TimelineEntry.id)).all()
        assert kinds == [EntryKind.CAMPAIGN_LOGGED, EntryKind.CAMPAIGN_OPENED]
        assert db.session.scalars(sa.select(Campaign)).one().opened_at is not None


def test_only_leads_change_it(app: Flask, signed_in, client) -> None:
    """An editor may not; somebody who cannot read the campaign does not learn that it is there."""
    lead = signed_in()
    log(lead)
    editor, stranger = signed_in(), signed_in()
    with app.app_context():
        number = db.session.scalars(sa.select(Campaign.id)).one()
    from tests.support.accounts import make_member

    make_member(app, number, editor.account_id, Membership.EDITOR)
    visit(editor, HERE + "/visibility", status=403)
    visit(stranger, HERE + "/visibility", status=404)
    assert stranger.post(HERE + "/link").status_code == 404


def test_two_leads_at_once(signed_in) -> None:
    """Who changes it second is told instead of undoing the first."""
    client = signed_in()
    log(client)
    mine = visit(client, HERE + "/visibility").form()
    submit(client, HERE + "/visibility", visibility="members")
    page = visit(client, HERE + "/visibility", method="POST", data={**mine, "visibility": "public"}, status=422)
    assert "Somebody else changed this meanwhile" in page.text


def test_the_link_shows_the_letter_and_no_more(app: Flask, signed_in, client) -> None:
    """By link one reads text, asks and counts under a neutral title; not the history, not who runs it."""
    lead = signed_in(name="Ada Organiser")
    log(lead)
    submit(lead, HERE + "/text/new", body="Dear Jeff, *stop*.")
    page = visit(client, link_of(app))
    assert page.heading == page.select_one("title").get_text().partition(" · ")[0] == "A letter"
    assert "Dear Jeff" in page.text
    assert "Drop Palantir" in page.text
    for hidden in ("We won’t build it", "Ada", "What happened", "was written"):
        assert hidden not in page.html
    headers = page.response.headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Cache-Control"] == "no-store"
    visit(client, "/c/we-wont-build-it", status=404)


def test_a_renewed_link_ends_the_old_one(app: Flask, signed_in, client) -> None:
    """The old address leads nowhere at once, and no Revision holds either."""
    lead = signed_in()
    log(lead)
    old = link_of(app)
    visit(lead, HERE + "/link", method="POST", queries=80)
    visit(client, old, status=404)
    assert visit(client, link_of(app)).heading == "A letter"
    assert link_of(app).removeprefix("/c/") not in visit(lead, HERE + "/changes").html


def test_the_link_of_a_closed_or_team_campaign_shows_nothing(app: Flask, signed_in, client) -> None:
    """The link works only while the campaign is by link; once public, it leads to the public page."""
    lead = signed_in()
    log(lead)
    link = link_of(app)
    for visibility, status in ((Visibility.MEMBERS, 404), (Visibility.SIGNED_IN, 404), (Visibility.PUBLIC, 301)):
        submit(lead, HERE + "/visibility", visibility=visibility.value)
        assert client.get(link).status_code == status


def test_members_only_is_unknown_to_others(signed_in) -> None:
    """Others find nothing by address, list or search; an administrator reads, and manages members only."""
    lead = signed_in()
    log(lead)
    submit(lead, HERE + "/visibility", visibility="members")
    other = signed_in()
    visit(other, HERE, status=404)
    assert "build it" not in visit(other, "/campaigns?q=build").text
    administrator = signed_in(Role.ADMINISTRATOR)
    visit(administrator, HERE)
    visit(administrator, HERE + "/edit", status=403)
