"""Lists from files: checked as a whole, brought in once, taken back as a whole."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable, Iterable

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.signatures.conftest import HERE
from tests.support.accounts import SignedIn
from tests.support.pages import visit
from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.importing import running, service
from tracker.importing.models import DayOrder, Import, ImportPart, ImportState
from tracker.importing.problems import FileProblem, Problem
from tracker.signatures.models import Appearance, Signatory, SignatoryTally, Signature

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


def brought(letter: Campaign, actor: Account | None, content: bytes | Iterable[bytes], **fields: object) -> Import:
    """A file, stored and checked."""
    pieces = [content] if isinstance(content, bytes) else content
    with transaction():
        row = service.begin(letter, pieces, appearance=Appearance.COUNTED, actor=actor, now=clock.now())
    with transaction():
        service.check(
            row, row.columns, order=DayOrder(fields.get("order", "unknown")), appearance=Appearance.COUNTED,
            now=clock.now(),
        )  # fmt: skip
    running.work()
    db.session.refresh(row)
    return row


def run(row: Import) -> None:
    with transaction():
        service.start(row, now=clock.now())
    running.work()
    db.session.refresh(row)


def counted() -> tuple[int, int, int]:
    """People, signatures, and what the tally says."""
    one = sa.select(sa.func.count())
    return (
        db.session.scalar(one.select_from(Signatory)) or 0,
        db.session.scalar(one.select_from(Signature)) or 0,
        db.session.scalar(sa.select(sa.func.sum(SignatoryTally.number))) or 0,
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
    text = "name,email\n" + "".join(f"Person {n},p{n}@example.org\n" for n in range(7)) + "Twin\nTwin\n"
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


def as_xlsx(rows: list[list[object]]) -> bytes:
    """As small as a workbook can be: an empty sheet, then one with the rows."""

    def cell(value: object) -> str:
        if isinstance(value, dt.date):
            return f'<c s="1"><v>{(value - dt.date(1899, 12, 30)).days}</v></c>'
        if isinstance(value, int):
            return f"<c><v>{value}</v></c>"
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    related = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    body = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{related}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{related}"><sheets>'
        '<sheet name="Empty" sheetId="1" r:id="r1"/><sheet name="People" sheetId="2" r:id="r2"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{related}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{related}/worksheet" Target="worksheets/sheet2.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData/></worksheet>',
        "xl/worksheets/sheet2.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/>'
        "</cellXfs></styleSheet>",
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return made.getvalue()


def as_ods(rows: list[list[object]]) -> bytes:
    def cell(value: object) -> str:
        if isinstance(value, dt.date):
            return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
        if isinstance(value, int):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    urn = "urn:oasis:names:tc:opendocument:xmlns"
    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    content = (
        f'<office:document-content xmlns:office="{urn}:office:1.0" xmlns:table="{urn}:table:1.0" '
        f'xmlns:text="{urn}:text:1.0" office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="People">{body}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("content.xml", content)
        file.writestr("META-INF/manifest.xml", "<manifest/>")
    return made.getvalue()


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
    refused = lead.get(f"{where}/refused.csv").text
    assert "nobody@" in refused
    assert "Lovelace" not in refused
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
