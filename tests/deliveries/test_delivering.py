"""A letter is delivered: frozen, printed as each signer chose to appear, and told to those who wished to hear."""

import datetime as dt
import io
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from tests.signatures.signing import ADDRESS, NAME, SLUG, lead, letter, open_letter, signed
from tests.support.accounts import SignedIn
from tests.support.killing import killed_at_commit
from tests.support.mails import outbox
from tests.support.pages import submit, visit
from tracker import clock
from tracker.accounts.models import AccessRecord, Reading
from tracker.campaigns.models import CampaignText, Stage, Visibility
from tracker.db import db, transaction
from tracker.deliveries import packet, sending, service, typesetting
from tracker.deliveries.models import Delivery, SignerUpdate, UpdateState, Way
from tracker.deliveries.packet import blocks
from tracker.deliveries.service import DeliveryError, Handed
from tracker.mail.models import Email, EmailKind
from tracker.signatures.models import Signatory
from tracker.timeline.models import TimelineEntry

HERE = f"/campaigns/{SLUG}/delivery"
UPDATES = EmailKind.UPDATE
MARKUP = 'We ask: #eval("1+1") $x$ `code` <b>\n\n1. **Stop**\n2. Say *why*\n'


def leading(app: Flask, signed_in: Callable[..., SignedIn]) -> SignedIn:
    with app.app_context():
        with transaction():
            lead().may_export = True
        number = lead().id
    return signed_in(account_id=number)


def people(app: Flask, client: FlaskClient) -> dict[str, str]:
    """Three who signed: by name and wishing to hear, by initials and wishing, only counted and not wishing."""
    open_letter(app)
    return {
        "named": signed(client, app, office="Nurse", updates="y"),
        "initials": signed(
            client, app, email="i@example.org", name="Ina Initials", appearance="initials", office="Baker", updates="y"
        ),
        "counted": signed(client, app, email="c@example.org", name="Cas Counted", appearance="counted"),
    }


def test_delivered_frozen_and_printed(app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]) -> None:
    """The text is frozen with the number of the day; the packet has each as they chose, as a page and as PDF, and is in
    the access record; who withdraws is in no later one. What was typed is never read as a program."""
    receipts = people(app, client)
    with app.app_context(), transaction():
        letter().texts[0].body = MARKUP
    team = leading(app, signed_in)
    assert (
        "still to come"
        in submit(
            team, HERE, "form[action$=delivery]", delivered_on="2999-01-01", receiver="The board", status=422
        ).text
    )
    submit(team, HERE, "form[action$=delivery]", receiver="The board", way="post", receipt="RR123")
    with app.app_context():
        made = db.session.scalars(sa.select(Delivery)).one()
        assert (made.receiver, made.way, made.receipt, made.number) == ("The board", Way.POST, "RR123", 3)
        assert letter().stage is Stage.DELIVERED and letter().texts[0].frozen_at is not None
        assert "The board" in repr([vars(one) for one in db.session.scalars(sa.select(TimelineEntry))])
    page = visit(team, f"{HERE}/packet", method="POST", data={"format": "print"})
    assert f"{NAME}, Nurse" in page.text and "I. I., Baker" in page.text and "and 1 who chose" in page.text
    for hidden in ("Ina", "Cas", ADDRESS):
        assert hidden not in page.html
    answer = team.post(f"{HERE}/packet", data={"format": "pdf"})
    assert answer.mimetype == "application/pdf" and "no-store" in answer.headers["Cache-Control"]
    reader = PdfReader(io.BytesIO(answer.get_data()))
    words = " ".join(page.extract_text() for page in reader.pages)
    assert (
        "3 signatories" in words and "I. I., Baker" in words and '#eval("1+1") $x$' in words and "2. Say why" in words
    )
    assert not [one for one in ("Ina", "Cas", ADDRESS) if one in words]
    assert reader.metadata is not None and not reader.metadata.author, "no organiser is named"
    assert "Lead" not in str(reader.metadata) + words
    with app.app_context():
        exported = db.session.scalars(sa.select(AccessRecord).where(AccessRecord.reading == Reading.EXPORTED)).all()
        assert [one.count for one in exported] == [2, 2]
    submit(client, receipts["named"], "form[action$=withdraw]")
    assert NAME not in visit(team, f"{HERE}/packet", method="POST", data={"format": "print"}).html
    submit(team, HERE, "form[action$=receipt]", receipt="Taken by the porter")
    assert "Taken by the porter" in visit(team, HERE).text
    submit(team, HERE, "form[action$=remove]")
    with app.app_context():
        assert "porter" not in repr([vars(one) for one in db.session.scalars(sa.select(Delivery))])


