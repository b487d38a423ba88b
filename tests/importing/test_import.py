"""Lists from files: checked as a whole, brought in once, taken back as a whole."""

from __future__ import annotations

import datetime as dt
import io

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.importing.lists import brought, counted, run
from tests.signatures.conftest import HERE, campaign
from tests.support.accounts import SignedIn, code_of
from tests.support.pages import submit, visit
from tracker import clock
from tracker.accounts.models import AccessRecord, Account, Reading
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.importing import running, service
from tracker.importing.models import ImportPart, ImportState
from tracker.signatures.models import Signature

LIST = (
    "First Name,Last Name,Email,Organization,Created At\n"
    "Ada,Lovelace,ada@example.org,Analytical Engines,2026-01-31T23:30:00-08:00\n"
    'Žižek,"Ünal, jr",zizek@example.org,"Google, Inc.",21 January 2026\n'
    "@heron,,,,2026-02-01\n"
    "4711,,,,\n"
    "Bad,Address,nobody@,,\n"
    ",,empty@example.org,,\n"
    "अदा,लवलेस,,,1769900000\n"
)


@pytest.mark.each_database
def test_a_list_is_checked_brought_in_and_taken_back(letter: Campaign, organiser: Account) -> None:
    """Nobody is saved by the check, everybody good once by the import, nobody is left after the undo; tallies agree."""
    row = brought(letter, organiser, LIST.encode())
    assert (row.state, row.new, row.refused, row.rows) == (ImportState.CHECKED, 5, 2, 7)
    assert counted() == (0, 0, 0)
    run(row)
    assert (row.state, row.new) == (ImportState.DONE, 5)
    assert counted() == (5, 5, 5)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ImportPart)) == 0
    again = brought(letter, organiser, LIST.encode())
    assert (again.new, again.here) == (0, 5)
    run(again)
    assert counted() == (5, 5, 5)
    with transaction():
        service.undo(row, now=clock.now())
    running.work()
    db.session.refresh(row)
    assert row.state is ImportState.UNDONE
    assert counted() == (0, 0, 0)


@pytest.mark.each_database
def test_a_killed_worker_doubles_nobody(letter: Campaign, organiser: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever goes on after a worker died between two transactions begins where its last commit ended."""
    monkeypatch.setattr(running, "ROWS", 2)
    # Those without an address come first: only the number says that they were saved before it died.
    text = "name,email\n" + "Twin\nTwin\n" + "".join(f"Person {n},p{n}@example.org\n" for n in range(7))
    row = brought(letter, organiser, text.encode())
    with transaction():
        service.start(row, now=clock.now())
    tries = iter([False, False, True])
    running.work(stopping=lambda: next(tries, True))
    db.session.refresh(row)
    assert row.state is ImportState.RUNNING
    assert 0 < row.done < 9
    with transaction():  # it died without handing back: its lease ran out
        row.lease, row.leased_until = "dead", clock.now() - dt.timedelta(seconds=1)
    running.work()
    db.session.refresh(row)
    assert row.state is ImportState.DONE
    assert counted() == (9, 9, 9)


def test_stopping_halfway_leaves_nobody(letter: Campaign, organiser: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that is stopped while it runs takes back whom it brought, and its file is gone."""
    monkeypatch.setattr(running, "ROWS", 2)
    row = brought(letter, organiser, b"name\n" + b"".join(b"Person %d\n" % n for n in range(9)))
    with transaction():
        service.start(row, now=clock.now())
    tries = iter([False, True])
    running.work(stopping=lambda: next(tries, True))
    with transaction():
        service.cancel(row, now=clock.now())
    running.work()
    db.session.refresh(row)
    assert row.state is ImportState.UNDONE
    assert counted() == (0, 0, 0)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ImportPart)) == 0


def test_dates_that_two_would_read_differently_are_asked_about(letter: Campaign, organiser: Account) -> None:
    """05/10/2025 is not guessed: nothing is saved until somebody said which comes first."""
    text = b"name,date\nAda,05/10/2025\nBob,31/12/2025\n"
    row = brought(letter, organiser, text)
    assert row.ambiguous == 1
    with pytest.raises(service.ImportingError), transaction():
        service.start(row, now=clock.now())
    row = brought(letter, organiser, text, order="day_first")
    run(row)
    assert set(db.session.scalars(sa.select(Signature.signed_on))) == {dt.date(2025, 10, 5), dt.date(2025, 12, 31)}


def test_the_pages_from_file_to_undo(app: Flask, lead: SignedIn) -> None:
    """Brought, looked at, read, added and taken back by somebody without scripts; no name or address leaks into it."""
    here = f"{HERE}/import"
    visit(lead, here)
    answer = lead.post(
        here,
        data={"file": (io.BytesIO(LIST.encode()), "people.csv"), "appearance": "counted"},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303, answer.text
    where = answer.headers["Location"]
    page = visit(lead, where)
    assert "ada@example.org" not in page.text
    chosen = {
        f"column-{at}": name
        for at, name in enumerate(["first_name", "last_name", "address", "affiliation", "signed_on"])
    }
    reading = {
        "encoding": "utf-8-sig",
        "delimiter": ",",
        "has_header": "y",
        "day_order": "unknown",
        "appearance": "counted",
    }
    assert lead.post(where, data={**reading, **chosen}).status_code == 303
    with app.app_context():
        running.work()
    page = visit(lead, where)
    assert "Row 6" in page.text
    asked = submit(lead, where, "form[action$=csv]", status=422)
    assert "nobody@" not in asked.text and asked.select_one("#mending [name=code]")
    refused = lead.post(f"{where}/refused.csv", data={"reason": "to mend them", "code": code_of()}).text
    assert "nobody@" in refused
    assert "Lovelace" not in refused
    with app.app_context():  # they hold contact data: who took them along is written down
        record = db.session.scalars(sa.select(AccessRecord)).one()
        assert (record.account_id, record.reading, record.count) == (lead.account_id, Reading.EXPORTED, 2)
    lead.post(f"{where}/start")
    with app.app_context():
        running.work()
        assert counted() == (5, 5, 5)
    visit(lead, where)
    lead.post(f"{where}/undo")
    with app.app_context():
        running.work()
        assert counted() == (0, 0, 0)
    visit(lead, here)


def test_who_is_perhaps_here_is_counted_beforehand(app: Flask, lead: SignedIn) -> None:
    """By name and organisation, of people that another list brought; where names are sealed by all words of the name,
    and the page says so."""
    with app.app_context():
        letter, me = db.session.scalars(sa.select(Campaign)).one(), db.session.get_one(Account, lead.account_id)
        is_protected = letter.is_protected
        run(brought(letter, me, b"name,organisation\nAda Knot,Heron Works\nBea Knot,\nBea Mary Reeve,\n"))
        elsewhere = campaign("elsewhere", protected=is_protected)
        db.session.commit()
        run(brought(elsewhere, me, b"name\nCyd Knot\n"))
        again = b"Ada  KNOT,heron works,ada@example.org\nCyd Knot,Heron Works,\nReeve,,\nReeve Mary Bea,,\n"
        row = brought(letter, me, b"name,organisation,email\n" + again + b"Ada Knot,Elsewhere,\n")
        assert (row.new, row.perhaps) == (5, 3 if is_protected else 1)
        where = f"{HERE}/import/{row.public_id}"
    page = visit(lead, where)
    assert ("very same words in their name" in page.text) is is_protected
    assert f"{row.perhaps} perhaps already here" in page.text
