"""The links of a mail: opening one changes nothing, a button does."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.digests.world import World
from tests.support.accounts import SignedIn
from tests.support.mails import outbox as mails_of
from tests.support.pages import submit, visit
from tracker import clock
from tracker.accounts.models import Role
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, transaction
from tracker.digests import joining, running
from tracker.digests import links as tokens
from tracker.digests.models import Frequency, Subscriber, Subscription

SignIn = Callable[..., SignedIn]


def slug_of(campaign: int) -> str:
    return db.session.get_one(Campaign, campaign).slug


def links_in(app: Flask, present: World, client: SignedIn) -> dict[str, str]:
    """Follow two campaigns, get a digest, and return the paths of its links by their words."""
    client.post("/digests/follow")
    with app.app_context():
        present.entry(present.campaign("First"))
        present.campaign("Second")
        running.run(clock.now() + dt.timedelta(days=8))
        (mail,) = present.mails()
        base = present.config.public_base_url
        one_click = str(mail["List-Unsubscribe"]).strip("<>")
        text = present.texts()[0]
    words = {"Stop this campaign:": "stop", "what you follow:": "manage", "Unsubscribe:": "unsubscribe"}
    found = {
        name: line.rpartition(" ")[2].removeprefix(base)
        for line in text.splitlines()
        for start, name in words.items()
        if start in line
    }
    assert one_click.removeprefix(base) == found["unsubscribe"]
    return found


def test_opening_a_link_changes_nothing(app: Flask, present: World, signed_in: SignIn, client: FlaskClient) -> None:
    """Scanners open every link in a mail; only the button counts."""
    links = links_in(app, present, signed_in(Role.VIEWER))
    for path in links.values():
        for _turn in range(2):
            page = visit(client, path)
            assert client.head(path).status_code == 200
            assert page.response.headers["Referrer-Policy"] == "no-referrer"
            assert "noindex" in page.response.headers["X-Robots-Tag"]
    with app.app_context():
        assert db.session.scalars(sa.select(Subscriber.ended_at)).one() is None
        assert len(db.session.scalars(sa.select(Subscription)).all()) == 1


@pytest.mark.each_database
def test_one_click_unsubscribing(app: Flask, present: World, signed_in: SignIn) -> None:
    """RFC 8058: a POST without cookies, twice, answers 200 and sets none; a wrong token answers 404."""
    path = links_in(app, present, signed_in(Role.VIEWER))["unsubscribe"]
    app.config["WTF_CSRF_ENABLED"] = True
    for _turn in range(2):
        answer = app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert app.test_client().post(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
    assert app.test_client().post(path + "x").status_code == 404
    with app.app_context():
        subscriber = db.session.scalars(sa.select(Subscriber)).one()
        assert subscriber.end_reason == "unsubscribed by the reader"
        assert db.session.scalars(sa.select(Subscription.ended_at)).one() is not None


def test_unsubscribing_by_the_button(app: Flask, present: World, signed_in: SignIn, client: FlaskClient) -> None:
    """The page says what will happen, and then that it has."""
    path = links_in(app, present, signed_in(Role.VIEWER))["unsubscribe"]
    assert visit(client, path).heading == "Unsubscribe?"
    assert submit(client, path).heading == "You are unsubscribed"
    assert visit(client, path).heading == "You are unsubscribed"
    assert "Set-Cookie" not in client.get(path).headers


@pytest.mark.each_database
def test_stopping_one_campaign_from_the_mail(
    app: Flask, present: World, signed_in: SignIn, client: FlaskClient
) -> None:
    """One campaign leaves the digest, the rest stays; the link does nothing else."""
    links = links_in(app, present, signed_in(Role.VIEWER))
    page = submit(client, links["stop"])
    assert page.heading == "You hear no more about it"
    token = links["stop"].split("/")[2]
    assert client.get(f"/u/{token}").status_code == 404
    assert client.get(f"/u/{token}/manage").status_code == 404
    with app.app_context():
        second = db.session.scalars(sa.select(Campaign.public_id).where(Campaign.title == "Second")).one()
        assert db.session.scalars(sa.select(Subscriber.ended_at)).one() is None
    assert client.post(f"/u/{token}/stop/{second}").status_code == 404


def test_stopping_the_only_campaign_says_that_it_was_the_last(app: Flask, present: World, client: FlaskClient) -> None:
    """Who follows nothing else is not told that the rest goes on, but what becomes of the address."""
    with app.app_context():
        campaign = present.campaign("Only", visibility=Visibility.PUBLIC)
        with transaction():
            found = db.session.get_one(Campaign, campaign)
            joining.ask("r@example.net", found, frequency=Frequency.DAILY, locale="en", now=clock.now())
        token = mails_of(app, "r@example.net")[-1].links["confirm"].rpartition("/")[2]
        with transaction():
            joining.confirm(token, now=clock.now())
        present.entry(campaign)
        running.run(clock.now() + dt.timedelta(days=2))
        text = present.mails()[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    stop = re.findall(r"http://[^/]+(/u/\S+/stop/\S+)", text)[0]
    assert "You follow nothing else" in visit(client, stop).text
    page = submit(client, stop)
    assert "Your address is erased on" in page.text
    assert "goes on" not in page.text
    assert "Your address is erased on" in visit(client, stop).text


def test_a_stop_link_does_not_tell_the_title_of_what_was_closed(
    app: Flask, present: World, signed_in: SignIn, client: FlaskClient
) -> None:
    """Whoever may no longer read a campaign learns nothing from an old link."""
    links = links_in(app, present, signed_in(Role.VIEWER))
    with app.app_context():
        campaign = db.session.scalars(sa.select(Campaign.id).where(Campaign.title == "First")).one()
        present.change(Campaign, campaign, visibility=Visibility.MEMBERS, title="Renamed secret")
    assert "Renamed secret" not in visit(client, links["stop"]).html


def test_what_was_closed_is_not_named_and_can_be_ended(
    app: Flask, present: World, signed_in: SignIn, client: FlaskClient
) -> None:
    """Nor do the pages of what is followed tell its title or address today; all of it can still be ended there."""
    reader = signed_in(Role.VIEWER)
    with app.app_context():
        campaign = present.campaign("First")
        present.follow(reader.account_id, campaign)
        number = present.subscriber(reader.account_id)
        manage = f"/u/{tokens.token(number, tokens.MANAGE)}/manage"
        present.change(Campaign, campaign, visibility=Visibility.MEMBERS, title="Renamed secret", slug="secret")
    own, by_link = visit(reader, "/digests"), visit(client, manage)
    for page in (own, by_link):
        assert "ecret" not in page.html and "not open to you now" in page.text
    assert visit(client, by_link.link("Unsubscribe from all of it")).heading == "Unsubscribe?"
    assert "You follow nothing yet" in submit(reader, "/digests", 'form[action$="/stop"]').text
    assert "You follow nothing, so" in visit(client, manage).text


def test_what_the_subject_line_names(app: Flask, present: World, signed_in: SignIn, client: FlaskClient) -> None:
    """For each thing followed, by the link in the mail or signed in, its owner says whether subjects name it."""
    reader = signed_in(Role.VIEWER)
    paths = links_in(app, present, reader)
    page = submit(client, paths["manage"], 'form[action$="/subject"]')
    assert "The subject line names nobody." in page.text
    with app.app_context():
        (one,) = db.session.scalars(sa.select(Subscription)).all()
        assert one.neutral_subject
        present.entry(db.session.scalars(sa.select(Campaign.id)).first() or 0, "Amazon answers")
        running.run(clock.now() + dt.timedelta(days=15))
        assert "Amazon" not in str(present.mails()[-1]["Subject"])
        stranger = f"/{one.public_id}/subject"
    page = submit(reader, "/digests", 'form[action$="/subject"]')
    assert "The subject line names nobody." not in page.text
    visit(signed_in(Role.VIEWER), f"/digests/subscriptions{stranger}", method="POST", status=404)
    visit(client, paths["unsubscribe"] + "/manage" + stranger, method="POST", status=404)


def test_managing_without_signing_in(app: Flask, present: World, signed_in: SignIn, client: FlaskClient) -> None:
    """The link in the mail opens what is followed and when it comes, and lets both be changed."""
    path = links_in(app, present, signed_in(Role.VIEWER))["manage"]
    page = submit(client, path, f'main form.form[action="{path}"]', frequency="monthly", month_day="31", hour="7")
    assert "Every month on its last day at 07:00, UTC" in page.text
    page = submit(client, path, 'main form[action*="/manage/"]')
    assert "You follow nothing" in page.text
