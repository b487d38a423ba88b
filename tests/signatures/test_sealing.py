"""A stolen database tells no address, and of a protected campaign no name (safety.md, 2)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.signatures.conftest import NOW, account, campaign, join
from tests.support.accounts import code_of, sign_in
from tests.support.databases import Database
from tracker.accounts.models import Account, Membership
from tracker.campaigns.models import Campaign
from tracker.campaigns.protection import change_protection
from tracker.campaigns.service import CampaignError
from tracker.db import db, transaction
from tracker.sealing import SealError
from tracker.signatures import listing, queries, service
from tracker.signatures.listing import Filters
from tracker.signatures.models import Appearance, Signatory, SignatoryKind, SignatoryToken
from tracker.signatures.pasting import read_list
from tracker.signatures.people import Person, keys_of, place, read_contact, read_name
from tracker.signatures.protection import protect, unprotect
from tracker.signatures.service import SignatureError
from tracker.timeline.models import Revision

NAME, OFFICE, TEAM, ADDRESS = (
    "Zebediah Quillfeather",
    "Lamplighter",
    "Moonbeam Quarterdeck",
    "zebediah@quill.example.org",
)
FIRM, CITY = "Copperkettle Brothers", "Upper Larkspur"


def bytes_of(instance: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(instance.rglob("*")) if path.is_file())


def traces(instance: Path, *words: str) -> list[str]:
    """Which of the words stand somewhere in the instance's files: database, write-ahead log, key store."""
    found = bytes_of(instance).lower()
    assert b"sqlite format 3" in found
    return [word for text in words for word in text.split() if word.lower().encode() in found]


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Every line that anybody logs meanwhile."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Keep(logging.DEBUG)
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(handler)
    root.setLevel(before)


def test_no_trace_of_a_protected_campaigns_people(app: Flask, instance: Path, log: list[str]) -> None:
    """Typed, pasted, searched, edited, refused and withdrawn through the pages: no name in any file or log line."""
    with app.app_context(), transaction():
        letter, me = campaign(protected=True), account("lead", may_see_contacts=True)
        join(letter, (me, Membership.LEAD))
        number = me.id
    client = app.test_client()
    sign_in(client, number)
    here = "/campaigns/letter/signatories"
    form = {"name": NAME, "office": OFFICE, "affiliation": FIRM, "team": TEAM, "city": CITY, "address": ADDRESS}
    form |= {"appearance": "initials"}
    assert client.post(f"{here}/new", data=form).status_code == 302
    assert client.post(f"{here}/new", data=form).status_code == 422
    pasted = {"text": f"Bartholomew Inkwell, {OFFICE}, {TEAM} <inkwell@quill.example.org>", "kind": "person"}
    pasted |= {"separator": "guess", "appearance": "counted", "expected": "1"}
    assert client.post(f"{here}/paste", data={**pasted, "step": "preview"}).status_code == 200
    assert client.post(f"{here}/paste", data={**pasted, "step": "save"}).status_code == 302
    found = client.post(here, data={"search": "quillfeather"}).get_data(as_text=True)
    assert NAME in found and "Inkwell" not in found
    assert ADDRESS in client.post(here, data={"step": "contacts", "reason": "to check", "code": code_of()}).get_data(
        as_text=True
    )
    with app.app_context():
        public_id = db.session.scalars(sa.select(Signatory.public_id).order_by(Signatory.id)).first()
    changed = {"name": NAME, "office": OFFICE + " senior", "team": TEAM, "city": CITY, "version": "1"}
    assert client.post(f"{here}/{public_id}/edit", data=changed).status_code == 302
    assert client.post(f"{here}/{public_id}/withdraw", data={}).status_code == 302
    words = (NAME, OFFICE, FIRM, TEAM, CITY, ADDRESS, "Inkwell", "quill.example.org")
    assert traces(instance, *words) == []
    assert not [line for line in log for word in words for part in word.split() if part.lower() in line.lower()]


def test_no_trace_of_an_address_in_a_plain_campaign(context: Flask, instance: Path, organiser: Account) -> None:
    """Where names lie in the open, addresses do not."""
    with transaction():
        letter = campaign()
        service.add_signatory(
            letter, Person(NAME, address=ADDRESS), appearance=Appearance.NAMED, actor=organiser, now=NOW
        )
    assert traces(instance, NAME, ADDRESS) == ["Zebediah", "Quillfeather"]


def test_an_error_in_the_log_names_nobody(context: Flask, organiser: Account) -> None:
    """A failing statement is logged without what was bound to it."""
    with transaction():
        letter = campaign()
    with pytest.raises(sa.exc.IntegrityError) as failed, transaction():
        db.session.add(Signatory(campaign=letter, kind=SignatoryKind.PERSON, name=NAME))
        db.session.flush()
    assert NAME not in str(failed.value)


