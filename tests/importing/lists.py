"""A list on its way through, and files as small as they can be."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterable

import sqlalchemy as sa

from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.importing import running, service
from tracker.importing.models import DayOrder, Import
from tracker.signatures.models import Appearance, Signatory, SignatoryTally, Signature


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
