"""Somebody signs on a campaign's page: asked by mail, confirmed by a button, counted and shown as they chose."""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.signing import (
    ADDRESS,
    LINK,
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
from tests.support.accounts import forget_tries
from tests.support.mails import outbox
from tests.support.pages import counted_queries, submit, visit
from tracker import clock
from tracker.campaigns.models import CampaignText, Stage, Visibility
from tracker.db import db, transaction
from tracker.mail.models import Email, EmailState
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
    assert rows(app) == [("confirmed", "named", "signer", "2026-11", 1)]
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


def test_the_same_answer_for_everybody(app: Flask, client: FlaskClient) -> None:
    """New, signed already, withdrawn, found invalid, not to be mailed: the answer is equal to the byte and as many
    statements are made; the mailbox learns the difference."""
    open_letter(app)
    states = ("new", "signed", "withdrew", "invalid", "blocked")
    for state in states[1:4]:
        path = signed(client, app, email=f"{state}@example.org")
        if state == "withdrew":
            submit(client, path, "form[action$=withdraw]")
    with app.app_context(), transaction():
        keys_hash = db.session.scalars(sa.select(Signatory).order_by(Signatory.id.desc())).first()
        assert keys_hash is not None
        service.invalidate_signature(keys_hash.signatures[0], reason="forged", actor=lead(), now=clock.now())
        from tracker.mail import outbox as mails
        from tracker.sealing import keyring

        mails.suppress(keyring().address_hash("blocked@example.org"), "it bounced", now=clock.now())
    answers, statements = set(), {}
    for state in states:
        forget_tries()
        data = {**visit(client, f"/c/{SLUG}/sign").form("form.sign-form"), **typed(), "stamp": stamp(app)}
        data |= {"email": f"{state}@example.org", "name": "Somebody Else"}
        with counted_queries() as made:
            answer = client.post(f"/c/{SLUG}/sign", data=data)
        follows = client.get(answer.location)
        answers.add((answer.status_code, answer.location, follows.get_data()))
        statements[state] = len(made)
    assert len(answers) == 1
    assert max(statements.values()) - min(statements.values()) <= 2, statements
    newest = {state: outbox(app, f"{state}@example.org")[-1].subject for state in states}
    assert newest["new"] == newest["withdrew"] == newest["blocked"] == "Did you sign “Letter”?"
    assert newest["signed"] == newest["invalid"] == "You signed “Letter” already"
    with app.app_context():
        blocked = db.session.scalars(sa.select(Email).order_by(Email.id.desc())).first()
        assert blocked is not None and blocked.state is EmailState.FAILED


def test_somebody_else_changes_nothing(app: Flask, client: FlaskClient) -> None:
    """Who types another's address changes nothing of their signature: only the mailbox's owner could."""
    open_letter(app)
    signed(client, app, appearance="counted")
    sign(client, app, name="Mallory Example", appearance="named")
    assert rows(app) == [("confirmed", "counted", "signer", "2026-11", 1)]
    page = visit(client, f"/c/{SLUG}")
    assert "Mallory" not in page.html and NAME not in page.html
    assert "1 signed and chose only to be counted." in page.text


def test_five_mails_a_day(app: Flask, client: FlaskClient) -> None:
    """Whoever types somebody's address again and again fills no mailbox, and is told nothing of it."""
    open_letter(app)
    for again in range(8):
        assert sign(client, app, name=f"Name {again}").heading == "Look into your mailbox"
    with app.app_context():
        states = list(db.session.scalars(sa.select(Email.state)))
    assert states.count(EmailState.PENDING) == 5
    assert states.count(EmailState.CANCELLED) == 3


def test_the_same_form_again(app: Flask, client: FlaskClient) -> None:
    """Sent twice, a form is one request and one mail; sent once more later, its mail comes again with the same link."""
    open_letter(app)
    sign(client, app)
    sign(client, app)
    assert (number_of(app, SigningRequest), len(outbox(app))) == (1, 1)
    with app.app_context(), transaction():
        db.session.execute(sa.update(SigningRequest).values(mailed_at=clock.now() - dt.timedelta(minutes=2)))
    sign(client, app)
    first, second = outbox(app)
    assert first.links == second.links
    assert number_of(app, SigningRequest) == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"remarks": "buy now"}, "people do not see"),
        ({"stamp": ""}, "open for long"),
        ({"stamp": "1700000000.made-up"}, "open for long"),
    ],
)
def test_robots_get_the_form_back(app: Flask, client: FlaskClient, values: dict[str, Any], words: str) -> None:
    """A form without our stamp, or with the hidden field filled, is shown once more, and can be sent then."""
    open_letter(app)
    page = sign(client, app, status=422, **values)
    assert words in page.text and number_of(app, SigningRequest) == 0
    form = page.form("form.sign-form")
    assert (form["name"], form["remarks"]) == (NAME, "")


