"""Lists as files of each kind, written without the code that reads them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from xml.sax.saxutils import escape

from tests.data.people import HEADING, Listed

Cell = str | int | dt.date
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def as_csv(rows: Iterable[Sequence[str]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """As Python writes it: quoted where it must be."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def as_xlsx(rows: Iterable[Sequence[Cell]]) -> bytes:
    """As small as a workbook can be: an empty sheet, then one with the rows."""

    def cell(value: Cell) -> str:
        if isinstance(value, dt.date):
            return f'<c s="1"><v>{(value - dt.date(1899, 12, 30)).days}</v></c>'
        if isinstance(value, int):
            return f"<c><v>{value}</v></c>"
        return f'<c t="inlineStr"><is><t xml:space="preserve">{_in_xml(value)}</t></is></c>'

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    related = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    body = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return _packed({
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{related}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{related}"><sheets>'
        '<sheet name="Empty" sheetId="1" r:id="r1"/><sheet name="People" sheetId="2" r:id="r2"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{related}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{related}/worksheet" Target="worksheets/sheet2.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData/></worksheet>',
        "xl/worksheets/sheet2.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/>'
        "</cellXfs></styleSheet>",
    })  # fmt: skip


def as_ods(rows: Iterable[Sequence[Cell]]) -> bytes:
    """One sheet; a line break in a cell is another paragraph, as LibreOffice writes it."""

    def cell(value: Cell) -> str:
        if isinstance(value, dt.date):
            return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
        if isinstance(value, int):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        lines = "".join(f"<text:p>{_in_xml(line)}</text:p>" for line in value.splitlines() or [""])
        return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'

    urn = "urn:oasis:names:tc:opendocument:xmlns"
    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    return _packed({
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": f'<office:document-content xmlns:office="{urn}:office:1.0" xmlns:table="{urn}:table:1.0" '
        f'xmlns:text="{urn}:text:1.0" office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="People">{body}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>",
        "META-INF/manifest.xml": "<manifest/>",
    })  # fmt: skip


def as_json(people: Iterable[Listed]) -> bytes:
    """As this program exports it; days as exactly as they are known."""
    columns = ("name", "role", "organisation", "email", "phone", "signed_on")
    listed = [dict(zip(columns, (*each.cells[:-1], each.day), strict=True)) for each in people]
    whole = {"format": "undersigned signatories 1", "columns": columns, "signatories": listed}
    return json.dumps(whole, ensure_ascii=False, indent=0).encode()


def typed(people: Iterable[Listed]) -> Iterable[list[Cell]]:
    """As a spreadsheet would keep them: numbers as numbers, ISO days as days."""
    yield list(HEADING)
    for each in people:
        name: Cell = int(each.name) if re.fullmatch(r"[1-9]\d*", each.name) else each.name
        signed: Cell = dt.date.fromisoformat(each.day) if each.signed == each.day != "" else each.signed
        yield [name, *each.cells[1:-1], signed]


def _packed(files: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return made.getvalue()


def _in_xml(text: str) -> str:
    return escape(_NOT_IN_XML.sub(" ", text))


WRITERS: dict[str, Callable[[Iterable[Listed]], bytes]] = {
    "csv": lambda people: as_csv([HEADING, *(each.cells for each in people)]),
    "tsv": lambda people: as_csv([HEADING, *(each.cells for each in people)], "\t"),
    "xlsx": lambda people: as_xlsx(typed(people)),
    "ods": lambda people: as_ods(typed(people)),
    "json": as_json,
}
