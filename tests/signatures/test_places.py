"""The team and city of a signatory: asked as the campaign says, seen by the team and the signer, by nobody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.signing import NAME, SLUG, lead, letter, number_of, open_letter, sign, signed
from tests.support.accounts import SignedIn
from tests.support.pages import submit, visit
from tracker import clock
from tracker.db import db, transaction
from tracker.signatures import service
from tracker.signatures.exporting import Column, Extent, Wanted, rows
from tracker.signatures.models import Appearance, Signatory
from tracker.signatures.pasting import read_list
from tracker.signatures.people import Person, keys_of, read_name
from tracker.signatures.signings import Asked, SigningRequest
from tracker.timeline.models import Revision

TEAM, CITY = "Night Shift", "Aarau"
BOTH = {"team": TEAM, "city": CITY}


def kept(app: Flask) -> tuple[str, str]:
    """What is kept of the only signatory."""
    with app.app_context():
        person = read_name(db.session.scalars(sa.select(Signatory)).one(), keys_of(letter(), now=clock.now()))
    return person.team, person.city


def test_asked_as_the_campaign_says(app: Flask, client: FlaskClient) -> None:
    """Neither is asked unless the organisers wish; a required one that is missing is told beside it."""
    open_letter(app)
    assert not {"team", "city"} & set(visit(client, f"/c/{SLUG}").form("form.sign-form"))
    with app.app_context(), transaction():
        asks = service.FormAsks(team=Asked.OPTIONAL, city=Asked.REQUIRED)
        service.set_up_signing(letter(), asks, seen=None, actor=lead(), now=clock.now())
    page = sign(client, app, status=422, team=TEAM)
    assert page.has("#city[aria-invalid]") and page.form("form.sign-form")["team"] == TEAM
    sign(client, app, city=CITY)
    assert number_of(app, SigningRequest) == 1


@pytest.mark.each_database
@pytest.mark.parametrize("protected", [False, True])
def test_seen_changed_and_erased_by_the_signer(app: Flask, client: FlaskClient, protected: bool) -> None:
    """On the receipt; a change leaves a mark that says only that it changed. In a protected campaign it is sealed."""
    open_letter(app, protected=protected, team=Asked.OPTIONAL, city=Asked.REQUIRED)
    receipt = signed(client, app, **BOTH)
    assert kept(app) == (TEAM, CITY)
    page = visit(client, receipt)
    assert TEAM in page.text and CITY in page.text
    public = visit(client, f"/c/{SLUG}")
    assert NAME in public.text and TEAM not in public.html and CITY not in public.html
    with app.app_context():
        row = db.session.scalars(sa.select(Signatory)).one()
        assert (row.team, row.city) == (("", "") if protected else (TEAM, CITY))
        assert (row.team_sealed is not None) is protected
    refused = submit(client, receipt, "form[action$=words]", status=422, city="")
    assert refused.has("#city[aria-invalid]")
    assert "Saved" in submit(client, receipt, "form[action$=words]", team="", city="Basel").text
    assert kept(app) == ("", "Basel")
    with app.app_context():
        told = db.session.execute(sa.select(Revision.field, Revision.old_value, Revision.new_value)).all()
        assert {field for field, _old, _new in told} >= {"team", "city"}
        assert not [row for row in told if {TEAM, CITY, "Basel"} & {row.old_value, row.new_value}]
    submit(client, receipt, "form[action$=erase]", sure="y")
    assert kept(app) == ("", "")


def test_the_team_edits_and_exports_it(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """It stands on the signatory's page and in the form; the whole list has it, what outsiders may read has not."""
    open_letter(app, protected=True)
    with app.app_context(), transaction():
        person = Person(NAME, team=TEAM, city=CITY)
        one = service.add_signatory(letter(), person, appearance=Appearance.NAMED, actor=lead(), now=clock.now())
        where, me = f"/campaigns/{SLUG}/signatories/{one.public_id}", lead().id
    client = signed_in(account_id=me)
    page = visit(client, where)
    assert TEAM in page.text and CITY in page.text
    form = visit(client, f"{where}/edit").form("form:has(#city)")
    assert (form["team"], form["city"]) == (TEAM, CITY)
    submit(client, f"{where}/edit", "form:has(#city)", city="Basel")
    assert kept(app) == (TEAM, "Basel")
    with app.app_context():
        whole = Wanted(Extent.WHOLE, (Column.NAME, Column.TEAM, Column.CITY))
        assert list(rows(letter(), whole, now=clock.now())) == [(NAME, TEAM, "Basel")]
        shown = Wanted(Extent.AS_SHOWN, (Column.NAME, Column.TEAM, Column.CITY))
        assert list(rows(letter(), shown, now=clock.now())) == [(NAME,)]


def test_pasted_by_heading() -> None:
    """A list with these columns keeps them apart from the organisation."""
    _heading, line = read_list("Name\tOrganisation\tTeam\tCity\nAda\tGoogle\tNight Shift\tAarau")
    assert (line.name, line.affiliation, line.team, line.city) == ("Ada", "Google", TEAM, CITY)
