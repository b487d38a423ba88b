"""Office files: ZIPs of XML, packed anew without who wrote them. What each standard keeps, its own file knows."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from tracker.file_limits import FileLimits
from tracker.files.kinds import FileKind
from tracker.files.refusal import Refused, Why
from tracker.files.segments import without_notes, without_texts

Members = dict[str, bytes]
# Drawings made of strokes, and letters: kept as they are, since nothing of ours can read them.
_AS_THEY_ARE = {".emf", ".wmf", ".svm", ".odttf", ".ttf", ".otf", ".fntdata", ".bmp"}


def clean(kind: FileKind, content: bytes, limits: FileLimits) -> tuple[bytes, list[str]]:
    """The document without its metadata, and what was found. Raises Refused."""
    members = unpack(content, limits)
    if kind in (FileKind.DOCX, FileKind.XLSX):
        from tracker.files import open_xml as standard
    else:
        from tracker.files import open_document as standard  # type: ignore[no-redef]
    kept, notes = standard.clean(kind, members, limits)
    return pack(kept), sorted(notes)


def unpack(content: bytes, limits: FileLimits) -> Members:
    """Every file in it, in its order. Raises Refused for a bomb, a password, or a ZIP that is no document."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            listed = [info for info in archive.infolist() if not info.is_dir()]
            if len(listed) > limits.members or sum(info.file_size for info in listed) > limits.unpacked_bytes:
                raise Refused(Why.UNPACKS_TOO_LARGE)
            if any(info.flag_bits & 1 for info in listed):
                raise Refused(Why.ENCRYPTED)
            if len({info.filename for info in listed}) < len(listed) or not all(_is_fit(info) for info in listed):
                raise Refused(Why.BROKEN)
            return {info.filename: _read(archive, info) for info in listed}
    except zipfile.BadZipFile:
        raise Refused(Why.BROKEN) from None


def _is_fit(info: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(info.filename)
    plain = "\\" not in info.filename and not path.is_absolute() and ".." not in path.parts
    return plain and info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    # The sizes that a ZIP tells of itself may be lies; never more is unpacked than it said.
    with archive.open(info) as file:
        content = file.read(info.file_size + 1)
    if len(content) != info.file_size:
        raise Refused(Why.UNPACKS_TOO_LARGE)
    return content


def pack(members: Mapping[str, bytes]) -> bytes:
    """A ZIP of these files, all of one invented moment, with nothing before, between or after them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system = 0
            info.external_attr = 0
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return out.getvalue()


def clean_picture(name: str, content: bytes, limits: FileLimits) -> bytes | None:
    """A picture in a document without what it tells; None when the name is no picture's that we know."""
    ending = PurePosixPath(name).suffix.casefold()
    if content.startswith(b"\xff\xd8") or ending in (".jpg", ".jpeg", ".jfif"):
        return without_notes(content)
    if ending == ".png":
        return without_texts(content)
    if ending in (".gif", ".webp"):
        from tracker.files import pictures

        return pictures.clean(FileKind(ending[1:]), content, limits)[0]
    return content if ending in _AS_THEY_ARE else None


def refuse_macros(names: Iterable[str]) -> None:
    """Raise Refused when one of these files is a program."""
    for name in names:
        lowered = name.casefold()
        if "vbaproject" in lowered or lowered.startswith(("basic/", "scripts/", "word/vba", "xl/macrosheets")):
            raise Refused(Why.MACROS)
