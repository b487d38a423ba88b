"""Following, schedules, previews, runs and the mailbox, as pages."""

import datetime as dt
from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from tests.digests.world import MONDAY, World
from tests.support.accounts import SignedIn
from tests.support.pages import submit, visit
from tracker import clock
from tracker.accounts.models import Role
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db
from tracker.digests import running
from tracker.digests.models import DigestItem, Frequency, Subscriber, Subscription
from tracker.instance import SENDING_PAUSED, setting

SignIn = Callable[..., SignedIn]


def slug_of(campaign: int) -> str:
    return db.session.get_one(Campaign, campaign).slug


def test_nothing_is_followed_yet(signed_in: SignIn) -> None:
    """The page teaches what a digest is and offers to follow everything."""
    page = visit(signed_in(Role.VIEWER), "/digests")
    assert page.heading == "Digests"
    assert "You follow nothing yet" in page.text
    assert not page.has("#desk"), "the desk is the organisers' business"


def test_follow_everything_and_change_when(app: Flask, signed_in: SignIn) -> None:
    """One button follows everything; the schedule is a sentence and a form."""
    client = signed_in(Role.VIEWER, zone="Europe/Berlin")
    page = submit(client, "/digests", 'main form[action="/digests/follow"]')
    assert "Every Monday at 08:00, Europe/Berlin" in page.text
    assert "Everything you may see" in page.text
    page = submit(client, "/digests", "main form.form", frequency="daily", hour="17", neutral_subject="y")
    assert "Every day at 17:00, Europe/Berlin" in page.text
    with app.app_context():
        subscriber = db.session.scalars(sa.select(Subscriber)).one()
        assert subscriber.frequency is Frequency.DAILY
        assert subscriber.neutral_subject
        assert subscriber.next_due_at > clock.now()


def test_a_second_window_does_not_overwrite_the_first(signed_in: SignIn) -> None:
    """A form opened before somebody else saved is refused, with nothing lost."""
    client = signed_in(Role.VIEWER)
    submit(client, "/digests", 'main form[action="/digests/follow"]')
    old = visit(client, "/digests").form("main form.form")
    submit(client, "/digests", "main form.form", hour="9")
    page = visit(client, "/digests/schedule", method="POST", data=old | {"hour": "10"}, status=422)
    assert "Somebody changed these settings meanwhile" in page.text


def test_a_wrong_zone_is_refused_in_words(signed_in: SignIn) -> None:
    """What is no choice comes back with an error beside its field."""
    client = signed_in(Role.VIEWER)
    submit(client, "/digests", 'main form[action="/digests/follow"]')
    data = visit(client, "/digests").form("main form.form") | {"zone": "Moon/Tycho"}
    page = visit(client, "/digests/schedule", method="POST", data=data, status=422)
    assert page.has(".field-error")


def test_follow_a_campaign_only_if_it_may_be_read(app: Flask, present: World, signed_in: SignIn) -> None:
    """Following what one may not read answers as if it were not there."""
    client = signed_in(Role.VIEWER)
    with app.app_context():
        hidden = slug_of(present.campaign(visibility=Visibility.MEMBERS))
        seen = slug_of(present.campaign("Seen"))
    assert client.post("/digests/follow", data={"campaign": hidden}).status_code == 404
    assert client.post("/digests/follow", data={"company": "nobody"}).status_code == 404
    assert client.post("/digests/follow", data={"campaign": seen}).status_code == 302
    page = visit(client, "/digests")
    assert "The campaign “Seen”" in page.text
    submit(client, "/digests", 'main form[action$="/stop"]')
    assert "You follow nothing yet" in visit(client, "/digests").text


def test_nobody_stops_somebody_elses_subscription(app: Flask, signed_in: SignIn) -> None:
    """A subscription answers to its owner only."""
    owner, other = signed_in(Role.VIEWER), signed_in(Role.ADMINISTRATOR)
    owner.post("/digests/follow")
    with app.app_context():
        public_id = db.session.scalars(sa.select(Subscription.public_id)).one()
    assert other.post(f"/digests/subscriptions/{public_id}/stop").status_code == 404


def test_the_preview_consumes_nothing(app: Flask, present: World, signed_in: SignIn) -> None:
    """What would be sent now may be looked at as often as one likes."""
    client = signed_in(Role.VIEWER)
    client.post("/digests/follow")
    assert "Nothing to say" in visit(client, "/digests/preview").text
    assert client.get("/digests/preview/mail").text == ""
    with app.app_context():
        present.entry(present.campaign())
    for _turn in range(2):
        page = visit(client, "/digests/preview")
        assert "Amazon refuses to answer" in page.text
        frame = client.get(page.select_one("iframe")["src"])
        assert "Amazon refuses to answer" in frame.text
        assert frame.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
        assert page.select_one("iframe").has_attr("sandbox")
    with app.app_context():
        assert db.session.scalars(sa.select(DigestItem)).all() == []


