"""A text changed in substance: both counts are shown, earlier signers are asked once, what they signed stays theirs."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.signing import SLUG, letter, open_letter, sign, signed
from tests.support.mails import outbox
from tests.support.pages import submit, visit
from tracker import clock
from tracker.campaigns.models import CampaignText
from tracker.db import db, transaction
from tracker.mail.models import Email, EmailState
from tracker.mail.outbox import suppress
from tracker.sealing import keyring
from tracker.settings import config
from tracker.signatures import queries
from tracker.signatures.service import asking_again
from tracker.signatures.service.asking_again import ask_again
from tracker.signatures.versions import TextAsking, Versions, texts_as_now, versions_of

HOUR = dt.timedelta(hours=1)


def change(app: Flask, *, in_substance: bool = True) -> None:
    """Another version of the text."""
    with app.app_context(), transaction():
        number = db.session.scalar(sa.select(sa.func.max(CampaignText.number))) or 0
        text = CampaignText(campaign_id=letter().id, number=number + 1, body=f"We, version {number + 1}.")
        text.is_substantive, text.recorded_at = in_substance, clock.now()
        db.session.add(text)


def asked(app: Flask, address: str) -> list[str]:
    """Where the mails lead that ask this address again."""
    return [mail.path("receipt") for mail in outbox(app, address) if "was changed" in mail.subject]


def both(app: Flask) -> Versions | None:
    with app.app_context():
        return versions_of(letter(), queries.counts(letter()), texts_as_now(letter()))


def run(app: Flask, hours: float) -> int:
    with app.app_context():
        return ask_again(now=clock.now() + hours * HOUR)


@pytest.mark.each_database
def test_earlier_signers_are_asked_once_and_both_counts_are_shown(app: Flask, client: FlaskClient) -> None:
    """By mail with their receipt, after the hold; who signs the new text counts there; nobody is lost."""
    open_letter(app)
    people = [f"p{number}@example.org" for number in range(3)]
    for at, address in enumerate(people):
        signed(client, app, email=address, name=f"Person {at}", appearance="counted")
    assert both(app) is None and run(app, 2) == 0
    change(app, in_substance=False)
    assert both(app) is None and run(app, 2) == 0
    change(app)
    assert run(app, 0.5) == 0, "not before the hold is over"
    assert both(app) == Versions(0, 3)
    assert run(app, 2) == 3 and run(app, 2) == 0
    assert [len(asked(app, address)) for address in people] == [1, 1, 1]
    page = visit(client, asked(app, people[0])[0])
    assert "The text was changed" in page.text and "We, version 3." in page.text
    submit(client, page.response.request.path, "form[action$=again]", consent="y")
    assert both(app) == Versions(1, 2)
    public = visit(client, f"/c/{SLUG}")
    assert "Fewer than ten have signed the text as it is now" in public.text and "3 signed here" in public.text
    found = json.loads(client.get(f"/c/{SLUG}.json").get_data())
    assert found["by_text"] == {"as_it_is_now": "fewer than 10"} and found["signed_here"]["total"] == 3
    signed(client, app, email="new@example.org", appearance="counted")
    assert both(app) == Versions(2, 2) and run(app, 2) == 0


def test_a_stranger_cannot_stop_the_question(app: Flask, client: FlaskClient) -> None:
    """Whoever knows an address can use up its mails of a day; the question about the new text goes all the same, in the
    campaign's language. Who must not be written to is not counted as asked."""
    open_letter(app)
    signed(client, app, email="p@example.org", appearance="counted")
    signed(client, app, email="never@example.org", appearance="counted")
    with app.app_context():
        most = config().durations.sign_mails_a_day
    for _again in range(most):
        sign(client, app, email="p@example.org")
    with app.app_context(), transaction():
        letter().locale = "de"
        suppress(keyring().address_hash("never@example.org"), "it bounced", now=clock.now())
    change(app)
    assert run(app, 2) == 2
    assert len(asked(app, "p@example.org")) == 1
    with app.app_context():
        assert db.session.scalars(sa.select(TextAsking.mailed)).one() == 1
        mails = db.session.scalars(sa.select(Email).order_by(Email.id.desc()).limit(2)).all()
        assert {(mail.state, mail.body.locale) for mail in mails} == {
            (EmailState.PENDING, "de"), (EmailState.FAILED, "de"),
        }  # fmt: skip


def test_a_killed_worker_asks_nobody_twice_and_an_overtaken_change_nobody(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written before it died stays written; of two changes only the newest asks; closed ones do not."""
    open_letter(app)
    people = [f"p{number}@example.org" for number in range(4)]
    for address in people:
        signed(client, app, email=address, appearance="counted")
    change(app)
    change(app)
    monkeypatch.setattr(asking_again, "AT_ONCE", 1)
    turns = iter([False] * 6)
    with app.app_context():
        begun = ask_again(now=clock.now() + 2 * HOUR, stopping=lambda: next(turns, True))
        assert 0 < begun < 4
        assert db.session.scalars(sa.select(TextAsking.lease)).all() == ["", ""]
    assert run(app, 2) == 4 - begun
    assert [len(asked(app, address)) for address in people] == [1, 1, 1, 1]
    change(app)
    with app.app_context(), transaction():
        from tracker.signatures.signings import signing_of

        signing = signing_of(letter())
        assert signing is not None
        signing.closed_at = clock.now()
    assert run(app, 2) == 0
    with app.app_context():
        assert config().durations.text_change_hold == HOUR
        assert all(row.ended_at for row in db.session.scalars(sa.select(TextAsking)))
