"""How campaigns stand to each other: said on either page in words, to whoever may read both."""

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.support.accounts import make_account, make_member
from tests.support.campaigns import log, slug_of
from tests.support.pages import Page, submit, visit
from tracker import clock
from tracker.accounts.models import Account, Membership, Role
from tracker.campaigns.models import Campaign, Visibility
from tracker.campaigns.related import chain_of, comes_after, related_campaigns
from tracker.campaigns.relations import CampaignLink, LinkKind
from tracker.campaigns.service import CampaignError, link_campaigns, unlink_campaigns
from tracker.db import db, transaction
from tracker.timeline.models import TimelineEntry


def make(app: Flask, *titles: str, visibility: Visibility = Visibility.PUBLIC) -> list[int]:
    """Campaigns of these titles."""
    from tracker.campaigns.models import CampaignKind

    with app.app_context(), transaction():
        made = []
        for title in titles:
            one = Campaign(
                slug=title.lower(), title=title, kind=CampaignKind.PUBLIC, visibility=visibility,
                link_token=f"token-{title}", is_protected=False, created_at=clock.now(), changed_at=clock.now(),
            )  # fmt: skip
            db.session.add(one)
            db.session.flush()
            made.append(one.id)
        return made


def say(client: FlaskClient, slug: str, kind: str, other: str, status: int = 200) -> Page:
    """Link a campaign by the form."""
    return submit(client, f"/campaigns/{slug}/links/new", kind=kind, other=other, status=status)


def related(page: Page) -> str:
    """The words of the section."""
    return " ".join(page.select_one("#related").get_text(" ").split())


@pytest.fixture
def two(signed_in) -> FlaskClient:
    """An organiser with a letter of 2018 and a resolution of 2019."""
    client: FlaskClient = signed_in()
    log(client)
    log(client, title="Rekognition", kind="shareholder", began_on="2019", demands="")
    return client


def test_said_on_both_pages(two) -> None:
    """Each page says it from its own side, and both stand in a row, the earlier first."""
    page = say(two, "rekognition", "follows-0", "We won’t build it")
    assert "follows We won’t build it" in related(page)
    assert [link.get_text(" ", strip=True) for link in page.select(".chain-link")] == [
        "2018 We won’t build it",
        "2019 Rekognition this one",
    ]
    other = visit(two, "/campaigns/we-wont-build-it")
    assert "is followed by Rekognition" in related(other)


def test_said_from_the_other_side(two, app) -> None:
    """“Is supported by” is the other one's “supports”; an address names it as well as a title."""
    say(two, "rekognition", "supports-1", "http://localhost/campaigns/we-wont-build-it")
    assert "supports Rekognition" in related(visit(two, "/campaigns/we-wont-build-it"))
    with app.app_context():
        link = db.session.scalars(sa.select(CampaignLink)).one()
        assert db.session.get_one(Campaign, link.from_id).slug == "we-wont-build-it"


def test_what_cannot_be(two) -> None:
    """Itself, twice, round in a circle, and what is not there are refused in words beside the field."""
    assert "That is this campaign itself" in say(two, "rekognition", "follows-0", "Rekognition", 422).text
    assert "No campaign that you may read" in say(two, "rekognition", "follows-0", "Nothing of it", 422).text
    say(two, "rekognition", "follows-0", "We won’t build it")
    assert "It is said already." in say(two, "rekognition", "follows-0", "We won’t build it", 422).text
    assert "It is said already." in say(two, "we-wont-build-it", "follows-1", "Rekognition", 422).text
    assert "round in a circle" in say(two, "we-wont-build-it", "follows-0", "Rekognition", 422).text


def test_taken_back_and_said_again(two, app) -> None:
    """Removing leaves a trace in the history, and the link can be made anew."""
    page = say(two, "rekognition", "follows-0", "We won’t build it")
    page = submit(two, "/campaigns/rekognition", css="#related form.confirm-panel")
    assert "We won’t build it" not in related(page)
    assert not page.has(".chain")
    page = say(two, "rekognition", "follows-0", "We won’t build it")
    assert "follows We won’t build it" in related(page)
    history = visit(two, "/campaigns/rekognition/history")
    assert history.text.count("This campaign follows another.") == 2
    assert "No longer linked to another campaign." in history.text
    assert history.link("We won’t build it") == "/campaigns/we-wont-build-it"


