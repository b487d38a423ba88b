"""What a file is: by its first bytes, never by its name. What is found is shown, and can be corrected."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass

from tracker.importing.problems import FileProblem, Problem

ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac-roman")
DELIMITERS = (",", ";", "\t", "|")
HEAD = 65_536  # bytes looked at for delimiter and heading
_OTHERS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"SQLite format",
    b"\x1f\x8b",
    b"\x7fELF",
)


@dataclass(frozen=True)
class Shape:
    """How the rows of a text are read."""

    encoding: str
    delimiter: str
    has_header: bool


def packed_kind(head: bytes) -> str:
    """ "sheet" or "json" for what a process of its own unpacks first, "" for text. Raises FileProblem."""
    if head.startswith(b"PK"):
        return "sheet"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileProblem(Problem.OLD)
    if head.startswith(_OTHERS):
        raise FileProblem(Problem.NOT_A_LIST)
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    return "json" if start in (b"[", b"{") else ""


def shape_of(head: bytes, *, is_utf8: bool) -> Shape:
    """The shape that the first bytes have; whether all of it is UTF-8 is known to whoever stored it."""
    encoding = _encoding(head, is_utf8)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
    if text.count("\x00") > len(text) // 20:
        raise FileProblem(Problem.NOT_A_LIST)
    lines = text.splitlines()[:50] if len(head) < HEAD else text.splitlines()[:-1][:50]
    delimiter = _delimiter(lines or [text[:1000]])
    first = next(csv.reader(lines, delimiter=delimiter), [])
    return Shape(encoding, delimiter, looks_like_heading(first))


def looks_like_heading(cells: Iterable[str]) -> bool:
    """Words without an address, a number or a date among them, and one of them the name of a column."""
    from tracker.importing.columns import column_named

    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled or any(re.search(r"@.+\.|^\W*\d[\d./: -]*$", cell) for cell in filled):
        return False
    return any(column_named(cell) for cell in filled)


def _encoding(head: bytes, is_utf8: bool) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    odd, even = head[1::2].count(0), head[::2].count(0)
    if odd > len(head) // 5 and odd > 4 * even:
        return "utf-16-le"
    if even > len(head) // 5 and even > 4 * odd:
        return "utf-16-be"
    return "utf-8-sig" if is_utf8 else "cp1252"


def _delimiter(lines: list[str]) -> str:
    """The one that cuts the lines into the most columns of one number."""

    def weight(delimiter: str) -> tuple[int, int]:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            return (0, 0)
        common = max(set(widths), key=widths.count, default=1)
        return (widths.count(common) if common > 1 else 0, common)

    return max(DELIMITERS, key=weight)
