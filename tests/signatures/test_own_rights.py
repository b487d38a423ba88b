"""Only a signer makes their signature more visible, and only their own: whatever an organiser writes or merges."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.conftest import HERE, NOW, add, letter, organiser
from tests.signatures.signing import ADDRESS, NAME, SLUG, confirm, lead, open_letter, sign, signed
from tests.signatures.signing import letter as the_letter
from tests.support.accounts import SignedIn
from tests.support.mails import outbox
from tests.support.pages import submit, visit
from tracker import clock
from tracker.accounts.models import AccessRecord, Account, Reading
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.sealing import campaign_keys
from tracker.signatures import receipts, service
from tracker.signatures.models import Appearance, Signatory, Signature, SignatureStatus
from tracker.signatures.pairs import PairState, SignatoryPair
from tracker.signatures.people import Person, keys_of, read_contact, read_name
from tracker.signatures.queries import counts
from tracker.signatures.service import SignatureError, own

__all__ = ["letter", "organiser"]
MINE = "organiser.private@example.org"


def signer() -> Signatory:
    """Who signed by themselves."""
    return db.session.scalars(sa.select(Signatory).order_by(Signatory.id)).first() or pytest.fail("nobody signed")


@pytest.mark.parametrize("protected", [False, True], ids=["plain", "protected"])
@pytest.mark.parametrize(
    ("written", "field"),
    [
        ({"name": "Somebody’s Real Name"}, "name"),
        ({"name": ""}, "name"),
        ({"office": "Head of Payroll"}, "office"),
        ({"affiliation": "Building 7"}, "affiliation"),
        ({"address": MINE}, "address"),
    ],
)
def test_nobody_writes_what_a_signer_wrote(
    app: Flask, client: FlaskClient, protected: bool, written: dict[str, str], field: str
) -> None:
    """An organiser puts no other word into what a signer wrote: a handle never becomes a name, and no receipt of theirs
    is mailed to anybody else."""
    open_letter(app, protected=protected)
    signed(client, app, name="wren_42", office="analyst", affiliation="Engines", appearance="initials")
    with app.app_context():
        known = {"name": "wren_42", "office": "analyst", "affiliation": "Engines"}
        with pytest.raises(SignatureError) as refused, transaction():
            service.edit_signatory(
                signer(),
                Person(**{**known, **written}),
                keep_address="address" not in written,
                seen=signer().version,
                actor=lead(),
                now=clock.now(),
            )
        assert refused.value.field == field
        keys = keys_of(the_letter(), now=clock.now())
        assert read_name(signer(), keys) == Person("wren_42", "analyst", "Engines")
        assert read_contact(signer(), keys)[0] == ADDRESS


def test_what_a_signer_wrote_can_be_left_out(
    app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]
) -> None:
    """The page shows a signer's words without a field to write in, says why, and takes away what is ticked; typed into
    the request by hand, other words change nothing. What a list says can be corrected as before."""
    open_letter(app)
    receipt = signed(client, app, office="analyst", affiliation="Engines")
    with app.app_context():
        number, public_id = lead().id, signer().public_id
        listed = add(the_letter(), lead(), "Adda Lovelace").public_id
    team = signed_in(account_id=number)
    page = visit(team, f"{HERE}/{public_id}/edit")
    assert not page.has("input[name=name]") and not page.has("input[name=address]")
    assert NAME in page.text and "wrote this" in page.text and "kept, sealed" in page.text
    submit(team, f"{HERE}/{public_id}/edit", drop_office="y")
    own_page = visit(client, receipt)
    assert "analyst" not in own_page.text and "Engines" in own_page.text and ADDRESS in own_page.text
    forged = {**visit(team, f"{HERE}/{public_id}/edit").form(), "name": "Real Name", "address": MINE, "office": "Boss"}
    visit(team, f"{HERE}/{public_id}/edit", method="POST", data=forged)
    own_page = visit(client, receipt)
    assert NAME in own_page.text and MINE not in own_page.text and "Boss" not in own_page.text
    submit(team, f"{HERE}/{public_id}/edit", drop_affiliation="y", drop_address="y")
    own_page = visit(client, receipt)
    assert "Engines" not in own_page.text and ADDRESS not in own_page.text and NAME in own_page.text
    assert submit(team, f"{HERE}/{listed}/edit", name="Ada Lovelace", address=MINE).heading == "Ada Lovelace"


def test_another_address_is_a_look_at_what_it_may_read(letter: Campaign, organiser: Account) -> None:
    """Whoever has the address of a row has its receipt, which shows phone and profile: only who may see contact data
    writes another one where these are kept, and the access record says so."""
    listed = add(letter, organiser, "Ada Lovelace", address="ada@example.org", link="linkedin.com/in/ada")

    def write_mine() -> None:
        with transaction():
            service.edit_signatory(
                listed, Person("Ada Lovelace", address=MINE), keep_address=False, seen=listed.version,
                actor=organiser, now=NOW,
            )  # fmt: skip

    with pytest.raises(SignatureError) as refused:
        write_mine()
    assert refused.value.field == "address" and not db.session.scalars(sa.select(AccessRecord)).all()
    with transaction():
        organiser.may_see_contacts = True
    write_mine()
    record = db.session.scalars(sa.select(AccessRecord)).one()
    assert (record.reading, record.count, record.account_id) == (Reading.VIEWED, 1, organiser.id)


def merged(app: Flask, client: FlaskClient, **values: str) -> tuple[str, str]:
    """A stranger signed, only counted; the organiser merges that with a row of a list which has their own address. The
    stranger's receipt, and the organiser's."""
    open_letter(app)
    theirs = signed(client, app, **{"appearance": "counted", **values})
    with app.app_context():
        stranger, mine = signer(), add(the_letter(), lead(), "Planted Row", address=MINE, appearance=Appearance.NAMED)
        with transaction():
            stranger, mine = db.session.merge(stranger), db.session.merge(mine)
            kept = service.find_same_unasked(stranger, mine, likeness=0, actor=lead(), now=clock.now())
            assert kept.id == stranger.id
        keys = campaign_keys(the_letter().public_id, now=clock.now())
        return theirs, f"/signed/{receipts.token(mine.public_id, receipts.RECEIPT, keys)}"


def shown(app: Flask, name: str) -> tuple[str, str]:
    """How the newest signature of a row stands, and how it is shown."""
    with app.app_context():
        for row in db.session.scalars(sa.select(Signatory)):
            if row.name == name:
                signature = own.newest(row)
                return signature.status.value, signature.appearance.value
    return "", ""


@pytest.mark.each_database
def test_a_merged_receipt_shows_its_own_row_alone(app: Flask, client: FlaskClient) -> None:
    """Shown more by a receipt, its own row counts for both from then on; the other's name stays hidden, and its owner
    can take the count back in the same way. Parted, each stands as its own signer chose."""
    theirs, mine = merged(app, client)
    submit(client, mine, "form[action$=appearance]", appearance="named")
    public = visit(client, f"/c/{SLUG}")
    assert NAME not in public.html and "Planted Row" in public.text
    assert shown(app, NAME) == ("confirmed", "counted")
    with app.app_context():
        assert counts(the_letter()).here == 1
    submit(client, theirs, "form[action$=appearance]", appearance="initials")
    public = visit(client, f"/c/{SLUG}")
    assert "Z. P." in public.text and "Planted Row" not in public.html
    with app.app_context():
        assert counts(the_letter()).here == 1
        with transaction():
            pair = db.session.scalars(sa.select(SignatoryPair)).one()
            service.take_back(pair, actor=lead(), now=clock.now())
        assert counts(the_letter()).here == 2


def test_an_address_of_a_merged_row_signs_for_itself(app: Flask, client: FlaskClient) -> None:
    """Confirmed by mail or signed again after a withdrawal, the row of that address counts, under its own words: nobody
    else's withdrawal is undone and nobody else is shown."""
    theirs, mine = merged(app, client)
    submit(client, theirs, "form[action$=withdraw]")
    sign(client, app, email=MINE, name="Planted Row", appearance="named")
    confirm(client, app, MINE)
    assert shown(app, NAME) == ("withdrawn", "counted")
    assert NAME not in visit(client, f"/c/{SLUG}").html
    submit(client, mine, "form[action$=withdraw]")
    submit(client, mine, "form[action$=again]", consent="y")
    assert shown(app, NAME) == ("withdrawn", "counted") and shown(app, "Planted Row")[0] == "confirmed"
    with app.app_context():
        assert counts(the_letter()).here == 1
        (pair,) = db.session.scalars(sa.select(SignatoryPair))
        assert pair.state is PairState.SAME


