"""Signatories are added, shown less, withdrawn, found invalid and destroyed, each as the rules of safety.md say."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.signatures.conftest import NOW, add, campaign
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, CampaignText
from tracker.db import Precision, db, transaction
from tracker.signatures import queries, service
from tracker.signatures.models import (
    Appearance,
    Provenance,
    Signatory,
    SignatoryKind,
    Signature,
    SignatureStatus,
)
from tracker.signatures.pasting import read_list
from tracker.signatures.people import Person, keys_of, read_contact, read_name
from tracker.signatures.service import SignatureError
from tracker.timeline.editing import Stale
from tracker.timeline.models import EntryKind, EntryVisibility, Revision, TimelineEntry
from tracker.web.dates import UncertainDate


def known(signatory: Signatory) -> Person:
    return read_name(signatory, keys_of(signatory.campaign, now=NOW))


@pytest.mark.each_database
@pytest.mark.parametrize("protected", [False, True])
def test_what_is_added_can_be_read_again(context: Flask, protected: bool) -> None:
    """A signatory keeps name, role, organisation, address and date, and signs the newest text from a list."""
    from tests.signatures.conftest import account

    with transaction():
        letter, actor = campaign(protected=protected), account("organiser")
        letter.texts.append(CampaignText(number=2, body="We, still.", recorded_at=NOW))
    signatory = add(
        letter,
        actor,
        "  Žofia \u00a0王 ",
        office="Engineer",
        affiliation="Google, Inc.",
        address="Zofia@Example.org",
        signed=UncertainDate(dt.date(2018, 6, 1), Precision.MONTH),
        appearance=Appearance.INITIALS,
    )
    assert known(signatory) == Person("Žofia 王", "Engineer", "Google, Inc.")
    assert read_contact(signatory, keys_of(letter, now=NOW)) == ("Zofia@example.org", "", "", "")
    (signature,) = signatory.signatures
    assert signature.text is not None and signature.text.number == 2
    assert (signature.status, signature.provenance) == (SignatureStatus.LISTED, Provenance.LIST)
    assert (signature.signed_on, signature.signed_precision) == (dt.date(2018, 6, 1), Precision.MONTH)
    assert signatory.name == ("" if protected else "Žofia 王")
    assert signatory.sort_text == ("" if protected else "zofia 王 · google, inc.")


def test_one_entry_an_act_and_no_name_in_it(letter: Campaign, organiser: Account) -> None:
    """Each act appends one entry with a number; entries and revisions name nobody."""
    signatory = add(letter, organiser, address="ada@example.org")
    lines = read_list("Grace Hopper\nKatherine Johnson, Analyst\n\nNo One <x@>")
    with transaction():
        added = service.add_list(
            letter,
            lines,
            kind=SignatoryKind.PERSON,
            appearance=Appearance.COUNTED,
            signed=UncertainDate(dt.date(2018, 6, 1), Precision.MONTH),
            actor=organiser,
            now=NOW,
        )
        service.edit_signatory(
            signatory, Person("Ada King", "Countess"), keep_address=True, seen=1, actor=organiser, now=NOW
        )
        service.withdraw_signature(signatory.signatures[0], reason="", actor=organiser, now=NOW)
    assert added == 2
    entries = db.session.scalars(sa.select(TimelineEntry).order_by(TimelineEntry.id)).all()
    assert [entry.headline for entry in entries] == [
        "1 signatory was added",
        "2 signatories were added from a list",
        "1 signature was withdrawn",
    ]
    assert {entry.kind for entry in entries} == {EntryKind.SIGNATURES}
    assert (entries[1].occurred_on, entries[1].occurred_precision) == (dt.date(2018, 6, 1), Precision.MONTH)
    assert entries[0].visibility is (EntryVisibility.MEMBERS if letter.is_protected else EntryVisibility.PUBLIC)
    revisions = db.session.scalars(sa.select(Revision)).all()
    assert {revision.field for revision in revisions} == {"name", "office", "status"}
    for revision in revisions:
        assert revision.field == "status" or (revision.is_sealed and revision.new_value is None)


def test_an_address_signs_once(letter: Campaign, organiser: Account) -> None:
    """The same address in other letters is refused in words, and the rest of the transaction stays possible."""
    add(letter, organiser, address="ada@example.org")
    with pytest.raises(SignatureError, match="already") as refused:
        add(letter, organiser, "Somebody Else", address="ADA@example.org")
    assert refused.value.field == "address"
    assert queries.counts(letter).here == 1
    with transaction():
        other = campaign("other", protected=letter.is_protected)
    add(other, organiser, address="ada@example.org")  # nothing links a person across campaigns
    hashes = db.session.scalars(sa.select(Signatory.address_hash)).all()
    assert len(set(hashes)) == 2


@pytest.mark.parametrize(
    ("person", "field"),
    [(Person(" \u200b"), "name"), (Person("A" * 501), "name"), (Person("Ada", address="ada@nowhere"), "address")],
)
def test_what_cannot_be_a_signatory_is_refused(
    letter: Campaign, organiser: Account, person: Person, field: str
) -> None:
    """No name, an endless name and a false address are told beside their field."""
    with pytest.raises(SignatureError) as refused, transaction():
        service.add_signatory(letter, person, appearance=Appearance.COUNTED, actor=organiser, now=NOW)
    assert refused.value.field == field


def test_nobody_signs_tomorrow(letter: Campaign, organiser: Account) -> None:
    """A day still to come is refused, in the campaign's own zone."""
    with pytest.raises(SignatureError, match="still to come"):
        add(letter, organiser, signed=UncertainDate(dt.date(2026, 3, 3), Precision.DAY))