def test_the_packet_needs_the_right_to_export(
    app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]
) -> None:
    """Whoever leads but may not export gets none, and reads why."""
    open_letter(app)
    with app.app_context():
        number = lead().id
    team = signed_in(account_id=number)
    assert "right to export" in visit(team, HERE).text
    visit(team, f"{HERE}/packet", method="POST", data={"format": "pdf"}, status=403)


def test_what_cannot_be_set_leaves_a_way_on(
    app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Typst takes too long: said in words on the page, with the page to print beside them; no export is recorded."""
    people(app, client)
    team = leading(app, signed_in)
    monkeypatch.setattr(typesetting, "SECONDS", 0.001)
    page = visit(team, f"{HERE}/packet", method="POST", data={"format": "pdf"}, status=503)
    assert "The PDF could not be made" in page.select_one("[role=alert]").text
    with app.app_context():
        assert db.session.scalars(sa.select(AccessRecord)).all() == []
    way_on = page.form("[role=alert] form:has([value=print])")
    assert NAME in visit(team, f"{HERE}/packet", method="POST", data=way_on).text


def test_those_who_wished_hear_once(app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]) -> None:
    """Each who wished gets one mail with the words and a way out by one press, which opening does not press; no address
    is on any page; who pressed hears no more, and the signature stays."""
    people(app, client)
    team = leading(app, signed_in)
    assert "At most 600" in submit(team, HERE, "form[action$=update]", words="x" * 601, status=422).text
    page = submit(team, HERE, "form[action$=update]", words="They answered: <no>.")
    assert "2 signers wish" in page.text and "example.org" not in page.select_one("main").get_text()
    with app.app_context():
        assert sending.work() == 2 and sending.work() == 0
        assert db.session.scalars(sa.select(SignerUpdate.state)).one() is UpdateState.SENT
    mail = outbox(app, ADDRESS)[-1]
    assert mail.subject == "News of “Letter”" and "They answered: <no>." in mail.text
    assert not [one for one in outbox(app, "c@example.org") if "News" in one.subject]
    assert "They answered: <no>." in visit(client, mail.path("receipt")).text
    way_out = mail.path("unsubscribe")
    visit(client, way_out)
    with app.app_context():
        assert len([one for one in outbox(app, "i@example.org") if "News" in one.subject]) == 1
    answer = app.test_client().post(way_out, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "1 signer wishes" in visit(team, HERE).text and "3" in visit(client, f"/c/{SLUG}").text
    assert app.test_client().post(way_out).status_code == 200, "twice is once"
    page = visit(client, way_out)
    assert page.heading == "You hear no more of it"
    assert "You hear of it again" in submit(client, way_out, "form[action$=again]").text
    assert "2 signers wish" in visit(team, HERE).text
    assert submit(client, way_out, "form").heading == "You hear no more of it"
    submit(client, mail.path("receipt"), "form[action$=withdraw]")
    visit(client, way_out, status=410)
    answer = app.test_client().post(f"{way_out}/again")
    assert "Nothing comes from here" in answer.get_data(as_text=True), "who signs no more hears no more"
    visit(client, way_out[:-3] + "xyz", status=410)


@pytest.mark.each_database
def test_killed_half_way_nobody_hears_twice(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that dies leaves a batch written whole or not at all; in a campaign that may not be named the mail has
    neither its title nor the words."""
    monkeypatch.setattr(sending, "BITE", 2)
    open_letter(app, protected=True, visibility=Visibility.LINK)
    with app.app_context(), transaction():
        from tracker.signatures.models import Appearance
        from tracker.signatures.people import Person
        from tracker.signatures.service import add_signatory

        for number in range(5):
            add_signatory(
                letter(), Person(f"P {number}", address=f"p{number}@example.org"), appearance=Appearance.COUNTED,
                wishes_updates=True, actor=lead(), now=clock.now(),
            )  # fmt: skip
        service.send_update(letter(), "Secret words of the team", actor=lead(), now=clock.now())
    assert killed_at_commit(app, 2, sending.work)
    with app.app_context():
        sending.work()
        receivers = db.session.scalars(sa.select(Email.recipient_hash).where(Email.kind == UPDATES)).all()
        assert len(receivers) == len(set(receivers)) == 5
    text = outbox(app, "p0@example.org")[-1].text
    assert "Secret words" not in text and "Letter" not in text.replace("letter", "")


def test_what_cannot_be(app: Flask) -> None:
    """Said in words: no text, nobody to hear."""
    open_letter(app)
    with app.app_context():
        with transaction(), pytest.raises(DeliveryError, match="wished to hear"):
            service.send_update(letter(), "Hello", actor=lead(), now=clock.now())
        with transaction():
            db.session.execute(sa.delete(CampaignText))
        handed = Handed(dt.date(2026, 1, 1), Way.POST, "The board")
        with transaction(), pytest.raises(DeliveryError, match="no text"):
            service.record_delivery(letter(), handed, actor=lead(), now=clock.now())
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Signatory)) == 0


