"""Files that would rather not be lists: each is refused in words, quickly, and nothing of it stays."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.data.files import as_csv, as_ods, as_xlsx
from tests.importing.lists import IN_THE_OPEN, brought, counted, run
from tests.signatures.conftest import NOW, campaign
from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.importing import keeping, service
from tracker.importing.models import Import, ImportPart
from tracker.importing.problems import FileProblem, Problem
from tracker.signatures.exporting import Column, Extent, Format, Wanted, in_format, rows
from tracker.signatures.models import Appearance, Signatory

MEGABYTE, GIGABYTE = 1_000_000, 1_000_000_000


class Counted:
    """Pieces of a file of a gigabyte, and how many of them anybody asked for."""

    def __init__(self, first: bytes, rest: bytes) -> None:
        self.taken = 0
        self._first, self._rest = first, rest

    def __iter__(self) -> Iterator[bytes]:
        for number in range(GIGABYTE // MEGABYTE):
            self.taken += 1
            yield self._first if number == 0 else self._rest


@pytest.mark.parametrize(
    ("first", "rest", "problem"),
    [
        (bytes(MEGABYTE), bytes(MEGABYTE), Problem.NOT_A_LIST),
        (b"name\nAda\n", b"x" * MEGABYTE, Problem.LONG_LINE),
        (b"PK\x03\x04", bytes(MEGABYTE), Problem.TOO_LARGE),
        (b'{"signatories": [', b" " * MEGABYTE, Problem.TOO_LARGE),
    ],
    ids=["empty bytes", "no line ends", "a spreadsheet", "json"],
)
def test_a_gigabyte_is_refused_before_it_is_read(
    letter: Campaign, organiser: Account, first: bytes, rest: bytes, problem: Problem
) -> None:
    """After its first megabytes; no more of it was ever in memory, and none of it is in the database."""
    pieces = Counted(first, rest)
    with pytest.raises(FileProblem) as found, transaction():
        service.begin(letter, pieces, appearance=Appearance.COUNTED, actor=organiser, now=clock.now())
    assert found.value.problem is problem
    assert pieces.taken <= keeping.LARGEST_PACKED // MEGABYTE + 2
    for model in (Import, ImportPart):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 0


def test_a_sparse_gigabyte_on_the_command_line(app: Flask, run_tracker: Callable, tmp_path: Path) -> None:  # type: ignore[type-arg]
    """`tracker import signatories` says in words what is wrong with it, and stops with a status."""
    with app.app_context(), transaction():
        campaign()
    file = tmp_path / "people.csv"
    with file.open("wb") as opened:
        opened.truncate(GIGABYTE)
    said = run_tracker("import", "signatories", str(file), "--campaign", "letter")
    assert said.exit_code != 0
    assert "This is no list that can be read here" in said.output


def packed_anew(content: bytes, change: Callable[[str], str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name).decode()))
    return out.getvalue()


SHEET, BOOK = as_ods([["name"], ["Ada"]]), as_xlsx([["name"], ["Ada"]])
CELL = '<row><c t="inlineStr"><is><t xml:space="preserve">Ada'
CELLS, ROW = "<table:table-cell", "<table:table-row>"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (as_xlsx([["name"] * 10_000]), Problem.COLUMNS),
        (packed_anew(BOOK, lambda text: text.replace(CELL, CELL.replace("<c", '<c r="XFD1048576"'))), None),
        (packed_anew(SHEET, lambda text: text.replace(CELLS, f'{CELLS} table:number-columns-repeated="16384"')), None),
        (packed_anew(SHEET, lambda text: text.replace(ROW, f'{ROW[:-1]} table:number-rows-repeated="-1">')), None),
        (packed_anew(BOOK, lambda text: '<!DOCTYPE a [<!ENTITY b "x">]>' + text.replace("Ada", "&b;")), None),
        (BOOK[:-200], Problem.BROKEN),
        (b"\xd0\xcf\x11\xe0" + bytes(500), Problem.OLD),
        (b"[" * 100_000, None),
        (b'{"signatories": [{"name": "Ada"}, "Bob"]}', Problem.NOT_A_LIST),
    ],
    ids=["10,000 columns", "one cell far away", "16,384 cells", "-1 rows", "entities", "cut off", "xls", "deep", "odd"],
)
def test_a_process_of_its_own_takes_the_harm(content: bytes, problem: Problem | None) -> None:
    """Whatever a spreadsheet or JSON does to whoever unpacks it, what comes out is a problem with words."""
    with pytest.raises(FileProblem) as found:
        list(keeping.unpacked([content])[1])
    assert found.value.problem is (problem or found.value.problem)
    assert problem or found.value.problem in (Problem.COLUMNS, Problem.TOO_MUCH_WORK, Problem.BROKEN)


FORMULAS = ('=HYPERLINK("https://example.org")', "@heron", "+49 Möwe", "-1", "'tis", "|cmd", "%PATH", "＝1", "'=1")


@IN_THE_OPEN
@pytest.mark.parametrize("kind", Format)
def test_formulas_are_words_here_and_come_back_from_our_own_files(
    letter: Campaign, organiser: Account, kind: Format
) -> None:
    """They are stored as they are, leave as cells that no spreadsheet runs, and return as the same people."""
    people = [{"name": name} for name in FORMULAS]
    run(brought(letter, organiser, json.dumps(people).encode()))
    assert set(db.session.scalars(sa.select(Signatory.name))) == set(FORMULAS)
    wanted = Wanted(Extent.WHOLE, (Column.NAME, Column.ROLE, Column.ORGANISATION, Column.SIGNED_ON))
    exported = b"".join(in_format(kind, wanted.columns, rows(letter, wanted, now=NOW), about={}))
    assert kind is Format.XLSX or (b'"=HYPERLINK' in exported) is (kind is Format.JSON)
    again = brought(letter, organiser, exported)
    assert (again.rows, again.new, again.here) == (len(FORMULAS), 0, len(FORMULAS))


def test_a_formula_of_a_workbook_is_what_it_showed() -> None:
    """Nothing is computed: the words that the program had stored beside the formula are read."""
    cell = '<c t="inlineStr"><is><t xml:space="preserve">Ada</t></is></c>'
    formula = '<c t="str"><f>HYPERLINK("https://example.org","x")</f><v>Ada</v></c>'
    head, text = keeping.unpacked([packed_anew(BOOK, lambda sheet: sheet.replace(cell, formula))])
    assert b"".join(text) == head == b"name\r\nAda\r\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "cp1252", "utf-8-sig"])
def test_other_encodings_are_the_same_people(letter: Campaign, organiser: Account, encoding: str) -> None:
    """Found by the bytes, in the middle of a letter as well as at the start."""
    people = [["name", "e-mail"], *([f"Zoë Möwe-{n}", f"zoe.{n}@example.org"] for n in range(300))]
    run(brought(letter, organiser, as_csv(people, ";", encoding)))
    again = brought(letter, organiser, as_csv(people))
    assert (again.new, again.here, again.refused) == (0, 300, 0)
    assert counted()[0] == 300
