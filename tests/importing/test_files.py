"""What a file is is told by its bytes; one that is no list is refused in words."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.data.files import as_ods, as_xlsx
from tests.importing.lists import brought, counted, run
from tests.signatures.conftest import HERE
from tests.support.accounts import SignedIn
from tests.support.pages import visit
from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.importing import running, service
from tracker.importing.models import DayOrder, Import
from tracker.importing.problems import FileProblem, Problem
from tracker.signatures.models import Appearance, Signatory, Signature


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_a_file_is_is_found(context: Flask, encoding: str, delimiter: str) -> None:
    """Encoding, separator and heading are found by the bytes."""
    from tracker.importing.detecting import shape_of
    from tracker.importing.reading import read_rows

    text = f"name{delimiter}e-mail\nZoë Müller{delimiter}zoe@example.org\n"
    content = text.encode(encoding)
    try:
        content.decode("utf-8")
        is_utf8 = True
    except UnicodeDecodeError:
        is_utf8 = False
    shape = shape_of(content, is_utf8=is_utf8)
    assert (shape.delimiter, shape.has_header) == (delimiter, True)
    assert list(read_rows([content], shape))[1] == (2, ["Zoë Müller", "zoe@example.org"])


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file, file.open("xl/workbook.xml", "w") as member:
        for _some in range(400):
            member.write(bytes(1_000_000))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", Problem.EMPTY),
        (b"%PDF-1.7 \n", Problem.NOT_A_LIST),
        (b"PK\x03\x04 nothing of the kind", Problem.BROKEN),
        (bomb(), Problem.TOO_MUCH_WORK),
        (b'{"people": []}', Problem.NOT_A_LIST),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_words(
    letter: Campaign, organiser: Account, content: bytes, problem: Problem
) -> None:
    """At once, and nothing of it stays."""
    with pytest.raises(FileProblem) as found, transaction():
        service.begin(letter, [content], appearance=Appearance.COUNTED, actor=organiser, now=clock.now())
    assert found.value.problem is problem
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Import)) == 0


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"name,email\n" + b"Ada,a@example.org\n" * 30 + b'"Bob,b@example.org\n', Problem.QUOTES),
        (b"name," + b"," * 10_000 + b"\n", Problem.COLUMNS),
        (b"name\n" + b"x" * 900_000, Problem.LONG_LINE),
    ],
)
def test_a_broken_list_saves_nobody(letter: Campaign, organiser: Account, content: bytes, problem: Problem) -> None:
    """Unbalanced quotes, ten thousand columns, a line without end: the problem is named, nobody is saved."""
    with transaction():
        row = service.begin(letter, [content], appearance=Appearance.COUNTED, actor=organiser, now=clock.now())
    if not row.problem:
        with transaction():
            service.check(row, row.columns, order=DayOrder.UNKNOWN, appearance=Appearance.COUNTED, now=clock.now())
        running.work()
        db.session.refresh(row)
    assert row.problem == problem
    assert counted() == (0, 0, 0)


@pytest.mark.parametrize("written", [as_xlsx, as_ods])
def test_a_spreadsheet_is_read(
    letter: Campaign, organiser: Account, written: Callable[[list[list[object]]], bytes]
) -> None:
    """The first sheet that has rows, with its numbers and days as they are meant."""
    rows: list[list[object]] = [
        ["name", "email", "date"],
        ["Ada Lovelace", "ada@example.org", dt.date(2026, 1, 31)],
        [4711, "", dt.date(2026, 2, 1)],
    ]
    row = brought(letter, organiser, written(rows))
    assert (row.new, row.refused, row.ambiguous) == (2, 0, 0)
    run(row)
    if not letter.is_protected:
        assert set(db.session.scalars(sa.select(Signatory.name))) == {"Ada Lovelace", "4711"}
    assert set(db.session.scalars(sa.select(Signature.signed_on))) == {dt.date(2026, 1, 31), dt.date(2026, 2, 1)}


def test_a_spreadsheet_under_another_name_is_still_one(app: Flask, lead: SignedIn) -> None:
    """What a file is is told by its bytes: an XLSX that is called .csv is read as what it is."""
    named = {"file": (io.BytesIO(as_xlsx([["name"], ["Ada"]])), "people.csv"), "appearance": "counted"}
    answer = lead.post(f"{HERE}/import", data=named, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    assert "Ada" in visit(lead, answer.headers["Location"]).text


def test_our_own_json_is_read(letter: Campaign, organiser: Account) -> None:
    """An object with the list of signatories, as it is exported here."""
    people = [{"name": "Ada", "office": "Engineer", "signed_on": "2026-01-02"}, {"name": "@heron"}]
    row = brought(letter, organiser, json.dumps({"signatories": people}).encode())
    assert row.new == 2
