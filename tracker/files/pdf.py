"""PDF, written anew: the pages, without who made them, earlier versions, files inside, scripts and actions."""

from __future__ import annotations

import io
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

from tracker.files.refusal import Refused, Why
from tracker.files.segments import without_notes

# Gone wherever they stand. ISO 32000: metadata streams (14.3), private data of programs (14.5), files inside (7.11.4),
# actions of their own accord (12.6.3), thumbnails (12.3.4), dynamic forms (12.7.8), rights and signatures (12.8).
_GONE = {
    "/Metadata": "metadata", "/PieceInfo": "metadata", "/LastModified": "metadata", "/CreatorInfo": "metadata",
    "/SpiderInfo": "metadata", "/Thumb": "metadata", "/Perms": "metadata",
    "/EmbeddedFiles": "files", "/EF": "files", "/AF": "files", "/Collection": "files",
    "/JavaScript": "scripts", "/JS": "scripts", "/AA": "scripts", "/OpenAction": "scripts", "/XFA": "scripts",
}  # fmt: skip
_BAD_ACTIONS = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/Movie", "/Sound", "/GoToR", "/GoToE",
    "/RichMediaExecute", "/GoTo3DView",
}  # fmt: skip
_BAD_NOTES = {"/FileAttachment", "/Sound", "/Movie", "/Screen", "/RichMedia", "/3D"}
# Of a remark on a page: who made it and when. What it says stays.
_REMARK = ("/T", "/M", "/CreationDate", "/NM")


def clean(content: bytes) -> tuple[bytes, list[str]]:
    """The pages alone, and what was taken out. Raises Refused behind a password; anything when it is broken."""
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        raise Refused(Why.ENCRYPTED)
    if not reader.pages:
        raise Refused(Why.BROKEN)
    pages = len(reader.pages)
    found = {"metadata"} if reader.metadata else set()
    writer = PdfWriter(clone_from=reader)
    for item in list(writer._objects):
        _scrub(item, found)
    first = _write(writer)
    # What nothing refers to any more is left behind only when everything is copied once again.
    kept = _write(PdfWriter(clone_from=PdfReader(first))).getvalue()
    if len(PdfReader(io.BytesIO(kept)).pages) != pages:
        raise Refused(Why.BROKEN)
    return kept, sorted(found)


def _write(writer: PdfWriter) -> io.BytesIO:
    writer.metadata = None
    writer._ID = None  # the same through all versions of a document
    out = io.BytesIO()
    writer.write(out)
    return out


def _scrub(item: Any, found: set[str]) -> None:
    """Take out of one object, and of what lies directly in it, all that is named above."""
    if isinstance(item, ArrayObject):
        for part in list(item):
            if _is_bad_note(part):
                found.add("files")
                item.remove(part)
            elif not isinstance(part, IndirectObject):
                _scrub(part, found)
    elif isinstance(item, DictionaryObject):
        _scrub_dictionary(item, found)
        if isinstance(item, StreamObject) and item.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
            slim = without_notes(item._data)
            if slim != item._data:
                found.add("metadata")
                item._data = slim


def _scrub_dictionary(item: DictionaryObject, found: set[str]) -> None:
    for name in [name for name in item if name in _GONE]:
        found.add(_GONE[name])
        del item[name]
    for name in [name for name in ("/A", "/PA", "/Next") if _is_bad_action(item.get(name))]:
        found.add("scripts")
        del item[NameObject(name)]
    if item.get("/FT") == "/Sig" and "/V" in item:
        found.add("signature")
        del item[NameObject("/V")]
    if "/Rect" in item and item.get("/Subtype") not in (None, "/Widget", "/Link"):
        for name in [name for name in _REMARK if name in item]:
            found.add("authors")
            del item[NameObject(name)]
    for part in list(item.values()):
        if not isinstance(part, IndirectObject):
            _scrub(part, found)


def _is_bad_action(value: Any) -> bool:
    value = value.get_object() if value is not None else None
    if isinstance(value, ArrayObject):
        return any(_is_bad_action(part) for part in value)
    return isinstance(value, DictionaryObject) and value.get("/S") in _BAD_ACTIONS


def _is_bad_note(value: Any) -> bool:
    value = value.get_object() if isinstance(value, IndirectObject) else value
    return isinstance(value, DictionaryObject) and "/Rect" in value and value.get("/Subtype") in _BAD_NOTES
