"""Seven thousand messy people, whatever kind of file they come in, are the same seven thousand."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from tests.data.files import WRITERS, as_csv
from tests.data.people import HEADING, Listed, people
from tests.importing.lists import IN_THE_OPEN, brought, counted, run
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.importing.models import Import
from tracker.signatures.models import Signatory, Signature

ALL = 7_000


def one_line(text: str) -> str:
    """Blanks and line breaks are one blank; letters stay as they were written."""
    return " ".join(text.replace("\ufeff", "").split())


def told(row: Import) -> tuple[int, int, int, int, int]:
    return (row.rows, row.new, row.here, row.refused, row.ambiguous)


@IN_THE_OPEN
@pytest.mark.parametrize("kind", WRITERS)
def test_seven_thousand_people_in_each_kind_of_file(letter: Campaign, organiser: Account, kind: str) -> None:
    """Every one of them is stored as they are written, whatever the file is; the same file again brings nobody."""
    everybody: list[Listed] = list(people(ALL))
    file = WRITERS[kind](everybody)
    row = brought(letter, organiser, file)
    assert told(row) == (ALL, ALL, 0, 0, 0)
    run(row)
    stored = sa.select(Signatory.name, Signatory.office, Signatory.affiliation, Signature.signed_on)
    found = {
        (name, office, body, day.isoformat() if day else "")
        for name, office, body, day in db.session.execute(stored.join_from(Signatory, Signature))
    }
    assert found == {(*map(one_line, (each.name, each.office, each.body)), each.day) for each in everybody}
    assert counted() == (ALL, ALL, ALL)
    assert told(brought(letter, organiser, file)) == (ALL, 0, ALL, 0, 0)


@IN_THE_OPEN
def test_letters_composed_or_not_are_one_person(letter: Campaign, organiser: Account) -> None:
    """The key is of the composed letters; what is stored is what was written."""
    composed, apart = "Zoë Möwe", "Zoe\u0308 Mo\u0308we"
    run(brought(letter, organiser, as_csv([["name"], [apart]])))
    again = brought(letter, organiser, as_csv([["name"], [composed]]))
    assert (again.new, again.here) == (0, 1)
    assert db.session.scalar(sa.select(Signatory.name)) == apart


@IN_THE_OPEN
def test_an_apostrophe_is_taken_away_where_our_files_add_one(letter: Campaign, organiser: Account) -> None:
    """A CSV says '=1 for =1; JSON has no such custom, and what it says is meant."""
    run(brought(letter, organiser, as_csv([["name"], ["'=1"], ["'@heron"], ["'tis"]])))
    assert set(db.session.scalars(sa.select(Signatory.name))) == {"=1", "@heron", "'tis"}
    run(brought(letter, organiser, json.dumps([{"name": "'=1"}, {"name": "=1"}]).encode()))
    assert set(db.session.scalars(sa.select(Signatory.name))) == {"=1", "'=1", "@heron", "'tis"}


def test_who_withdrew_there_does_not_come_back_here(letter: Campaign, organiser: Account) -> None:
    """Our own export may hold those who withdrew; they are refused, in words."""
    people = [{"name": f"Heron {state}", "status": state} for state in ("confirmed", "listed", "withdrawn", "pending")]
    row = brought(letter, organiser, json.dumps({"signatories": people}).encode())
    assert (row.new, row.refused) == (2, 2)


def test_the_people_to_look_at_are_the_first_of_the_generator() -> None:
    """tests/data/people.csv is what `python -m tests.data.people 40` writes."""
    from pathlib import Path

    kept = Path(__file__).parent.parent / "data" / "people.csv"
    assert kept.read_bytes() == WRITERS["csv"](people(40))
    assert HEADING[0].encode() in kept.read_bytes()
