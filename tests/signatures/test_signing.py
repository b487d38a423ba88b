"""Somebody signs on a campaign's page: asked by mail, confirmed by a button, counted and shown as they chose."""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.signing import (
    ADDRESS,
    NAME,
    SLUG,
    confirm,
    lead,
    letter,
    number_of,
    open_letter,
    rows,
    sign,
    signed,
    stamp,
    typed,
)
from tests.support.accounts import code_of, forget_tries
from tests.support.mails import outbox
from tests.support.pages import submit, visit
from tracker import clock
from tracker.campaigns.models import CampaignText, Stage, Visibility
from tracker.db import db, transaction
from tracker.signatures import service
from tracker.signatures.models import Appearance, Signatory
from tracker.signatures.people import Person
from tracker.signatures.queries import counts
from tracker.signatures.signings import Asked, SigningRequest


@pytest.mark.each_database
@pytest.mark.parametrize("protected", [False, True])
def test_signed_confirmed_and_shown(app: Flask, client: FlaskClient, protected: bool) -> None:
    """From the form to the public page; nothing counts or is shown before the button, whoever opens links."""
    open_letter(app, protected=protected)
    page = sign(client, app, office="Engineer", affiliation="Example Stores")
    assert page.heading == "Look into your mailbox"
    (mail,) = outbox(app, ADDRESS)
    for _scanner in range(3):
        assert NAME in visit(client, mail.path("confirm")).text
    assert rows(app) == [] and number_of(app, Signatory) == 0
    assert NAME not in visit(client, f"/c/{SLUG}").html
    page = confirm(client, app)
    assert page.heading == "Your signature" and NAME in page.text and ADDRESS in page.text
    assert rows(app) == [("confirmed", "named", "signer", "2026-12", 1)]
    public = visit(client, f"/c/{SLUG}")
    assert NAME in public.text and "Engineer" in public.text and "1 signed here" in public.text
    assert visit(client, mail.path("confirm"), status=410).heading == "Nothing here"
    assert [one.subject for one in outbox(app, ADDRESS)][1].startswith("You signed")
    assert number_of(app, SigningRequest) == 0


def test_the_letter_comes_first(app: Flask, client: FlaskClient) -> None:
    """On the public page stand the letter, who signed, the form; consent is unticked and nothing is chosen for one."""
    open_letter(app)
    signed(client, app)
    page = visit(client, f"/c/{SLUG}")
    order = [page.text.find(words) for words in ("We, the undersigned", NAME, "Your e-mail address")]
    assert order == sorted(order) and -1 not in order
    form = page.form("form.sign-form")
    assert "consent" not in form and "appearance" not in form and "updates" not in form
    assert "Whoever runs this server, and holds its key, can read sealed names" in page.select_one("#sign").get_text()
    assert "Set-Cookie" not in page.response.headers


@pytest.mark.parametrize(
    ("missing", "where"), [("name", "#name"), ("email", "#email"), ("consent", "#consent"), ("appearance", "")]
)
def test_nothing_is_lost_when_refused(app: Flask, client: FlaskClient, missing: str, where: str) -> None:
    """What is missing is said beside its field, and what was typed stays."""
    open_letter(app)
    page = sign(client, app, status=422, affiliation="Example Stores", **{missing: None})
    assert not where or page.has(f"{where}[aria-invalid]")
    assert page.form("form.sign-form")["affiliation"] == "Example Stores"
    assert number_of(app, SigningRequest) == 0


def test_what_the_organisers_ask(app: Flask, client: FlaskClient) -> None:
    """A field is required, optional or not there at all, as the campaign says."""
    open_letter(app, office=Asked.REQUIRED, affiliation=Asked.HIDDEN, offers_updates=False)
    form = visit(client, f"/c/{SLUG}").form("form.sign-form")
    assert "affiliation" not in form and "office" in form
    assert sign(client, app, status=422).has("#office[aria-invalid]")
    sign(client, app, office="Nurse")
    assert number_of(app, SigningRequest) == 1


def test_names_can_be_forbidden(app: Flask, client: FlaskClient) -> None:
    """Where a campaign forbids public names, nobody is offered to be shown by name."""
    open_letter(app)
    with app.app_context(), transaction():
        letter().allows_public_names = False
    assert not visit(client, f"/c/{SLUG}").has("input[name=appearance][value=named]")
    page = sign(client, app, status=422)
    assert page.status == 422 and number_of(app, SigningRequest) == 0


@pytest.mark.parametrize("how", ["closed", "over", "concluded", "binned"])
def test_closed(app: Flask, client: FlaskClient, how: str) -> None:
    """Once closed, nobody signs, also by a link that was mailed before; receipts go on working."""
    open_letter(app)
    receipt = signed(client, app)
    sign(client, app, email="late@example.org")
    mailed = outbox(app, "late@example.org")[0].path("confirm")
    data = {**typed(email="later@example.org"), "stamp": stamp(app), "text": "1"}
    with app.app_context(), transaction():
        now, made = clock.now(), letter()
        if how == "closed":
            service.close_signing(made, actor=lead(), now=now)
        elif how == "over":
            from tracker.signatures.signings import signing_of

            signing = signing_of(made)
            assert signing is not None
            signing.closes_on = now.date() - dt.timedelta(days=2)
        elif how == "concluded":
            made.stage = Stage.CONCLUDED
        else:
            made.deleted_at = now
    submit(client, mailed, status=410)
    forget_tries()
    client.post(f"/c/{SLUG}/sign", data=data)
    assert len(rows(app)) == 1 and not outbox(app, "later@example.org")
    if how != "binned":
        page = visit(client, f"/c/{SLUG}")
        assert "Signing is closed" in page.text and not page.has("form.sign-form")
    assert "With my full name" in visit(client, receipt).text