@pytest.mark.parametrize("column", ["name", "address"])
def test_a_moved_value_does_not_open(context: Flask, organiser: Account, column: str) -> None:
    """Ciphertext put into another row or column fails; the page shows nothing rather than somebody else."""
    with transaction():
        letter = campaign(protected=True)
        ada, bo = (
            service.add_signatory(
                letter,
                Person(name, office="Engineer", address=f"{name}@example.org"),
                appearance=Appearance.COUNTED,
                actor=organiser,
                now=NOW,
            )
            for name in ("Ada", "Bo")
        )
        setattr(bo, f"{column}_sealed", getattr(ada, f"{column}_sealed"))
    keys = keys_of(letter, now=NOW)
    with pytest.raises(SealError):
        keys().open(getattr(bo, f"{column}_sealed") or "", place(column, bo))
    with pytest.raises(SealError):
        keys().open(ada.name_sealed or "", place("office", ada))
    shown = read_name(bo, keys).name if column == "name" else read_contact(bo, keys)[0]
    assert shown == ""
    assert read_name(ada, keys).name == "Ada"


def test_sealed_names_are_found_by_whole_words(context: Flask, organiser: Account) -> None:
    """All words, without marks and case, in any order; never by part of a word; tokens of two campaigns differ."""
    with transaction():
        letters = [campaign(slug, protected=True) for slug in ("one", "two")]
        for letter in letters:
            service.add_signatory(
                letter, Person("Žofia O’Neill 王"), appearance=Appearance.COUNTED, actor=organiser, now=NOW
            )
    for search, hits in [
        ("zofia", 1),
        ("ONEILL Zofia", 1),
        ("王", 1),
        ("zofi", 0),
        ("zofia smith", 0),
        ("%", 0),
        ("o’neill", 1),
    ]:
        assert listing.members_list(letters[0], Filters(search=search), now=NOW).total == hits, search
    tokens = db.session.scalars(sa.select(SignatoryToken.token)).all()
    assert len(set(tokens)) == len(tokens) == 6


def test_a_protected_list_sorts_by_date_only(context: Flask, organiser: Account) -> None:
    """Whoever asks for another order gets the newest first."""
    with transaction():
        letter, plain = campaign(protected=True), campaign("plain")
        for each in (letter, plain):
            lines = read_list("Cy\nAda\nBo")
            service.add_list(
                each, lines, kind=SignatoryKind.PERSON, appearance=Appearance.COUNTED, actor=organiser, now=NOW
            )
    by_name = Filters(order=listing.Order.NAME)
    assert [row.name for row in listing.members_list(plain, by_name, now=NOW).rows] == ["Ada", "Bo", "Cy"]
    assert [row.name for row in listing.members_list(letter, by_name, now=NOW).rows] == ["Bo", "Ada", "Cy"]


def test_protecting_later_seals_what_lay_open(context: Flask, instance: Path, organiser: Account) -> None:
    """Turning a campaign protected leaves no name in the files, keeps it readable, and cannot be turned back."""
    with transaction():
        letter = campaign()
        person = Person(NAME, OFFICE, FIRM, team=TEAM, city=CITY)
        service.add_signatory(letter, person, appearance=Appearance.NAMED, actor=organiser, now=NOW)
    assert traces(instance, NAME)
    db.session.rollback()
    with transaction():
        assert protect(letter, actor=organiser, now=NOW) == 1
    db.session.remove()
    assert traces(instance, NAME, OFFICE, FIRM, TEAM, CITY) == []
    letter = db.session.scalars(sa.select(Campaign)).one()
    (row,) = listing.members_list(letter, Filters(search="quillfeather"), now=NOW).rows
    assert row.name == NAME
    with pytest.raises(CampaignError, match="stay sealed"), transaction():
        unprotect(letter, actor=organiser, now=NOW)
    revision = db.session.scalars(sa.select(Revision)).one()
    assert (revision.field, revision.old_value, revision.new_value) == ("is_protected", "no", "yes")


def test_the_campaigns_own_page_seals_too(context: Flask, organiser: Account) -> None:
    """A change of protection made by the campaigns feature reaches the signatories, and may be refused by them."""
    with transaction():
        letter = campaign()
        service.add_signatory(letter, Person(NAME), appearance=Appearance.NAMED, actor=organiser, now=NOW)
        change_protection(letter, True, actor=organiser, now=NOW)
    assert db.session.scalars(sa.select(Signatory.name)).one() == ""
    with pytest.raises(CampaignError), transaction():
        change_protection(letter, False, actor=organiser, now=NOW)


@pytest.mark.each_database
def test_two_posts_at_once_make_one_signatory(app: Flask, database: Database) -> None:
    """The same address added twice at the same moment: one row, and one is told in words."""
    with app.app_context(), transaction():
        letter, me = campaign(protected=True), account("organiser")
        db.session.flush()
        ids = letter.id, me.id
    start, said = threading.Barrier(4), []

    def add() -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    service.add_signatory(
                        db.session.get_one(Campaign, ids[0]),
                        Person("Ada", address="ada@example.org"),
                        appearance=Appearance.COUNTED,
                        actor=db.session.get_one(Account, ids[1]),
                        now=NOW,
                    )
                said.append("added")
            except SignatureError as error:
                said.append(str(error))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 4 and said.count("added") == 1
    assert all("already" in words for words in said if words != "added")
    with app.app_context():
        assert queries.counts(db.session.get_one(Campaign, ids[0])).here == 1
