"""The process that unpacks a spreadsheet or JSON: `python -m tracker.importing.child KIND`, file in, CSV out.

It may use so much time and memory; what breaks it breaks nobody else. The first line says how it went.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from tracker.signatures.cells import safe_cell

SECONDS, MEMORY, UNPACKED, MEMBERS, WIDEST = 60, 1_500_000_000, 300_000_000, 5_000, 500
PIECE = 500_000  # characters written at once
OK, NOT_A_LIST, BROKEN, TOO_MUCH_WORK, COLUMNS = b"ok", b"not_a_list", b"broken", b"too_much_work", b"columns"


class Refused(Exception):
    """With the word for the first line."""


def main() -> None:
    """Read, unpack, write."""
    content = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    out = io.StringIO(newline="")
    try:
        writer = csv.writer(out)
        for row in sheet(content) if sys.argv[1] == "sheet" else objects(content):
            if len(row) > WIDEST:
                raise Refused(COLUMNS)
            writer.writerow(row)
        answer = OK
    except Refused as refused:
        answer = refused.args[0]
    except (MemoryError, RecursionError):
        answer = TOO_MUCH_WORK
    except Exception:  # a library met bytes that it does not understand; which, is nobody's business
        answer = BROKEN
    sys.stdout.buffer.write(answer + b"\n")
    out.seek(0)
    while answer is OK and (some := out.read(PIECE)):
        sys.stdout.buffer.write(some.encode("utf-8", "replace"))


def sheet(content: bytes) -> Iterable[list[str]]:
    """The rows of the first sheet that has any."""
    from python_calamine import CalamineWorkbook

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        names = packed.namelist()
        if "xl/workbook.xml" not in names and "content.xml" not in names:
            raise Refused(NOT_A_LIST)
        if len(names) > MEMBERS or sum(each.file_size for each in packed.infolist()) > UNPACKED:
            raise Refused(TOO_MUCH_WORK)
        unpacked = 0
        for name in names:  # what the directory declares may be a lie
            with packed.open(name) as member:
                while some := member.read(1_000_000):
                    unpacked += len(some)
                    if unpacked > UNPACKED:
                        raise Refused(TOO_MUCH_WORK)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name)
        if rows.height:
            if rows.width > WIDEST:
                raise Refused(COLUMNS)
            return ([cell(value) for value in row] for row in rows.iter_rows())
    return []


def cell(value: Any) -> str:
    """As it is written: whole numbers without a point, moments in ISO."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value.isoformat() if hasattr(value, "isoformat") else "" if value is None else str(value)


def objects(content: bytes) -> Iterator[list[str]]:
    """JSON as this program exports it: a list of signatories, or an object with one (`signatories`, `signatures`).

    Its texts are made safe as in a CSV that is exported here, since that is how they are read afterwards: an apostrophe
    that somebody wrote comes back, and JSON itself needs none.
    """
    found = json.loads(content.decode("utf-8-sig"))
    if isinstance(found, dict):
        found = next((found[key] for key in ("signatories", "signatures") if key in found), None)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Refused(NOT_A_LIST)
    heading = list(dict.fromkeys(key for each in found for key in each))
    if len(heading) > WIDEST:
        raise Refused(COLUMNS)
    yield heading
    for each in found:
        yield [safe_cell(_said(each.get(key))) for key in heading]


def _said(value: Any) -> str:
    if value is None or isinstance(value, (dict, list)):
        return ""
    return str(value)


if __name__ == "__main__":
    main()
