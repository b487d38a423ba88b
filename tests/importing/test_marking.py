"""What is made of rows before anything is locked is right when it is saved, whatever changed meanwhile."""

from __future__ import annotations

import sqlalchemy as sa

from tests.importing.lists import brought, counted, run
from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.importing.marking import marks_of
from tracker.importing.models import ImportState
from tracker.importing.rows import Row
from tracker.importing.saving import Known, save
from tracker.sealing import campaign_keys
from tracker.signatures.models import Appearance, Signatory, SignatoryToken
from tracker.signatures.people import Person, read_contact, read_name


def test_what_was_read_before_protection_changed_is_kept_as_it_is_now(letter: Campaign, organiser: Account) -> None:
    """Rows read while it was plain leave no name in the open when it is protected, and the other way round."""
    row = brought(letter, organiser, b"name\nAda Lovelace\n")
    now = clock.now()
    keys = campaign_keys(letter.public_id, now=now)
    ada = Person("Ada Lovelace", affiliation="Engines", address="ada@example.org")
    people = [Row(2, ada, appearance=Appearance.NAMED)]
    early = marks_of(people, keys, is_protected=not letter.is_protected, dry=False)
    with transaction():
        row.state = ImportState.RUNNING
        save(row, people, early, Known(), now=now, dry=False)
    found = db.session.scalars(sa.select(Signatory)).one()
    open_words = ("", "", "") if letter.is_protected else ("Ada Lovelace", "Engines", "ada lovelace · engines")
    assert (found.name, found.affiliation, found.sort_text) == open_words
    assert read_name(found, lambda: keys).name == "Ada Lovelace"
    assert read_contact(found, lambda: keys)[0] == "ada@example.org"
    tokens = db.session.scalar(sa.select(sa.func.count()).select_from(SignatoryToken))
    assert tokens == (2 if letter.is_protected else 0)


def test_an_address_is_sealed_for_its_own_row(letter: Campaign, organiser: Account) -> None:
    """What was sealed beside opens in the row that it was sealed for, and the names are findable."""
    run(brought(letter, organiser, b"name,email\nAda,ada@example.org\nBob,bob@example.org\n"))
    keys = campaign_keys(letter.public_id, now=clock.now())
    people = db.session.scalars(sa.select(Signatory))
    said = {read_name(each, lambda: keys).name: read_contact(each, lambda: keys)[0] for each in people}
    assert said == {"Ada": "ada@example.org", "Bob": "bob@example.org"}
    assert counted() == (2, 2, 2)
