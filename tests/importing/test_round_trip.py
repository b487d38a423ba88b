"""What is exported here and imported again is the same, whatever people wrote, in each kind of file."""

from __future__ import annotations

import json
import random

import pytest

from tests.importing.lists import run
from tests.signatures.conftest import campaign
from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.importing import running, service
from tracker.importing.models import Import
from tracker.signatures.exporting import Column, Extent, Format, Wanted, in_format, rows
from tracker.signatures.models import Appearance

HOSTILE = [*"=+-@|%';,", "''", '"', "\t", "\n", "\r\n", " ", "\uff1d", "\ufeff", "\u200b"]
WORDS = [*HOSTILE, *HOSTILE, "1+1", "heron", "Žižek", "e\u0301", "अदा", "宋", "_x0041_", "\\N", "0049", "🙂", "<b>"]
COLUMNS = tuple(each for each in Column if each not in (Column.RECORDED_AT, Column.REFERENCE))


def people(seed: int, number: int = 120) -> list[dict[str, str]]:
    """Invented ones of hostile pieces; each has an address, by which they are told apart."""
    chance = random.Random(seed)

    def cell(least: int) -> str:
        return "".join(chance.choice(WORDS) for _ in range(chance.randint(least, 4)))

    return [
        {
            "name": cell(1) + chance.choice(["", "x"]) or "x", "role": cell(0), "organisation": cell(0),
            "team": cell(0), "city": cell(0),
            "phone": cell(0), "email": f"p{at}+tag@example.org", "wishes_updates": chance.choice(["yes", "no"]),
            "signed_on": chance.choice(["", "2018", "2018-06", "2018-06-21"]),
            "appearance": chance.choice(list(Appearance)), "kind": "person",
        }
        for at in range(number)
    ]  # fmt: skip


def brought_whole(letter: Campaign, actor: Account, content: bytes) -> Import:
    """Everybody in a file, shown as it says."""
    now = clock.now()
    with transaction():
        row = service.begin(letter, [content], appearance=Appearance.NAMED, actor=actor, now=now)
        service.check(row, row.columns, order=row.day_order, appearance=Appearance.NAMED, now=now)
    running.work()
    run(row)
    return row


def exported(letter: Campaign) -> list[tuple[str | int, ...]]:
    found = list(rows(letter, Wanted(Extent.WHOLE, COLUMNS), now=clock.now()))
    db.session.rollback()
    return found


@pytest.mark.parametrize("kind", list(Format))
def test_an_export_comes_back_unchanged(letter: Campaign, organiser: Account, kind: Format) -> None:
    """Formulas, apostrophes, separators, line breaks, marks nobody sees: a second export is the first, cell by cell."""
    first = brought_whole(letter, organiser, json.dumps(people(seed=len(kind))).encode())
    before = exported(letter)
    assert len(before) == first.new > 100
    file = b"".join(in_format(kind, COLUMNS, before, about={}))
    with transaction():
        other = campaign("other")
    again = brought_whole(other, organiser, file)
    assert (again.new, again.refused) == (len(before), 0)
    assert sorted(exported(other), key=repr) == sorted(before, key=repr), "in an order that tells no time, so another"
    assert (brought_whole(other, organiser, file).new) == 0
