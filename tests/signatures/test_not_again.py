"""Who erased themselves and asked for it is added again by nobody: not by a list, not by hand; they may sign again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.importing.lists import brought, run
from tests.signatures.signing import ADDRESS, NAME, SLUG, lead, letter, open_letter, signed
from tests.support.accounts import SignedIn
from tests.support.pages import submit
from tracker import clock
from tracker.db import db, transaction
from tracker.operations import backup, keys, restore
from tracker.retention import service as retention
from tracker.signatures import not_again, service
from tracker.signatures.models import Appearance, Signatory
from tracker.signatures.not_again import NotAgain
from tracker.signatures.people import Person
from tracker.signatures.queries import counts

LIST = f"name,email\n{NAME},{ADDRESS}\nBea Knot,bea@example.org\n".encode()


def marks() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(NotAgain)) or 0


@pytest.mark.each_database
@pytest.mark.parametrize("asked", [True, False], ids=["asked", "did not ask"])
def test_a_list_passes_over_who_asked(app: Flask, client: FlaskClient, asked: bool) -> None:
    """By the check as by the import; who erased only is a stranger, and comes back."""
    open_letter(app)
    receipt = signed(client, app)
    submit(client, receipt, "form[action$=erase]", sure="y", **({"not_again": "y"} if asked else {}))
    with app.app_context():
        assert marks() == asked
        row = brought(letter(), lead(), LIST)
        assert (row.new, row.here) == ((1, 1) if asked else (2, 0))
        run(row)
        assert counts(letter()).here == (1 if asked else 2)


def test_who_was_on_a_list_without_an_address(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """The very row is known, when an organiser forgets somebody for good; one that says another thing is another's."""
    open_letter(app)
    with app.app_context():
        run(brought(letter(), lead(), b"name,organisation\nAda Knot,Heron Works\n"))
        public_id, number = db.session.scalars(sa.select(Signatory.public_id)).one(), lead().id
    page = f"/campaigns/{SLUG}/signatories/{public_id}"
    submit(signed_in(account_id=number), page, "form:has(input[name=not_again])")
    with app.app_context():
        row = brought(letter(), lead(), b"name,organisation\nAda Knot,Heron Works\nAda Knot,Other Works\n")
        assert (row.new, row.here) == (1, 1)


def test_nobody_adds_them_by_hand(app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]) -> None:
    """Neither one by one nor pasted; both say why. They themselves sign again, and count."""
    open_letter(app)
    submit(client, signed(client, app), "form[action$=erase]", sure="y", not_again="y")
    with app.app_context():
        number = lead().id
        with pytest.raises(service.SignatureError, match="not to be added again") as caught, transaction():
            service.add_signatory(
                letter(), Person(NAME, address=ADDRESS), appearance=Appearance.NAMED, actor=lead(), now=clock.now()
            )
        assert caught.value.field == "address"
    organiser = signed_in(account_id=number)
    pasted = submit(organiser, f"/campaigns/{SLUG}/signatories/paste", text=f"{NAME} <{ADDRESS}>\nBea Knot")
    assert "not to be added again" in pasted.text
    signed(client, app)
    with app.app_context():
        assert counts(letter()).here == 1


@pytest.mark.each_database
def test_a_restored_copy_keeps_to_it(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    """Erased since the backup: the restored copy forgets them, and its lists pass them over."""
    open_letter(app)
    receipt = signed(client, app)
    file = tmp_path / "b.backup"
    with app.app_context():
        with transaction():
            keys.refuse_wrong(now=clock.now())
        backup.make(file, now=clock.now())
    submit(client, receipt, "form[action$=erase]", sure="y", not_again="y")
    with app.app_context():
        db.session.remove()
        restore.restore(file, replace=True, without_keys=False)
        assert marks() == 1
        row = brought(letter(), lead(), LIST)
        assert (row.new, row.here) == (1, 1)


def test_it_goes_with_the_key(app: Flask, client: FlaskClient) -> None:
    """When the hash key is destroyed nothing could be known by it; more than one statement asks for is found too."""
    open_letter(app)
    with app.app_context(), transaction():
        campaign = letter()
        db.session.add_all(NotAgain(campaign_id=campaign.id, mark=f"{n:064x}") for n in range(not_again.SOME + 1))
        db.session.flush()
        wanted = [f"{n:064x}" for n in range(2 * not_again.SOME)]
        assert len(not_again.never_again(campaign.id, wanted)) == not_again.SOME + 1
        retention.end_look_up(campaign, now=clock.now())
        assert marks() == 0
