"""Signatories as a file: no more than one may have, safe to open, the same when read again."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from tests.signatures.conftest import HERE, NOW, add, campaign, join
from tests.support.accounts import PASSWORD, SignedIn, code_of
from tests.support.pages import visit
from tracker.accounts.models import AccessRecord, Account, Membership, Reading, Role
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, transaction
from tracker.signatures import exporting, service
from tracker.signatures.cells import original_cell
from tracker.signatures.exporting import Column, Extent, Format, Wanted
from tracker.signatures.exporting.xlsx import xlsx_file
from tracker.signatures.models import Appearance

EXPORT = f"{HERE}/export"
HOSTILE = [
    '=HYPERLINK("http://x")',
    "@heron",
    "+49 30 123",
    "'=1",
    "O\u2019Neill; =1",
    'She said "no"',
    "\u5c0f\u660e",
    "-",
    "a,b",
]


@pytest.fixture
def exporter(app: Flask, signed_in: Callable[..., SignedIn], protected: bool) -> SignedIn:
    """The lead of a campaign at HERE, with password and second factor, who may see contact data and export."""
    client = signed_in(Role.ORGANISER, may_see_contacts=True, may_export=True, password=True)
    with app.app_context():
        with transaction():
            letter = campaign(protected=protected)
            join(letter, (db.session.get_one(Account, client.account_id), Membership.LEAD))
        me = db.session.get_one(Account, client.account_id)
        add(letter, me, "Ada Lovelace", appearance=Appearance.NAMED, office="Engineer", address="ada@quill.example")
        add(letter, me, "Grace Hopper", appearance=Appearance.INITIALS, office="Admiral", affiliation="Navy")
        add(letter, me, "Zebediah Secret", appearance=Appearance.COUNTED, address="zeb@quill.example")
        gone = add(letter, me, "Walter Gone", appearance=Appearance.NAMED, address="walter@quill.example")
        with transaction():
            service.withdraw_signature(gone.signatures[0], reason="", actor=me, now=NOW)
    return client


def ask(client: SignedIn, *, proof: bool = True, **fields: object) -> TestResponse:
    """Post the form of the export."""
    data: dict[str, object] = {"extent": "whole", "format": "csv", "columns": ["name"], "reason": "Delivery", **fields}
    if proof:
        data |= {"current_password": PASSWORD, "code": code_of()}
    return client.post(EXPORT, data=data)


def read_csv(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def read_xlsx(data: bytes) -> list[list[str]]:
    """The cells of every sheet, by the standard library alone."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = sorted((name for name in archive.namelist() if "sheets/" in name), key=lambda name: (len(name), name))
        sheets = [ElementTree.fromstring(archive.read(name)) for name in names]
    tag = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    rows = [row for sheet in sheets for row in sheet.iter(f"{tag}row")]
    return [["".join(cell.itertext()) for cell in row.iter(f"{tag}c")] for row in rows]


@pytest.mark.each_database
@pytest.mark.parametrize("kind", list(Format))
def test_as_each_chose_to_appear(exporter: SignedIn, kind: Format) -> None:
    """Names, initials and roles as outsiders read them; not a trace of who chose only to be counted, or withdrew."""
    answer = ask(
        exporter, proof=False, extent="as_shown", format=kind.value, columns=["name", "role", "email", "signed_on"]
    )
    assert answer.status_code == 200
    data = answer.get_data()
    read = {
        Format.CSV: lambda: [list(row.values()) for row in read_csv(data)],
        Format.XLSX: lambda: read_xlsx(data)[1:],
        Format.JSON: lambda: [list(row.values()) for row in json.loads(data)["signatories"]],
    }[kind]()
    assert sorted(read) == [["Ada Lovelace", "Engineer"], ["G. H.", "Admiral"]]
    assert not re.search(rb"Hopper|Zebediah|Walter|quill", data)