def test_too_quick_and_too_old(app: Flask, client: FlaskClient) -> None:
    """A form sent at once, or after a day, is shown once more."""
    open_letter(app)
    for age, words in ((dt.timedelta(0), "very quick"), (dt.timedelta(hours=13), "open for long")):
        assert words in sign(client, app, status=422, stamp=stamp(app, age)).text
    assert number_of(app, SigningRequest) == 0


def test_a_network_has_its_limit(app: Flask, client: FlaskClient) -> None:
    """Too many forms from one network are refused for a while."""
    open_letter(app)
    forget_tries()
    data = typed(stamp=stamp(app))
    answers = [client.post(f"/c/{SLUG}/sign", data=data).status_code for _again in range(25)]
    assert answers[-1] == 429 and 429 not in answers[:20]
    forget_tries()


def test_by_link(app: Flask, client: FlaskClient) -> None:
    """By its link a letter is signed too: neither page nor mail says which campaign it is, and no name is shown."""
    open_letter(app, protected=True, visibility=Visibility.LINK)
    page = visit(client, f"/c/{LINK}")
    assert page.has("form.sign-form") and page.response.headers["Referrer-Policy"] == "no-referrer"
    visit(client, f"/c/{SLUG}/sign", status=404)
    asked = sign(client, app, key=LINK)
    assert asked.response.headers["Cache-Control"] == "no-store"
    confirm(client, app)
    for mail in outbox(app):
        assert "Letter" not in mail.subject + mail.text + mail.html
        assert NAME not in mail.subject + mail.text + mail.html
    page = visit(client, f"/c/{LINK}")
    assert "1 signed here" in page.text and NAME not in page.html
    for path in (".json", "/counter", "/counter.svg"):
        assert client.get(f"/c/{LINK}{path}").status_code == 404
    assert client.get(f"/c/{LINK}/code.svg").status_code == 200


def test_a_mailbox_at_the_company(app: Flask, client: FlaskClient) -> None:
    """A mail to an address at the company that is asked does not say which letter it is about."""
    from tracker.campaigns.models import CampaignSubject, SubjectRole
    from tracker.companies.service import find_or_add_company

    open_letter(app)
    with app.app_context(), transaction():
        company = find_or_add_company("Example Stores, Inc.", now=clock.now())
        db.session.add(CampaignSubject(campaign=letter(), company=company, role=SubjectRole.ASKED))
    sign(client, app, email="z@examplestores.com")
    (mail,) = outbox(app)
    assert "Letter" not in mail.subject + mail.text


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
    page = visit(team, f"/campaigns/{SLUG}/signatories/{public_id}")
    assert NAME not in page.html and "Confirm: it signed" in page.text
    visit(team, f"/campaigns/{SLUG}/signatories/{public_id}/confirm", method="POST")
    assert rows(app)[0][0] == "confirmed"
    public = visit(client, f"/c/{SLUG}")
    assert "Sisters of Example" in public.text and NAME not in public.html
    page = submit(team, f"/campaigns/{SLUG}/signatories/{public_id}", "form[action$=contact]", reason="to thank them")
    assert f"{NAME}, Treasurer" in page.text
