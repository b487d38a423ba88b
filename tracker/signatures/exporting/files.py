"""Rows into the bytes of a file, as they come: the first leave before the last row is read, and nothing touches a disk,
where it would outlive an erasure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tracker.signatures.cells import safe_cell
from tracker.signatures.exporting.columns import Column, Format
from tracker.signatures.exporting.xlsx import xlsx_file

Rows = Iterable[Sequence[str | int]]
BYTES_AT_ONCE = 64 * 1024
MIME_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSON: "application/json",
}


def in_format(kind: Format, columns: Sequence[Column], rows: Rows, *, about: Mapping[str, str]) -> Iterator[bytes]:
    """The file, in parts. `about` says in JSON what it is of; no other kind has a place for it."""
    if kind is Format.JSON:
        return json_file(columns, rows, about)
    safe = ([safe_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return csv_file(columns, safe) if kind is Format.CSV else xlsx_file([column.value for column in columns], safe)


def csv_file(columns: Sequence[Column], rows: Rows) -> Iterator[bytes]:
    """UTF-8 with its mark, which Excel needs; every cell quoted, so that no program cuts one at another separator."""
    part = io.StringIO(newline="")
    writer = csv.writer(part, quoting=csv.QUOTE_ALL)
    part.write("\ufeff")
    writer.writerow([column.value for column in columns])
    for row in rows:
        writer.writerow(row)
        if part.tell() > BYTES_AT_ONCE:
            yield part.getvalue().encode()
            part.seek(0)
            part.truncate()
    yield part.getvalue().encode()


def json_file(columns: Sequence[Column], rows: Rows, about: Mapping[str, str]) -> Iterator[bytes]:
    """`{"format": "undersigned signatories 1", …, "signatories": [{column: value}, …]}`, one signatory a line."""
    names = [column.value for column in columns]
    head = json.dumps({"format": "undersigned signatories 1", **about, "columns": names}, ensure_ascii=False)
    part = [head[:-1], ', "signatories": [']
    size, between, encode = 0, "\n", json.JSONEncoder(ensure_ascii=False).encode
    for row in rows:
        line = between + encode(dict(zip(names, row, strict=True)))
        between = ",\n"
        part.append(line)
        size += len(line)
        if size > BYTES_AT_ONCE:
            yield "".join(part).encode()
            part, size = [], 0
    part.append("\n]}\n")
    yield "".join(part).encode()