@pytest.mark.parametrize("was", Appearance)
@pytest.mark.parametrize("to", Appearance)
def test_only_the_signer_shows_more(letter: Campaign, organiser: Account, was: Appearance, to: Appearance) -> None:
    """An organiser can only make a signature less visible; its signer can do both."""
    signature = add(letter, organiser, appearance=was).signatures[0]
    order = list(Appearance)
    if order.index(to) < order.index(was):
        with pytest.raises(SignatureError, match="Only the signer can make it more visible"), transaction():
            service.change_appearance(signature, to, by_signer=False, actor=organiser, now=NOW)
        assert signature.appearance is was
    else:
        with transaction():
            service.change_appearance(signature, to, by_signer=False, actor=organiser, now=NOW)
        assert signature.appearance is to
    with transaction():
        service.change_appearance(signature, to, by_signer=True, actor=None, now=NOW)
    assert signature.appearance is to


def test_counts_follow_what_happens(letter: Campaign, organiser: Account) -> None:
    """Confirmed, listed and withdrawn are counted apart; what is invalid or destroyed counts nowhere."""
    people = [add(letter, organiser, f"Person {n}") for n in range(5)]
    with transaction():
        confirmed = people[0].signatures[0]
        confirmed.status, confirmed.confirmed_at = SignatureStatus.CONFIRMED, NOW
        service.withdraw_signature(people[1].signatures[0], reason="asked by mail", actor=organiser, now=NOW)
        service.invalidate_signature(people[2].signatures[0], reason="a joke", actor=organiser, now=NOW)
        service.remove_signatory(people[3], actor=organiser, now=NOW)
    assert queries.counts(letter) == queries.Counts(confirmed=1, listed=1, withdrawn=1, invalidated=1)
    assert queries.counts(letter).here == 2
    with transaction():
        service.reinstate_signature(people[2].signatures[0], actor=organiser, now=NOW)
    assert queries.counts(letter).here == 3
    for refused in (service.reinstate_signature, service.withdraw_signature):
        with pytest.raises(SignatureError), transaction():
            arguments = {} if refused is service.reinstate_signature else {"reason": ""}
            refused(people[1].signatures[0], actor=organiser, now=NOW, **arguments)  # type: ignore[operator]


def test_a_newer_signature_replaces_the_older_in_the_count(letter: Campaign, organiser: Account) -> None:
    """Somebody who signed two versions of the text counts once, as the newer one says."""
    signatory = add(letter, organiser)
    with transaction():
        letter.texts.append(CampaignText(number=2, body="We, still.", recorded_at=NOW))
        db.session.flush()
        db.session.add(
            Signature(
                campaign_id=letter.id,
                signatory=signatory,
                text_id=queries.current_text_id(letter),
                status=SignatureStatus.CONFIRMED,
                provenance=Provenance.SIGNER,
                appearance=Appearance.NAMED,
                recorded_at=NOW,
            )
        )
    assert queries.counts(letter) == queries.Counts(confirmed=1)


def test_a_destroyed_signatory_leaves_no_word(letter: Campaign, organiser: Account) -> None:
    """Removing destroys what is known and frees the address; a tombstone stays."""
    signatory = add(letter, organiser, office="Engineer", affiliation="Google", address="ada@example.org")
    with transaction():
        service.remove_signatory(signatory, actor=organiser, now=NOW)
    row = db.session.execute(sa.select(Signatory.__table__)).one()._asdict()
    words = {key: value for key, value in row.items() if isinstance(value, str)}
    assert {
        key: value for key, value in words.items() if key not in ("public_id", "kind", "stands_as", "shown_as")
    } == {
        "name": "",
        "office": "",
        "affiliation": "",
        "team": "",
        "city": "",
        "sort_text": "",
    }
    add(letter, organiser, address="ada@example.org")
    assert queries.counts(letter).here == 1


def test_an_edit_refuses_what_somebody_else_saved_first(letter: Campaign, organiser: Account) -> None:
    """A second editor is told; an address is kept unless a new one is typed."""
    signatory = add(letter, organiser, address="ada@example.org")
    sealed = signatory.address_sealed
    with transaction():
        service.edit_signatory(signatory, Person("Ada King"), keep_address=True, seen=1, actor=organiser, now=NOW)
    assert (known(signatory).name, signatory.address_sealed) == ("Ada King", sealed)
    with pytest.raises(Stale), transaction():
        service.edit_signatory(signatory, Person("A."), keep_address=True, seen=1, actor=organiser, now=NOW)
    with transaction():
        service.edit_signatory(
            signatory,
            Person("Ada King", address="king@example.org"),
            keep_address=False,
            seen=signatory.version,
            actor=organiser,
            now=NOW,
        )
    assert read_contact(signatory, keys_of(letter, now=NOW))[0] == "king@example.org"
