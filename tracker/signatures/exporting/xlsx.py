"""A workbook written as it is sent: a zip archive whose parts stream, with its texts inside the cells.

XlsxWriter's constant memory mode writes every row into files on the disk first and sends nothing before the last; here
no plain name ever lies in a file, the first byte leaves at once, and 70 lines are less than a library (docs/adr/028).
ECMA-376: SpreadsheetML sheets with inline strings; ST_Xstring says how characters are written that XML does not have.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

ROWS_A_SHEET = 1_048_576  # Excel's limit, the first row included; what is more goes to another sheet
LONGEST_CELL = 32_767
ROWS_AT_ONCE = 500

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# Nothing in it is written in another way in XML.
_AS_IT_IS = re.compile(r"[\w .,:;/()@+-]*", re.ASCII).fullmatch
# What XML 1.0 has no character for, and what would be taken for the way it is written.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\r\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")


class _Sink:
    """Where the archive is written: bytes wait here until they are taken away."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to do."""

    def take(self) -> bytes:
        taken = b"".join(self.parts)
        self.parts.clear()
        return taken


def xlsx_file(
    head: Sequence[str], rows: Iterable[Sequence[str | int]], *, rows_a_sheet: int = ROWS_A_SHEET
) -> Iterator[bytes]:
    """The workbook, in parts: one sheet, or as many as the rows need, each with the first row above it."""
    sink = _Sink()
    left = iter(rows)
    number = 0
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:  # type: ignore[call-overload]
        row = next(left, None)
        while number == 0 or row is not None:
            number += 1
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as sheet:
                sheet.write(_sheet_head(head).encode())
                lines: list[str] = []
                written = 1
                while row is not None and written < rows_a_sheet:
                    written += 1
                    lines.append(_row(row))
                    if len(lines) >= ROWS_AT_ONCE:
                        sheet.write("".join(lines).encode())
                        lines.clear()
                        if sink.parts:
                            yield sink.take()
                    row = next(left, None)
                sheet.write(("".join(lines) + "</sheetData></worksheet>").encode())
        for name, text in _rest(number):
            archive.writestr(name, _HEAD + text)
    yield sink.take()


def in_xml(text: str) -> str:
    """Text of a cell as XML; characters that XML does not have by their number, as Excel writes them."""
    if len(text) < LONGEST_CELL and "_" not in text and _AS_IT_IS(text):
        return text
    return escape(_NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text[:LONGEST_CELL]))


def _row(cells: Sequence[str | int], style: str = "") -> str:
    return "<row>" + "".join(_cell(cell, style) for cell in cells) + "</row>"


def _cell(cell: str | int, style: str) -> str:
    if isinstance(cell, int):
        return f"<c{style}><v>{cell}</v></c>"
    return f'<c{style} t="inlineStr"><is><t xml:space="preserve">{in_xml(cell)}</t></is></c>' if cell else "<c/>"


def _sheet_head(head: Sequence[str]) -> str:
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<cols><col min="1" max="{max(1, len(head))}" width="22" customWidth="1"/></cols><sheetData>'
        + _row(head, ' s="1"')
    )


def _rest(sheets: int) -> Iterator[tuple[str, str]]:
    """What makes sheets a workbook: who belongs to whom, and that the first row is bold."""
    numbers = range(1, sheets + 1)
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_KIND}.worksheet+xml"/>' for n in numbers
    )
    yield (
        "[Content_Types].xml",
        (
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>{parts}</Types>'
        ),
    )
    yield "_rels/.rels", _relations([("rId1", "officeDocument", "xl/workbook.xml")])
    listed = "".join(
        f'<sheet name="{"Signatories" if n == 1 else f"Signatories {n}"}" sheetId="{n}" r:id="rId{n}"/>'
        for n in numbers
    )
    yield "xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>'
    yield (
        "xl/_rels/workbook.xml.rels",
        _relations(
            [
                *((f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in numbers),
                (f"rId{sheets + 1}", "styles", "styles.xml"),
            ]
        ),
    )
    yield (
        "xl/styles.xml",
        (
            f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
            '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
            '<fills count="2"><fill><patternFill patternType="none"/></fill>'
            '<fill><patternFill patternType="gray125"/></fill>'
            '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
            '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
            '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
            '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs></styleSheet>'
        ),
    )


def _relations(relations: Iterable[tuple[str, str, str]]) -> str:
    inner = "".join(
        f'<Relationship Id="{i}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for i, kind, target in relations
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inner}</Relationships>'