def test_a_text_that_changed_meanwhile(app: Flask, client: FlaskClient) -> None:
    """Who read another text than the present one is asked to read it again; a signature names its version."""
    open_letter(app)
    form = visit(client, f"/c/{SLUG}/sign").form("form.sign-form")
    with app.app_context(), transaction():
        db.session.add(CampaignText(campaign=letter(), number=2, body="We demand more.", recorded_at=clock.now()))
    forget_tries()
    data = {**form, **typed(), "stamp": stamp(app)}
    page = visit(client, f"/c/{SLUG}/sign", method="POST", data=data, status=422)
    assert "changed while you read it" in page.text and "We demand more." in page.text
    signed(client, app)
    assert rows(app)[0][-1] == 2


def test_a_list_and_then_the_signer(app: Flask, client: FlaskClient) -> None:
    """Whoever stands on a list and then signs is one signatory, confirmed by the signer."""
    open_letter(app)
    with app.app_context(), transaction():
        service.add_signatory(
            letter(), Person("Z. Planted", address=ADDRESS), appearance=Appearance.COUNTED, actor=lead(),
            now=clock.now(),
        )  # fmt: skip
    signed(client, app)
    with app.app_context():
        known = counts(letter())
    assert (known.confirmed, known.listed) == (1, 0)
    assert number_of(app, Signatory) == 1


def test_forgotten_in_time(app: Flask, client: FlaskClient) -> None:
    """What nobody confirmed is destroyed after a week."""
    open_letter(app)
    sign(client, app)
    with app.app_context(), transaction():
        assert service.forget_requests(clock.now() + dt.timedelta(days=6)) == 0
        assert service.forget_requests(clock.now() + dt.timedelta(days=8)) == 1


def test_opening_needs_a_text_and_a_page(app: Flask, signed_in: Any) -> None:
    """Signing opens only where somebody outside can read something; the page for it says what is missing."""
    open_letter(app)
    with app.app_context(), transaction():
        number = lead().id
        service.close_signing(letter(), actor=lead(), now=clock.now())
        letter().visibility = Visibility.MEMBERS
    client = signed_in(account_id=number)
    page = visit(client, f"/campaigns/{SLUG}/signing")
    assert "Nobody outside can reach its page" in page.text
    visit(client, f"/campaigns/{SLUG}/signing/open", method="POST")
    assert "Closed." in visit(client, f"/campaigns/{SLUG}/signing").text
    with app.app_context(), transaction():
        letter().visibility = Visibility.PUBLIC
    visit(client, f"/campaigns/{SLUG}/signing/open", method="POST")
    page = submit(client, f"/campaigns/{SLUG}/signing", "#asks form", office="required", closes_on="2199-01-01")
    assert "Open." in page.text and "2199" in page.text
    page = submit(client, f"/campaigns/{SLUG}/signing", "#asks form", status=422, closes_on="2001-01-01")
    assert "over already" in page.text


@pytest.mark.each_database
def test_an_organisation_waits_for_an_organiser(app: Flask, client: FlaskClient, signed_in: Any) -> None:
    """An institution signs through a named person, counts once an organiser confirmed it, and the person is shown
    nowhere but as contact data."""
    open_letter(app, takes_organisations=True, affiliation=Asked.HIDDEN)
    page = sign(client, app, kind="organisation", status=422)
    assert page.has("#affiliation[aria-invalid]")
    receipt = signed(client, app, kind="organisation", affiliation="Sisters of Example", office="Treasurer")
    assert rows(app)[0][0] == "pending"
    assert "The organisers confirm each organisation" in visit(client, receipt).text
    assert "Sisters of Example" not in visit(client, f"/c/{SLUG}").html
    with app.app_context():
        number = lead().id
        public_id = db.session.scalars(sa.select(Signatory.public_id)).one()
    team = signed_in(account_id=number)
    waiting = "1 organisation signed and waits for you"
    listed = visit(team, visit(team, "/").link(waiting))
    assert "Sisters of Example" in listed.text
    page = visit(team, f"/campaigns/{SLUG}/signatories/{public_id}")
    assert NAME not in page.html and "Confirm: it signed" in page.text
    visit(team, f"/campaigns/{SLUG}/signatories/{public_id}/confirm", method="POST")
    assert rows(app)[0][0] == "confirmed" and waiting not in visit(team, "/").text
    public = visit(client, f"/c/{SLUG}")
    assert "Sisters of Example" in public.text and NAME not in public.html
    asked = {"reason": "to thank them", "code": code_of()}
    page = submit(team, f"/campaigns/{SLUG}/signatories/{public_id}", "form[action$=contact]", **asked)
    assert f"{NAME}, Treasurer" in page.text