def test_a_letter_in_blocks() -> None:
    """Paragraphs, headings, nested lists with their numbers, weights."""
    made = blocks("# We\n\nfirst **bold**\nsecond\n\n3. three\n   - inner\n4. four\n")
    assert [(one["kind"], one.get("mark")) for one in made] == [
        ("heading", None), ("paragraph", None), ("item", "3."), ("item", "•"), ("item", "4."),
    ]  # fmt: skip
    runs = made[1]["runs"]
    assert isinstance(runs, list) and [(one["text"], one["strong"]) for one in runs if one["text"].strip()] == [
        ("first ", False), ("bold", True), ("second", False),
    ]  # fmt: skip


def test_a_packet_of_many_comes_in_parts(
    app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each name stands in one part, the letter in the first, who is only counted in the last; another there is not."""
    monkeypatch.setattr(packet, "MOST", 1)
    people(app, client)
    team = leading(app, signed_in)
    page = visit(team, HERE)
    assert "Part 1 of 2" in page.text and "Part 3" not in page.text
    names, letters = {1: "I. I., Baker", 2: f"{NAME}, Nurse"}, []
    found = {}
    for part in names:
        page = visit(team, f"{HERE}/packet", method="POST", data={"format": "print", "part": part})
        assert f"Part {part} of 2: names {part} to {part}" in page.text and "3 signatories" in page.text
        assert ("and 1 who chose" in page.text) is (part == 2)
        found[part] = {name for name in names.values() if name in page.text}
        letters.append(page.select(".letter") != [])
        answer = team.post(f"{HERE}/packet", data={"format": "pdf", "part": part})
        assert f"-{part}-of-2.pdf" in answer.headers["Content-Disposition"]
        words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.get_data())).pages)
        assert {name for name in names.values() if name in words} == found[part]
    assert letters == [True, False]
    assert sorted(map(len, found.values())) == [1, 1] and found[1] != found[2]
    assert team.post(f"{HERE}/packet", data={"format": "pdf", "part": 3}).status_code == 404
    with app.app_context():
        exported = db.session.scalars(sa.select(AccessRecord).where(AccessRecord.reading == Reading.EXPORTED)).all()
        assert [one.count for one in exported] == [1] * 4
        assert "part 2 of 2" in exported[-1].reason
