"""What a file is: its name's ending and its first bytes must say the same. What they do not agree on is refused."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from tracker.files.refusal import Refused, Why


class FileKind(enum.StrEnum):
    """The kinds we take. No others: each has its own cleaner."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"
    GIF = "gif"
    TEXT = "text"
    CSV = "csv"
    DOCX = "docx"
    XLSX = "xlsx"
    ODT = "odt"
    ODS = "ods"


@dataclass(frozen=True)
class Form:
    """How a kind is named and sent."""

    mime: str
    endings: tuple[str, ...]  # the first is the one we write


_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
FORMS = {
    FileKind.PDF: Form("application/pdf", ("pdf",)),
    FileKind.PNG: Form("image/png", ("png",)),
    FileKind.JPEG: Form("image/jpeg", ("jpg", "jpeg")),
    FileKind.WEBP: Form("image/webp", ("webp",)),
    FileKind.GIF: Form("image/gif", ("gif",)),
    FileKind.TEXT: Form("text/plain", ("txt",)),
    FileKind.CSV: Form("text/csv", ("csv",)),
    FileKind.DOCX: Form(_OPEN_XML + "wordprocessingml.document", ("docx",)),
    FileKind.XLSX: Form(_OPEN_XML + "spreadsheetml.sheet", ("xlsx",)),
    FileKind.ODT: Form(_OPEN_DOCUMENT + "text", ("odt",)),
    FileKind.ODS: Form(_OPEN_DOCUMENT + "spreadsheet", ("ods",)),
}
BY_ENDING = {ending: kind for kind, form in FORMS.items() for ending in form.endings}
ACCEPTED = ",".join(f".{ending}" for ending in BY_ENDING)  # for the browser's file chooser

ZIPPED = frozenset({FileKind.DOCX, FileKind.XLSX, FileKind.ODT, FileKind.ODS})
PLAIN = frozenset({FileKind.TEXT, FileKind.CSV})
PICTURES = frozenset({FileKind.PNG, FileKind.JPEG, FileKind.WEBP, FileKind.GIF})

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an old Office file, or a new one behind a password
_MARKED_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
# What a plain text never begins with: other kinds of file, programs, and what a browser might run.
_NOT_PLAIN = (b"%PDF-", b"{\\rtf", b"#!", b"<?php", b"<!doctype", b"<html", b"<svg", b"<script", b"MZ", b"GIF8", b"BM")


def kind_by_name(name: str) -> FileKind:
    """What the name says it is. Raises Refused when that is nothing we take."""
    stem, dot, ending = name.rpartition(".")
    kind = BY_ENDING.get(ending.casefold()) if dot and stem else None
    if kind is None:
        raise Refused(Why.UNKNOWN_KIND)
    return kind


def check(kind: FileKind, content: bytes) -> None:
    """Raise Refused unless the bytes begin as this kind does (a zip's inside is looked at by its cleaner)."""
    if not content:
        raise Refused(Why.EMPTY)
    if kind in PLAIN:
        check_plain(content)
    elif not _begins_as(kind, content):
        raise Refused(Why.ENCRYPTED if kind in ZIPPED and content.startswith(_OLE) else Why.OTHER_KIND)


def _begins_as(kind: FileKind, content: bytes) -> bool:
    match kind:
        case FileKind.PDF:
            return content.startswith(b"%PDF-")
        case FileKind.PNG:
            return content.startswith(b"\x89PNG\r\n\x1a\n")
        case FileKind.JPEG:
            return content.startswith(b"\xff\xd8\xff")
        case FileKind.WEBP:
            return content.startswith(b"RIFF") and content[8:12] == b"WEBP"
        case FileKind.GIF:
            return content.startswith((b"GIF87a", b"GIF89a"))
        case _:
            return content.startswith(_ZIP)


def check_plain(content: bytes) -> str:
    """The words of a plain text in UTF-8, in UTF-16 with its mark, or in Windows' Western letters. Raises Refused."""
    if content.startswith(_MARKED_UTF16):
        codecs: tuple[str, ...] = ("utf-16",)
    else:
        codecs = ("utf-8-sig", "cp1252")
    if content.lstrip()[:16].lower().startswith(tuple(start.lower() for start in _NOT_PLAIN)):
        raise Refused(Why.OTHER_KIND)
    for codec in codecs:
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if _CONTROL.search(text):
            break
        return text
    raise Refused(Why.OTHER_KIND)