@pytest.mark.each_database
def test_whole_list_with_contacts_is_recorded(app: Flask, exporter: SignedIn) -> None:
    """Everything asked for, also who withdrew but without a way to write to them; the record says who, what and why."""
    answer = ask(exporter, ended_too="y", columns=["name", "email", "status", "appearance", "reference"])
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="letter-signatories-')
    assert answer.headers["Cache-Control"] == "no-store"
    rows = {row["name"]: row for row in read_csv(answer.get_data())}
    assert {name: row["email"] for name, row in rows.items()} == {
        "Ada Lovelace": "ada@quill.example",
        "Grace Hopper": "",
        "Zebediah Secret": "zeb@quill.example",
        "Walter Gone": "",
    }
    assert rows["Walter Gone"]["status"] == "withdrawn"
    assert rows["Zebediah Secret"]["appearance"] == "counted"
    with app.app_context():
        record = db.session.scalars(sa.select(AccessRecord)).one()
        assert (record.reading, record.count, record.account_id) == (Reading.EXPORTED, 4, exporter.account_id)
        assert record.reason == "Delivery [csv, whole: name, email, status, appearance, reference]"


@pytest.mark.parametrize(
    "fields",
    [
        {"code": "000000"},
        {"current_password": "wrong wrong wrong"},
        {"code": ""},
        {"reason": ""},
        {"columns": []},
        {"format": "exe"},
        {"columns": ["password"]},
    ],
)
def test_whole_list_asks_who_it_is_and_why(app: Flask, exporter: SignedIn, fields: dict[str, object]) -> None:
    """Without password, code, reason or a column that exists there is no file, and no line in the record."""
    data = {"current_password": PASSWORD, "code": code_of(), **fields}
    answer = ask(exporter, proof=False, **data)
    assert answer.status_code == 422
    assert b"Zebediah" not in answer.get_data()
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(AccessRecord)) == 0


def test_a_code_is_good_for_one_export(exporter: SignedIn) -> None:
    """Whoever saw the code typed cannot export with it."""
    code = code_of()
    given = {"current_password": PASSWORD, "code": code}
    answer = ask(exporter, proof=False, **given)
    assert answer.status_code == 200 and answer.get_data()  # read to its end, which closes the request behind it
    assert ask(exporter, proof=False, **given).status_code == 422


def test_exporting_and_contact_data_are_permissions_of_their_own(
    app: Flask, signed_in: Callable[..., SignedIn]
) -> None:
    """A lead without them gets neither; nor does an administrator; without contact data no address comes."""
    lead = signed_in(Role.ORGANISER, password=True)
    plain = signed_in(Role.ORGANISER, password=True, may_export=True)
    outsider = signed_in(Role.VIEWER, password=True, may_export=True)
    admin = signed_in(Role.ADMINISTRATOR, password=True)
    with app.app_context(), transaction():
        letter = campaign(visibility=Visibility.SIGNED_IN)
        members = [(db.session.get_one(Account, who.account_id), Membership.LEAD) for who in (lead, plain)]
        join(letter, *members)
    with app.app_context():
        made = db.session.scalars(sa.select(Campaign)).one()
        add(made, db.session.get_one(Account, lead.account_id), "Zebediah Secret", address="zeb@quill.example")
    for who in (lead, admin):
        assert ask(who).status_code == 403
        assert visit(who, EXPORT).text.count("You may not export")
    assert ask(plain, columns=["name", "email"]).status_code == 422
    assert b"Zebediah" in ask(plain).get_data()
    assert ask(outsider).status_code == 422
    answer = ask(outsider, extent="as_shown", proof=False)
    assert (answer.status_code, read_csv(answer.get_data())) == (200, [])


@pytest.mark.each_database
def test_batches_miss_and_double_nobody(app: Flask, exporter: SignedIn) -> None:
    """However few at a time, everybody comes once."""
    with app.app_context():
        letter = db.session.scalars(sa.select(Campaign)).one()
        for extent in Extent:
            wanted = Wanted(extent, (Column.NAME, Column.REFERENCE), ended_too=True)
            whole = list(exporting.rows(letter, wanted, now=NOW))
            for batch in (1, 2, 3):
                assert list(exporting.rows(letter, wanted, now=NOW, batch=batch)) == whole
            assert len(whole) == exporting.number_of_rows(letter, wanted)


