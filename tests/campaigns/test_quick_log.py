"""A campaign is logged in under a minute, and what was typed is all there."""

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import expect

from tests.conftest import NewPage
from tests.support.campaigns import LETTER, log, slug_of
from tests.support.pages import submit, visit
from tracker.accounts.models import CampaignMember, Membership, Role
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.models import Campaign, CampaignKind, SubjectRole, Visibility
from tracker.companies.models import Company
from tracker.db import Precision, db
from tracker.timeline.models import EntryKind, TimelineEntry


@pytest.mark.each_database
def test_seven_fields_make_a_campaign(app: Flask, signed_in) -> None:
    """One form makes the campaign, whom it asks, its demands, the first deadline, its first entry, and me its lead."""
    client = signed_in(zone="Europe/Berlin")
    page = log(
        client,
        demands="1. Stop selling it\n\n - Drop Palantir \n1. Stop selling it",
        due_on="2030-05-01",
        due_what="Send the letter",
        source="https://example.org/letter",
    )
    assert page.heading == "We won’t build it"
    assert slug_of(page) == "we-wont-build-it"
    with app.app_context():
        campaign = db.session.scalars(sa.select(Campaign)).one()
        assert (campaign.kind, campaign.zone) == (CampaignKind.EMPLOYEE, "Europe/Berlin")
        assert (campaign.began_on, campaign.began_precision) == (dt.date(2018, 6, 1), Precision.MONTH)
        assert [(d.position, d.words) for d in campaign.demands] == [(1, "Stop selling it"), (2, "Drop Palantir")]
        assert all(d.target and d.target.company and d.target.company.name == "Amazon" for d in campaign.demands)
        [subject] = campaign.subjects
        assert subject.role is SubjectRole.ASKED
        assert subject.company is not None and subject.company.cik == "0001018724"
        deadline = db.session.scalars(sa.select(Deadline)).one()
        assert (deadline.what, deadline.due_on, deadline.owner_id) == (
            "Send the letter",
            dt.date(2030, 5, 1),
            client.account_id,
        )
        entry = db.session.scalars(sa.select(TimelineEntry)).one()
        assert (entry.kind, entry.occurred_precision) == (EntryKind.CAMPAIGN_LOGGED, Precision.MONTH)
        assert [source.url for source in entry.sources] == ["https://example.org/letter"]
        member = db.session.scalars(sa.select(CampaignMember)).one()
        assert (member.account_id, member.membership) == (client.account_id, Membership.LEAD)


def test_only_three_fields_are_needed(app: Flask, signed_in) -> None:
    """Title, whose and which company are enough."""
    page = log(signed_in(), demands="", began_on="")
    assert page.heading == "We won’t build it"
    assert "was logged" in page.text


@pytest.mark.parametrize(
    ("kind", "visibility", "protected", "words"),
    [
        ("employee", Visibility.LINK, True, "Only its members can find it"),
        ("shareholder", Visibility.SIGNED_IN, False, "Everyone with an account here can read it"),
        ("public", Visibility.SIGNED_IN, False, "Everyone with an account here can read it"),
    ],
)
def test_who_sees_it_at_first(
    app: Flask, signed_in, kind: str, visibility: Visibility, protected: bool, words: str
) -> None:
    """An employee campaign begins unlisted and protected, others in front of the team; the page says so."""
    page = log(signed_in(), kind=kind)
    assert words in page.text
    with app.app_context():
        campaign = db.session.scalars(sa.select(Campaign)).one()
        assert (campaign.visibility, campaign.is_protected) == (visibility, protected)


def test_nothing_is_lost_when_refused(app: Flask, signed_in) -> None:
    """A form that lacks something comes back whole, with words beside what is missing."""
    page = submit(signed_in(), "/campaigns/new", **{**LETTER, "kind": None, "due_on": "2030-01-01"}, status=422)
    assert "Say whose campaign it is." in page.text
    assert page.select_one("textarea[name=demands]").get_text().strip() == LETTER["demands"]
    page = submit(signed_in(), "/campaigns/new", **{**LETTER, "due_on": "2030-01-01"}, status=422)
    assert "A deadline needs a date and what is due." in page.select_one(".field-wrong").get_text()
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Campaign)) == 0
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Company)) == 0


def test_a_name_near_others_is_asked_about(app: Flask, signed_in) -> None:
    """Without a suggestion chosen, "Alphabet" alone is not guessed but offered; another answer adds a new company."""
    client = signed_in()
    page = log(client, company="Bank of", status=422)
    choices = [label.get_text(strip=True) for label in page.select("input[name=meant] + label")]
    assert any(choice.startswith("Bank of America") for choice in choices)
    data = {**page.form(), "meant": "0000070858"}
    page = visit(client, "/campaigns/new", method="POST", data=data, queries=80)
    assert "Bank of America" in page.text
    page = log(client, company="Bank of", title="Another", status=422)
    page = visit(client, "/campaigns/new", method="POST", data={**page.form(), "meant": ""}, queries=80)
    with app.app_context():
        names = set(db.session.scalars(sa.select(Company.name)))
        assert names == {"Bank of America", "Bank of"}


def test_titles_alike_get_addresses_apart(signed_in) -> None:
    """A second campaign of the same title has a number in its address; no title takes a word that addresses use."""
    client = signed_in()
    assert [slug_of(log(client, title=title)) for title in ("Open letter", "Open letter", "New", "署名")] == [
        "open-letter",
        "open-letter-2",
        "new-2",
        "campaign",
    ]


def test_viewers_do_not_log(signed_in) -> None:
    """Logging is the organisers' and administrators'."""
    visit(signed_in(Role.VIEWER), "/campaigns/new", status=403)
    visit(signed_in(Role.ADMINISTRATOR), "/campaigns/new")


def test_logging_by_keyboard_alone(signed_in_page, new_page: NewPage) -> None:
    """From title to saved with tab, arrows and typing; the company is suggested while one types."""
    page = signed_in_page()
    page.goto("/campaigns/new")
    page.wait_for_selector("[name=title]:focus")
    page.keyboard.type("Shareholders on Rekognition")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    with page.expect_response(lambda response: "/companies/suggest" in response.url):
        page.keyboard.type("amzn")
    page.wait_for_selector("#company-options option[value='Amazon']", state="attached")
    page.keyboard.press("Control+A")
    page.keyboard.type("Amazon")
    page.keyboard.press("Tab")
    page.keyboard.type("Report on customers")
    page.keyboard.press("Tab")
    page.keyboard.type("2018")
    page.keyboard.press("Enter")
    page.wait_for_url("**/campaigns/shareholders-on-rekognition")
    assert page.locator("h1").inner_text() == "Shareholders on Rekognition"


def test_logging_without_javascript(signed_in_page) -> None:
    """The same form works in a browser without JavaScript."""
    page = signed_in_page(java_script_enabled=False)
    page.goto("/campaigns/new")
    page.get_by_label("Title").fill("Open letter")
    page.get_by_label("The public").check()
    page.get_by_label("Company that is asked").fill("Example Works")
    page.get_by_role("button", name="Log the campaign").click()
    expect(page.locator("h1")).to_have_text("Open letter")
