"""Somebody without an account hears of a public campaign: asked by mail, confirmed by a button, ended in one click."""

import datetime as dt
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.digests.world import World
from tests.support.accounts import forget_tries
from tests.support.mails import outbox
from tests.support.pages import submit, visit
from tracker import clock
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, transaction
from tracker.digests import joining, running, service
from tracker.digests.models import Digest, DigestState, Subscriber, Subscription, SubscriptionRequest

ADDRESS = "reader@elsewhere.net"  # not at Example Stores


@pytest.fixture
def campaign(app: Flask, present: World) -> str:
    with app.app_context():
        present.campaign("Fair rotas", slug="fair-rotas", visibility=Visibility.PUBLIC, company="Example Stores, Inc.")
    return "fair-rotas"


def rows(app: Flask, *what: Any) -> list[Any]:
    with app.app_context():
        return list(db.session.execute(sa.select(*what)).all())


def join(client: FlaskClient, slug: str, app: Flask, address: str = ADDRESS) -> str:
    """Ask and confirm; where the subscriber manages what comes."""
    submit(client, f"/c/{slug}/follow", email=address)
    page = submit(client, outbox(app, address)[-1].path("confirm"))
    return str(page.response.request.path)


def test_asked_confirmed_told_and_ended(app: Flask, client: FlaskClient, campaign: str, present: World) -> None:
    """From the campaign's page to the digest in the mailbox, and out again."""
    page = visit(client, f"/c/{campaign}")
    asked = submit(client, page.link("Hear of it by mail"), email=ADDRESS, frequency="daily")
    assert asked.heading == "Look into your mailbox"
    assert rows(app, Subscriber.id) == []
    (mail,) = outbox(app, ADDRESS)
    assert (mail.kind, mail.subject) == ("confirmation", "Do you want to hear of “Fair rotas”?")
    for _scanner in range(2):
        assert visit(client, mail.path("confirm")).heading == "Hear of it by mail?"
    assert rows(app, Subscriber.id) == []
    managed = submit(client, mail.path("confirm"))
    assert "Fair rotas" in managed.text and "Every day" in managed.text
    assert visit(client, mail.path("confirm"), status=410).heading == "This link is over"
    with app.app_context():
        number = db.session.scalars(sa.select(Campaign.id)).one()
        present.entry(number, "Example Stores answers")
        running.run(clock.now() + dt.timedelta(days=2))
    digest = outbox(app, ADDRESS)[-1]
    assert "Example Stores answers" in digest.text
    links = set(re.findall(r"http\S+", digest.text))
    assert len(links) == 5
    for link in links:
        visit(client, re.sub(r"^https?://[^/]+", "", link) or "/")
    left = submit(client, digest.path("unsubscribe"))
    erased = (clock.now() + dt.timedelta(days=28)).date()
    assert f"Your address is erased on {erased.day} {erased:%B %Y}" in left.text
    assert "Your address is erased" in visit(client, digest.path("manage")).text
    assert [reason for (reason,) in rows(app, Subscription.end_reason)] == ["unsubscribed by the reader"]


def test_the_same_answer_for_every_address(app: Flask, client: FlaskClient, campaign: str, present: World) -> None:
    """New, following already, with an account: the page is equal to the byte; the mailbox learns the difference."""
    join(client, campaign, app)
    with app.app_context():
        present.account("account@example.org")
    forget_tries()
    pages = set()
    for address in (ADDRESS, "new@example.org", "account@example.org"):
        answer = client.post(f"/c/{campaign}/follow", data={"email": address, "frequency": "weekly"})
        pages.add((answer.status_code, answer.get_data(as_text=True).replace(address, "ADDRESS")))
    assert len(pages) == 1
    assert outbox(app, ADDRESS)[-1].subject == "You follow “Fair rotas” already"
    assert visit(client, outbox(app, ADDRESS)[-1].path("manage")).heading == "Your digest"
    submit(client, outbox(app, "account@example.org")[-1].path("confirm"))
    assert len(rows(app, Subscriber.id, Subscriber.account_id)) == 2
    assert len([1 for _id, account in rows(app, Subscriber.id, Subscriber.account_id) if account]) == 1


def test_three_questions_a_day(app: Flask, client: FlaskClient, campaign: str) -> None:
    """Whoever types somebody else's address again and again fills no mailbox."""
    for _again in range(6):
        forget_tries()
        submit(client, f"/c/{campaign}/follow", email=ADDRESS)
    assert len(outbox(app, ADDRESS)) == 3


def test_nonsense_is_said_beside_the_field(client: FlaskClient, campaign: str) -> None:
    """What is no address is refused in words, and what was typed stays."""
    page = submit(client, f"/c/{campaign}/follow", status=422, email="not an address")
    assert page.has("#email[aria-invalid]")
    assert page.form()["email"] == "not an address"


