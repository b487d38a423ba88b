"""The receipt: a signer sees, hides, withdraws and erases without an account, and nobody else does it for them."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.signing import ADDRESS, NAME, SLUG, lead, letter, number_of, open_letter, rows, sign, signed
from tests.support.mails import outbox
from tests.support.pages import submit, visit
from tracker import clock
from tracker.campaigns.models import CampaignText
from tracker.db import db, transaction
from tracker.mail.models import Email
from tracker.sealing import campaign_keys, destroy_campaign_keys
from tracker.signatures import receipts, service
from tracker.signatures.models import Signatory, Signature
from tracker.signatures.queries import counts
from tracker.signatures.service import SignatureError
from tracker.signatures.signings import SigningRequest
from tracker.timeline.models import Revision, TimelineEntry


def test_more_or_less_visible_by_own_choice(app: Flask, client: FlaskClient) -> None:
    """The signer may be shown less and then more again; the organisers only less."""
    open_letter(app)
    receipt = signed(client, app, appearance="counted")
    assert NAME not in visit(client, f"/c/{SLUG}").html
    page = submit(client, receipt, "form[action$=appearance]", appearance="named", updates="y")
    assert "Saved" in page.text
    assert NAME in visit(client, f"/c/{SLUG}").text
    submit(client, receipt, "form[action$=appearance]", appearance="initials")
    public = visit(client, f"/c/{SLUG}")
    assert NAME not in public.html and "Z. P." in public.text
    with app.app_context(), transaction():
        signature = db.session.scalars(sa.select(Signature)).one()
        assert signature.wishes_updates
        with pytest.raises(SignatureError):
            service.change_appearance(
                signature, type(signature.appearance).NAMED, by_signer=False, actor=lead(), now=clock.now()
            )


@pytest.mark.each_database
def test_withdrawn_and_signed_again(app: Flask, client: FlaskClient) -> None:
    """A withdrawn signature counts no more and is shown nowhere; its signer alone can sign again."""
    open_letter(app)
    receipt = signed(client, app)
    page = submit(client, receipt, "form[action$=withdraw]")
    assert "Withdrawn" in page.text
    assert "0" not in page.heading and NAME not in visit(client, f"/c/{SLUG}").html
    with app.app_context():
        assert counts(letter()).here == 0
    visit(client, f"{receipt}/withdraw", method="POST")
    assert submit(client, receipt, "form[action$=again]", status=422).has("[aria-invalid]")
    submit(client, receipt, "form[action$=again]", consent="y")
    assert rows(app) == [("confirmed", "named", "signer", "2026-12", 1)]
    assert NAME in visit(client, f"/c/{SLUG}").text


def test_opening_a_receipt_changes_nothing(app: Flask, client: FlaskClient) -> None:
    """A receipt's link may be opened by every scanner there is: only buttons do anything."""
    open_letter(app)
    receipt = signed(client, app)
    before = rows(app)
    for _scanner in range(3):
        visit(client, receipt)
        for verb in ("appearance", "withdraw", "again", "erase"):
            assert client.get(f"{receipt}/{verb}").status_code == 405
    assert rows(app) == before


def test_whose_receipt_it_is(app: Flask, client: FlaskClient) -> None:
    """A link altered by one character, or meant for another purpose, opens nothing; a stolen database makes none."""
    open_letter(app)
    receipt = signed(client, app)
    sign(client, app, email="other@example.org")
    confirm = outbox(app, "other@example.org")[0].path("confirm")
    token = receipt.rpartition("/")[2]
    last = "0" if token[-1] != "0" else "1"
    for bad in (token[:-1] + last, token[:16], confirm.rpartition("/")[2], token.upper()):
        assert visit(client, f"/signed/{bad}", status=410).heading == "Nothing here"
        visit(client, f"/signed/{bad}/withdraw", method="POST", status=410)
    visit(client, f"/sign/{token}", status=410)
    with app.app_context():
        keys = campaign_keys(letter().public_id, now=clock.now())
        other_purpose = receipts.token(token[:16], receipts.CONFIRM, keys)
    visit(client, f"/signed/{other_purpose}", status=410)
    headers = visit(client, receipt).response.headers
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert "noindex" in headers["X-Robots-Tag"] and "Set-Cookie" not in headers
    with app.app_context():
        destroy_campaign_keys(letter().public_id, now=clock.now())
    visit(client, receipt, status=410)


@pytest.mark.parametrize("protected", [False, True])
def test_erased(app: Flask, client: FlaskClient, instance: Path, protected: bool) -> None:
    """Everything kept of a signer is destroyed, also in the database's files, what waited, and who was mailed; a
    tombstone stays, and the same address can begin anew."""
    open_letter(app, protected=protected)
    receipt = signed(client, app, office="Rare-Role-Planted")
    sign(client, app, name="Zoë Planted-Name the Second")
    page = submit(client, receipt, "form[action$=erase]", status=422)
    assert page.has("[aria-invalid]") and number_of(app, SigningRequest) == 1
    page = submit(client, receipt, "form[action$=erase]", sure="y")
    assert page.heading == "Erased"
    visit(client, receipt, status=410)
    with app.app_context():
        row = db.session.scalars(sa.select(Signatory)).one()
        assert row.erased_at and not any([row.name, row.office, row.address_sealed, row.address_hash, row.name_sealed])
        assert counts(letter()).here == 0
        assert set(db.session.scalars(sa.select(Email.recipient_sealed))) == {None}
        assert set(db.session.scalars(sa.select(Email.recipient_hash))) == {""}
    assert number_of(app, SigningRequest) == 0
    assert NAME not in visit(client, f"/c/{SLUG}").html
    for file in instance.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            for planted in (NAME, ADDRESS, "Rare-Role-Planted"):
                assert planted.encode() not in content, f"{planted} in {file.name}"
    signed(client, app)
    assert [status for status, *_rest in rows(app)] == ["invalidated", "confirmed"]