def test_never_named_to_who_may_not_read_it(app, two, signed_in) -> None:
    """Somebody who may read one of the two learns nothing of the other: not on the page, not in the history."""
    say(two, "rekognition", "follows-0", "We won’t build it")  # by link: its members alone find it
    stranger = signed_in(Role.VIEWER)
    for address in ("/campaigns/rekognition", "/campaigns/rekognition/history"):
        page = visit(stranger, address)
        assert "build it" not in page.html
        assert "follows another" not in page.html
        assert not page.has("#related")
    submit(two, "/campaigns/rekognition/visibility", visibility="public")
    assert "build it" not in visit(app.test_client(), "/c/rekognition").html
    submit(two, "/campaigns/we-wont-build-it/visibility", visibility="public")
    assert "follows We won’t build it" in related(visit(app.test_client(), "/c/rekognition"))
    assert "is followed by Rekognition" in related(visit(app.test_client(), "/c/we-wont-build-it"))


def test_narrowed_while_another_is_signed_in(app, two, signed_in) -> None:
    """Once the other campaign is for its members, the sentence that told of it stays, without its name."""
    submit(two, "/campaigns/we-wont-build-it/visibility", visibility="signed_in")
    say(two, "rekognition", "follows-0", "We won’t build it")
    stranger = signed_in(Role.VIEWER)
    history = "/campaigns/rekognition/history"
    assert visit(stranger, history).link("We won’t build it") == "/campaigns/we-wont-build-it"
    submit(two, "/campaigns/we-wont-build-it/visibility", visibility="members")
    for address in (history, "/campaigns/rekognition"):
        page = visit(stranger, address)
        assert "This campaign follows another." in page.text
        assert "build it" not in page.html and "we-wont-build-it" not in page.html
        assert not page.has("#related")
    assert "build it" in visit(two, history).html


def test_only_editors(two, app, signed_in) -> None:
    """A reader sees the link and may neither add nor remove one; one cannot link what one may not read."""
    say(two, "rekognition", "follows-0", "We won’t build it")
    reader = signed_in(Role.VIEWER)
    with app.app_context():
        number = db.session.scalars(sa.select(Campaign.id).where(Campaign.slug == "rekognition")).one()
    make_member(app, number, reader.account_id, Membership.READER)
    assert reader.get("/campaigns/rekognition/links/new").status_code == 403
    assert reader.post("/campaigns/rekognition/links/remove").status_code == 403
    editor = signed_in()
    make_member(app, number, editor.account_id, Membership.EDITOR)
    assert "No campaign that you may read" in say(editor, "rekognition", "supports-0", "We won’t build it", 422).text


def test_suggestions_are_what_one_may_read(two, signed_in) -> None:
    """Titles are suggested as one types, and none that one may not read."""
    assert "We won’t build it" in two.get("/campaigns/suggest?other=BUILD").text
    assert "build it" not in signed_in(Role.VIEWER).get("/campaigns/suggest?other=").text


@pytest.mark.each_database
def test_chains_and_circles(app) -> None:
    """A chain is found from any of its campaigns, past and future, without those that one may not read; a longer
    circle is refused; what supports each other is no circle."""
    a, b, c, d = make(app, "A", "B", "C", "D")
    reader = make_account(app, Role.VIEWER)
    with app.app_context():
        now = clock.now()
        one = {number: (lambda n=number: db.session.get_one(Campaign, n)) for number in (a, b, c, d)}
        with transaction():
            for later, earlier in ((b, a), (c, b), (d, c)):
                link_campaigns(one[later](), one[earlier](), LinkKind.FOLLOWS, actor=None, now=now)
            link_campaigns(one[a](), one[b](), LinkKind.SUPPORTS, actor=None, now=now)
            link_campaigns(one[b](), one[a](), LinkKind.SUPPORTS, actor=None, now=now)
        assert comes_after(one[a](), one[d](), LinkKind.FOLLOWS)
        assert not comes_after(one[d](), one[a](), LinkKind.FOLLOWS)
        with pytest.raises(CampaignError, match="circle"), transaction():
            link_campaigns(one[a](), one[d](), LinkKind.FOLLOWS, actor=None, now=now)
        account = db.session.get_one(Account, reader)
        for number in (a, b, c, d):
            assert [x.title for x in chain_of(one[number](), account)] == ["A", "B", "C", "D"]
        with transaction():
            one[c]().visibility = Visibility.MEMBERS
        assert [x.title for x in chain_of(one[a](), account)] == ["A", "B"]
        assert [(x.campaign.title, x.kind) for x in related_campaigns([d], account)] == []
        with transaction():
            unlink_campaigns(one[b](), one[a](), LinkKind.FOLLOWS, actor=account, now=now)
        assert chain_of(one[a](), None) == []
        assert db.session.scalar(sa.select(sa.func.count()).select_from(TimelineEntry)) == 6


def test_the_form_of_the_page(two) -> None:
    """An editor links in place, from the campaign's own page."""
    page = visit(two, "/campaigns/rekognition")
    assert page.has('[hx-get="/campaigns/rekognition/links/new"]')
    assert slug_of(say(two, "rekognition", "escalates-0", "We won’t build it")) == "rekognition"