@pytest.mark.parametrize("extent", list(Extent))
def test_the_order_tells_nothing(app: Flask, exporter: SignedIn, protected: bool, extent: Extent) -> None:
    """Rows come in the order of random references, not in that of signing; where names are sealed, the moment of a
    signature is a day."""
    with app.app_context():
        letter = db.session.scalars(sa.select(Campaign)).one()
        me = db.session.get_one(Account, exporter.account_id)
        people = [(f"Person {number}", Appearance.NAMED) for number in range(12)]
        made = {add(letter, me, name, appearance=shown).public_id: name for name, shown in people}
        wanted = Wanted(extent, (Column.NAME, Column.RECORDED_AT))
        found = [row for row in exporting.rows(letter, wanted, now=NOW) if row[0] in made.values()]
        if extent is Extent.WHOLE or not protected:
            assert [row[0] for row in found] == [made[reference] for reference in sorted(made)]
        if extent is Extent.WHOLE:
            moment = "2026-03-02" if protected else "2026-03-02T12:00:00+00:00"
            assert {row[1] for row in found} == {moment}


@pytest.mark.parametrize("protected", [False], ids=["plain"], indirect=True)
def test_hostile_cells_are_safe_and_come_back(app: Flask, exporter: SignedIn) -> None:
    """What a spreadsheet would run is made text in CSV and XLSX; taken back as imports do, it is as in JSON."""
    with app.app_context():
        letter = db.session.scalars(sa.select(Campaign)).one()
        me = db.session.get_one(Account, exporter.account_id)
        for name in HOSTILE:
            add(letter, me, name, appearance=Appearance.NAMED)
        wanted = Wanted(Extent.WHOLE, (Column.NAME,))
        files = {
            kind: b"".join(
                exporting.in_format(
                    kind, wanted.columns, exporting.rows(letter, wanted, now=NOW), about={"campaign": "x"}
                )
            )
            for kind in Format
        }
    cells = [row["name"] for row in read_csv(files[Format.CSV])]
    workbook = [row[0] for row in read_xlsx(files[Format.XLSX])[1:]]
    assert cells == workbook
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    plain = [row["name"] for row in json.loads(files[Format.JSON])["signatories"]]
    assert [original_cell(cell) for cell in cells] == plain
    assert set(HOSTILE) <= set(plain)


def test_workbook_goes_on_on_another_sheet() -> None:
    """More rows than a sheet holds go to the next, each with the first row above; an empty one is a workbook too."""
    data = b"".join(xlsx_file(["name", "n"], [[f"row {n}", n] for n in range(5)], rows_a_sheet=3))
    assert read_xlsx(data) == [
        ["name", "n"], ["row 0", "0"], ["row 1", "1"],
        ["name", "n"], ["row 2", "2"], ["row 3", "3"],
        ["name", "n"], ["row 4", "4"],
    ]  # fmt: skip
    assert read_xlsx(b"".join(xlsx_file(["name"], []))) == [["name"]]


def test_characters_that_xml_does_not_have() -> None:
    """Control characters and what looks like their escape leave a workbook that every program can read."""
    data = b"".join(xlsx_file(["name"], [["a\x00b\ud800<&>_x0041_ c "]]))
    assert read_xlsx(data)[1] == ["a_x0000_b_xD800_<&>_x005F_x0041_ c "]


@pytest.mark.parametrize("kind", list(Format))
def test_first_bytes_leave_before_the_last_row_is_read(kind: Format) -> None:
    """A million rows are never held: after a part of them bytes are there, and the rest is not yet asked for."""
    taken = 0

    def endless() -> Iterator[list[str]]:
        nonlocal taken
        while True:
            taken += 1
            yield [f"Person {taken}"]

    next(iter(exporting.in_format(kind, [Column.NAME], endless(), about={})))
    assert taken < 60_000


def test_export_holds_no_transaction_while_it_streams(app: Flask, exporter: SignedIn) -> None:
    """Somebody's slow line keeps no old state of the database alive: between batches no connection is in use."""
    with app.app_context():
        letter = db.session.scalars(sa.select(Campaign)).one()
        stream = exporting.rows(letter, Wanted(Extent.WHOLE, (Column.NAME,)), now=NOW, batch=1)
        db.session.remove()
        first = next(stream)
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        assert len({first, *stream}) == 3