def test_erased_for_an_organisation(app: Flask, client: FlaskClient) -> None:
    """Who signed for an organisation is forgotten with it, also what they typed and never confirmed."""
    open_letter(app, takes_organisations=True)
    typed = {"kind": "organisation", "name": NAME, "affiliation": "Engines"}
    receipt = signed(client, app, **typed)
    sign(client, app, **{**typed, "name": "Zoë Planted-Name the Second"})
    assert number_of(app, SigningRequest) == 1
    submit(client, receipt, "form[action$=erase]", sure="y")
    assert number_of(app, SigningRequest) == 0


def test_asked_again_after_a_change_of_substance(app: Flask, client: FlaskClient) -> None:
    """A signature stays with the text it was given to; its signer is offered the new one, and a mended comma asks
    nobody."""
    open_letter(app)
    receipt = signed(client, app)
    with app.app_context(), transaction():
        db.session.add(
            CampaignText(campaign=letter(), number=2, body="A comma.", is_substantive=False, recorded_at=clock.now())
        )
    assert not visit(client, receipt).has("form[action$=again]")
    with app.app_context(), transaction():
        db.session.add(CampaignText(campaign=letter(), number=3, body="More is asked.", recorded_at=clock.now()))
    page = visit(client, receipt)
    assert "changed in substance" in page.text and "More is asked." in page.text
    submit(client, receipt, "form[action$=again]", consent="y")
    assert [row[-1] for row in rows(app)] == [1, 3]
    with app.app_context():
        assert counts(letter()).here == 1


def test_found_invalid(app: Flask, client: FlaskClient) -> None:
    """What the organisers found to be no signature is said on its receipt, and its signer cannot make it count."""
    open_letter(app)
    receipt = signed(client, app)
    with app.app_context(), transaction():
        signature = db.session.scalars(sa.select(Signature)).one()
        service.invalidate_signature(signature, reason="forged", actor=lead(), now=clock.now())
    page = visit(client, receipt)
    assert "does not count" in page.text and not page.has("form[action$=again]") and "forged" not in page.text
    visit(client, f"{receipt}/again", method="POST", data={"consent": "y"}, status=422)
    sign(client, app)
    assert [row[0] for row in rows(app)] == ["invalidated"]


def test_withdrawn_while_found_invalid(app: Flask, client: FlaskClient) -> None:
    """Who was found invalid can withdraw, twice too; found valid after all it stays withdrawn, until its signer signs
    again. The withdrawal makes no way around what the organisers found."""
    open_letter(app)
    receipt = signed(client, app)
    with app.app_context(), transaction():
        signature = db.session.scalars(sa.select(Signature)).one()
        service.invalidate_signature(signature, reason="forged", actor=lead(), now=clock.now())
    assert "stays withdrawn" in submit(client, receipt, "form[action$=withdraw]").text
    assert not visit(client, receipt).has("form[action$=withdraw]")
    visit(client, f"{receipt}/withdraw", method="POST")
    visit(client, f"{receipt}/again", method="POST", data={"consent": "y"}, status=422)
    assert [row[0] for row in rows(app)] == ["invalidated"]
    with app.app_context(), transaction():
        signature = db.session.scalars(sa.select(Signature)).one()
        service.reinstate_signature(signature, actor=lead(), now=clock.now())
    assert [row[0] for row in rows(app)] == ["withdrawn"]
    submit(client, receipt, "form[action$=again]", consent="y")
    assert [row[0] for row in rows(app)] == ["confirmed"]


def test_the_history_names_nobody(app: Flask, client: FlaskClient) -> None:
    """Whatever a signer does, no entry and no change of field tells who it was."""
    open_letter(app)
    receipt = signed(client, app, office="Rare-Role-Planted")
    submit(client, receipt, "form[action$=appearance]", appearance="initials")
    submit(client, receipt, "form[action$=withdraw]")
    submit(client, receipt, "form[action$=again]", consent="y")
    submit(client, receipt, "form[action$=erase]", sure="y")
    with app.app_context():
        told = [str(vars(row)) for model in (Revision, TimelineEntry) for row in db.session.scalars(sa.select(model))]
    for planted in ("Planted", ADDRESS):
        assert not [one for one in told if planted in one]


def test_signed_on_the_campaigns_own_day(app: Flask, client: FlaskClient) -> None:
    """The day of a signature is the campaign's, wherever its signer is."""
    open_letter(app)
    with app.app_context(), transaction():
        letter().zone = "Pacific/Kiritimati"
    signed(client, app)
    with app.app_context():
        on: Any = db.session.scalars(sa.select(Signature.signed_on)).one()
    assert on == (clock.now() + dt.timedelta(hours=14)).date()
