"""The page of the form is kept ready in the process, and nobody could tell: it is never other than made anew."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.signing import LINK, SLUG, lead, letter, number_of, open_letter, sign, stamp, typed
from tests.support.accounts import forget_tries
from tests.support.mails import outbox
from tests.support.pages import counted_queries
from tracker import clock
from tracker.campaigns.models import CampaignText, Stage, Visibility
from tracker.db import db, transaction
from tracker.signatures import service
from tracker.signatures.models import SignatoryKind
from tracker.signatures.service import FormAsks
from tracker.signatures.signings import Signing, SigningRequest

PATH = f"/c/{SLUG}/sign"


def page(client: FlaskClient, path: str = PATH) -> tuple[int, str]:
    """Its status and its bytes, without the moment at which it was opened."""
    answer = client.get(path)
    return answer.status_code, re.sub(r'value="\d+\.[0-9a-f]+"', "", answer.get_data(as_text=True))


def rename() -> None:
    letter().title = "Another name"


def hide() -> None:
    letter().visibility = Visibility.MEMBERS


def remove() -> None:
    letter().deleted_at = clock.now()


def conclude() -> None:
    letter().stage = Stage.CONCLUDED


def forbid_names() -> None:
    letter().allows_public_names = False


def protect() -> None:
    letter().is_protected = True


def close() -> None:
    service.close_signing(letter(), actor=lead(), now=clock.now())


def ask_more() -> None:
    service.set_up_signing(
        letter(), FormAsks(takes_organisations=True, offers_updates=False), seen=None, actor=lead(), now=clock.now()
    )


def rewrite() -> None:
    db.session.add(CampaignText(campaign_id=letter().id, number=9, body="Other words.", recorded_at=clock.now()))


def redact() -> None:
    db.session.execute(sa.update(CampaignText).values(body="…"))


@pytest.mark.parametrize(
    "change", [rename, hide, remove, conclude, forbid_names, protect, close, ask_more, rewrite, redact]
)
def test_a_change_shows_at_once(app: Flask, client: FlaskClient, change: Callable[[], None]) -> None:
    """Whatever changes of campaign, form or text, the next page is another, and the very one that is made anew."""
    open_letter(app)
    before = page(client)
    assert page(client) == before
    with app.app_context(), transaction():
        change()
    after = page(client)
    app.extensions["signatures.ready"].clear()
    assert after == page(client) != before


def test_it_closes_at_midnight(app: Flask, client: FlaskClient) -> None:
    """Nothing is written when the last day is over, and yet the form is gone."""
    open_letter(app, closes_on=clock.now().date())
    assert "sign-form" in page(client)[1]
    with time_machine.travel(clock.now() + dt.timedelta(days=1)):
        assert "sign-form" not in page(client)[1]


def test_each_opening_has_its_moment(app: Flask, client: FlaskClient) -> None:
    """The page is kept, not when it was opened; and no key of a form, by which two signers could be told together."""
    open_letter(app)
    found = client.get(PATH).get_data(as_text=True)
    assert re.findall(r'name="stamp"[^>]*value="(\d+)\.', found) and "form_key" not in found


def test_a_reader_with_a_session_gets_a_page_of_their_own(app: Flask, client: FlaskClient) -> None:
    """What is said to one reader is not kept for the next."""
    open_letter(app)
    with client.session_transaction() as session:
        session["_flashes"] = [("info", "Only for you")]
    assert "Only for you" in page(client)[1]
    assert "Only for you" not in page(app.test_client())[1]


def test_a_secret_address_stays_one(app: Flask, client: FlaskClient) -> None:
    """A page by link carries the headers of a secret address each time, and leads nowhere once the link is renewed."""
    open_letter(app, visibility=Visibility.LINK)
    for _again in range(2):
        answer = client.get(f"/c/{LINK}/sign")
        assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
    with app.app_context(), transaction():
        letter().link_token = "another-that-nobody-guesses"
    assert client.get(f"/c/{LINK}/sign").status_code == 404


def test_few_statements(app: Flask, client: FlaskClient) -> None:
    """A page that is ready asks one question; a form that is sent asks and writes six times, keys and mail included."""
    open_letter(app)
    forget_tries()
    sign(client, app, email="first@example.org")  # makes the campaign's keys
    data = typed(stamp=stamp(app), text=text_id(app))
    with counted_queries() as opened:
        client.get(PATH)
    with counted_queries() as sent:
        assert client.post(PATH, data=data).status_code == 303
    asked = [one for one in opened + sent if not one.startswith("BEGIN")]
    assert (len(asked), len(outbox(app))) == (7, 2), asked


def test_a_form_that_asks_more_by_now(app: Flask, client: FlaskClient) -> None:
    """Another process changed what is asked since this one made its page: what was typed there is taken whole."""
    open_letter(app)
    page(client)
    with app.app_context(), transaction():
        db.session.execute(sa.update(Signing).values(takes_organisations=True))
    forget_tries()
    data = typed(stamp=stamp(app), text=text_id(app), kind="organisation", affiliation="Made-up Union")
    assert client.post(PATH, data=data).status_code == 303
    with app.app_context():
        waiting = db.session.scalars(sa.select(SigningRequest)).one()
        assert service.wish_of(waiting, now=clock.now()).kind is SignatoryKind.ORGANISATION


def text_id(app: Flask) -> str:
    """Which text the form stands below."""
    with app.app_context():
        return str(db.session.scalars(sa.select(CampaignText.id)).one())


def test_hidden_between_reading_and_sending(app: Flask, client: FlaskClient) -> None:
    """Whoever filled in the form while the campaign was hidden from outsiders finds nothing there."""
    open_letter(app)
    page(client)
    data = typed(stamp=stamp(app), text=text_id(app))
    with app.app_context(), transaction():
        hide()
    assert client.post(PATH, data=data).status_code == 404
    assert number_of(app, SigningRequest) == 0