def test_organisers_see_every_receivers_state(app: Flask, present: World, signed_in: SignIn) -> None:
    """A run says what became of each digest; addresses are masked."""
    reader, organiser = signed_in(Role.VIEWER), signed_in(Role.ORGANISER)
    reader.post("/digests/follow")
    with app.app_context():
        present.entry(present.campaign())
        running.run(clock.now() + dt.timedelta(days=8))
    page = visit(organiser, str(visit(organiser, "/digests").link("Open the desk")))
    assert "1 sent" in page.text
    page = visit(organiser, str(page.select_one("#runs th a")["href"]))
    assert "Delivered to the mail server" in page.text
    assert reader.email not in page.html
    assert f"{reader.email[0]}…@example.org" in page.text
    assert reader.get(str(page.response.request.path)).status_code == 403
    assert organiser.get("/digests/desk/runs/nothing").status_code == 404


def test_administrators_pause_all_sending(app: Flask, present: World, signed_in: SignIn) -> None:
    """Paused means paused for every mail; resumed, what waited leaves."""
    boss, organiser = signed_in(Role.ADMINISTRATOR), signed_in(Role.ORGANISER)
    assert organiser.post("/digests/desk/pause").status_code == 403
    boss.post("/digests/follow")
    page = submit(boss, "/digests/desk", 'main form[action="/digests/desk/pause"]', status=422, reason="")
    assert page.has(".field-error"), "a reason is wanted"
    page = submit(boss, "/digests/desk", 'main form[action="/digests/desk/pause"]', reason="A try.")
    assert "All sending rests. A try." in page.text
    with app.app_context():
        present.entry(present.campaign())
        counts = running.run(clock.now() + dt.timedelta(days=8))
        assert counts["ready"] == 1
        assert counts["sent"] == 0
    assert "A try." in visit(boss, "/digests").text
    page = visit(boss, "/digests/desk")
    assert "1 waiting" in page.text
    assert "1 digest is composed and waits" in page.text
    submit(boss, "/digests/desk", 'main form[action="/digests/desk/resume"]')
    with app.app_context():
        assert setting(SENDING_PAUSED) is None
        assert running.send()["sent"] == 1


def test_the_mailbox_shows_mails_as_their_receivers_see_them(app: Flask, present: World, signed_in: SignIn) -> None:
    """Subject, text, HTML in a frame that can do nothing, headers; for administrators alone."""
    boss, organiser = signed_in(Role.ADMINISTRATOR), signed_in(Role.ORGANISER)
    assert "No mail yet" in visit(boss, "/mail").text
    boss.post("/digests/follow")
    with app.app_context():
        present.entry(present.campaign())
        running.run(clock.now() + dt.timedelta(days=8))
    page = visit(boss, "/mail")
    page = visit(boss, page.link("Amazon refuses to answer"))
    assert "List-Unsubscribe" in page.text
    assert "You get this because you follow 1 campaign." in page.text
    frame = boss.get(page.select_one("iframe")["src"])
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert organiser.get("/mail").status_code == 403
    assert organiser.get(page.response.request.path).status_code == 403


def test_there_is_no_mailbox_where_mail_is_sent(make_app: Callable[..., Flask]) -> None:
    """With a real mail server nobody reads other people's mail here."""
    app = make_app(MAIL_URL="smtp://127.0.0.1:9")
    assert app.test_client().get("/mail").status_code == 404


def test_follow_buttons_say_where_one_stands(app: Flask, present: World, signed_in: SignIn) -> None:
    """The button of a campaign's page knows whether it, its company or everything is followed."""
    from tracker.accounts.models import Account
    from tracker.companies.models import Company
    from tracker.digests import queries, service

    client = signed_in(Role.VIEWER)
    with app.app_context():
        campaign = present.campaign()
        account, found = db.session.get_one(Account, client.account_id), db.session.get_one(Campaign, campaign)
        company = db.session.scalars(sa.select(Company)).one()
        template = app.jinja_env.from_string(
            "{% from 'digests/_follow.html' import follow_button %}{{ follow_button(state, campaign=campaign) }}"
        )

        def button() -> str:
            state = queries.following(account, campaign=found)
            with app.test_request_context():
                return str(template.render(state=state, campaign=found))

        assert ">Follow<" in button()
        subscription = service.follow(account, now=MONDAY, company=company)
        db.session.flush()
        assert "Stop following" in button()
        assert "You follow its company." in button()
        service.stop_campaign(subscription.subscriber, found, now=MONDAY)
        assert ">Follow<" in button()