@pytest.mark.parametrize("visibility", [one for one in Visibility if one is not Visibility.PUBLIC])
def test_only_public_campaigns(app: Flask, client: FlaskClient, present: World, visibility: Visibility) -> None:
    """Of any other campaign there is no such page, and a question asked before it closed is over."""
    with app.app_context():
        number = present.campaign("Closed", slug="closed", visibility=Visibility.PUBLIC)
    submit(client, "/c/closed/follow", email=ADDRESS)
    with app.app_context():
        present.change(Campaign, number, visibility=visibility)
    visit(client, "/c/closed/follow", status=404)
    visit(client, outbox(app, ADDRESS)[0].path("confirm"), status=410)


@pytest.mark.each_database
def test_forgotten_in_time(app: Flask, client: FlaskClient, campaign: str) -> None:
    """A question nobody answered goes after a week; an address that left, after four; then nobody can look it up."""
    submit(client, f"/c/{campaign}/follow", email="never@example.org")
    join(client, campaign, app)
    with app.app_context():
        now = clock.now()
        with transaction():
            service.unsubscribe(db.session.scalars(sa.select(Subscriber)).one(), now=now)
        for days, left, requests in ((6, 1, 1), (8, 1, 0), (27, 1, 0), (29, 0, 0)):
            with transaction():
                joining.forget_addresses(now + dt.timedelta(days=days))
            sealed = sa.select(sa.func.count()).where(Subscriber.address_sealed.is_not(None))
            assert db.session.scalar(sealed) == left
            assert db.session.scalar(sa.select(sa.func.count(SubscriptionRequest.id))) == requests
        row = db.session.scalars(sa.select(Subscriber)).one()
        assert row.end_reason and (row.address_hash or "").startswith("erased:")
    forget_tries()
    join(client, campaign, app)
    assert len(rows(app, Subscriber.id)) == 2


def test_who_left_can_come_back(app: Flask, client: FlaskClient, campaign: str) -> None:
    """The same row is brought back, and hears only of what happens from then on."""
    join(client, campaign, app)
    with app.app_context(), transaction():
        service.unsubscribe(db.session.scalars(sa.select(Subscriber)).one(), now=clock.now())
    forget_tries()
    assert "/manage" in join(client, campaign, app)
    assert [ended for _id, ended in rows(app, Subscriber.id, Subscriber.ended_at)] == [None]
    assert len([1 for (ended,) in rows(app, Subscription.ended_at) if ended is None]) == 1


@pytest.mark.parametrize(
    ("address", "neutral"),
    [("x@examplestores.com", True), ("x@mail.example-stores.co.uk", True), ("x@elsewhere.org", False)],
)
def test_a_mailbox_at_the_target(
    app: Flask, client: FlaskClient, campaign: str, present: World, address: str, neutral: bool
) -> None:
    """Where the employer may read along, the subject names nobody unless its owner wants it to."""
    join(client, campaign, app, address)
    forget_tries()
    submit(client, f"/c/{campaign}/follow", email=address)
    for mail in outbox(app, address):
        assert ("Fair rotas" not in mail.subject) is neutral
    with app.app_context():
        present.entry(db.session.scalars(sa.select(Campaign.id)).one(), "Example Stores refuses")
        running.run(clock.now() + dt.timedelta(days=8))
        assert db.session.scalars(sa.select(Digest.state)).first() is DigestState.SENT
    subject = outbox(app, address)[-1].subject
    assert ("Example Stores" not in subject) is neutral


def test_an_account_at_the_company_asked_reads_no_names_in_a_subject(world: World) -> None:
    """Who presses *Follow* with a mailbox at the company asked, for this campaign or for all there is, finds a subject
    that names nobody, until they say otherwise; elsewhere it names the company."""
    campaign = world.campaign(visibility=Visibility.PUBLIC)
    alone, wide = world.account("ada@legal.amazon.co.uk"), world.account("bob@amazon.com")
    elsewhere = world.account("cy@example.org")
    for reader, what in ((alone, campaign), (wide, None), (elsewhere, None)):
        world.follow(reader, what)
    world.at("2026-11-23 07:00")
    world.entry(campaign)
    world.run("2026-11-23 08:00")
    subjects = {mail["To"]: mail["Subject"] for mail in world.mails()}
    assert "Amazon" in subjects["cy@example.org"]
    assert len(subjects) == 3
    assert all("Amazon" not in subjects[to] for to in ("ada@legal.amazon.co.uk", "bob@amazon.com"))
    with transaction():
        (subscription,) = world.subscriber(alone).subscriptions
        service.name_in_subject(subscription, names=True)
    world.at("2026-11-23 09:00")
    world.entry(campaign, "Amazon answers")
    world.run("2026-11-24 08:00")
    assert any("Amazon" in mail["Subject"] for mail in world.mails() if mail["To"] == "ada@legal.amazon.co.uk")