def test_a_merged_receipt_erases_its_own_row_alone(app: Flask, client: FlaskClient) -> None:
    """What is erased is what that receipt shows; the other row is parted from it with all its words, counts no more,
    and its signer can sign again."""
    theirs, mine = merged(app, client)
    page = visit(client, mine)
    assert "by its own receipt" in page.text
    submit(client, mine, "form[action$=erase]", sure="y")
    visit(client, mine, status=410)
    page = visit(client, theirs)
    assert NAME in page.text and ADDRESS in page.text and "Withdrawn" in page.text
    with app.app_context():
        assert counts(the_letter()).here == 0 and not db.session.scalars(sa.select(SignatoryPair)).all()
        assert signer().merged_into_id is None and signer().erased_at is None
    submit(client, theirs, "form[action$=again]", consent="y")
    assert shown(app, NAME) == ("confirmed", "counted")


def test_the_row_that_counts_erases_itself_alone(app: Flask, client: FlaskClient) -> None:
    """The same from the other side: the merged row stays with its words, and neither counts nor shows by itself."""
    theirs, mine = merged(app, client)
    submit(client, theirs, "form[action$=erase]", sure="y")
    visit(client, theirs, status=410)
    assert "Planted Row" in visit(client, mine).text and "Planted Row" not in visit(client, f"/c/{SLUG}").html
    assert shown(app, "Planted Row") == ("withdrawn", "named")
    with app.app_context():
        assert counts(the_letter()).here == 0


def test_news_goes_to_whoever_wished_it(app: Flask, client: FlaskClient) -> None:
    """A merged receipt asks for news to its own address, never to the other's."""
    _theirs, mine = merged(app, client)
    submit(client, mine, "form[action$=appearance]", appearance="counted", updates="y")
    with app.app_context():
        wishes = {one.signatory.name: one.wishes_updates for one in db.session.scalars(sa.select(Signature))}
    assert wishes == {NAME: False, "Planted Row": True}


def test_found_invalid_stays_so_for_every_merged_receipt(app: Flask, client: FlaskClient) -> None:
    """A signature that the organisers found to be none is not made one by the address of a row merged into it."""
    _theirs, mine = merged(app, client)
    with app.app_context(), transaction():
        service.invalidate_signature(own.newest(signer()), reason="forged", actor=lead(), now=clock.now())
    visit(client, f"{mine}/appearance", method="POST", data={"appearance": "named"}, status=422)
    visit(client, f"{mine}/again", method="POST", data={"consent": "y"}, status=422)
    sign(client, app, email=MINE, name="Planted Row")
    assert "confirm" not in outbox(app, MINE)[-1].links
    with app.app_context():
        assert counts(the_letter()).here == 0 and own.newest(signer()).status is SignatureStatus.INVALIDATED
