"""What is said to people about a file: why it was not taken, and what was taken out of it."""

from __future__ import annotations

from collections.abc import Iterable

from tracker.file_limits import FileLimits
from tracker.files.kinds import FileKind
from tracker.files.refusal import Why
from tracker.words import _, gettext

KINDS = {
    FileKind.PDF: _("PDF"),
    FileKind.PNG: _("picture"),
    FileKind.JPEG: _("picture"),
    FileKind.WEBP: _("picture"),
    FileKind.GIF: _("picture"),
    FileKind.TEXT: _("text"),
    FileKind.CSV: _("table"),
    FileKind.DOCX: _("document"),
    FileKind.XLSX: _("table"),
    FileKind.ODT: _("document"),
    FileKind.ODS: _("table"),
}

_TAKEN_OUT = {
    "location": _("the place where it was taken"),
    "metadata": _("notes about author, program and device"),
    "authors": _("the names of who remarked or changed something"),
    "scripts": _("scripts and actions"),
    "files": _("files and media inside it"),
    "signature": _("a digital signature, which would not hold any more"),
}


def refusal(name: str, why: Why, limits: FileLimits) -> str:
    """Why this file was not taken, and what to do."""
    megabytes = limits.file_bytes // 1_000_000
    words = {
        Why.EMPTY: gettext("there is nothing in it."),
        Why.TOO_LARGE: gettext("it is larger than %(num)d MB.", num=megabytes),
        Why.UNKNOWN_KIND: gettext(
            "files of this kind are not taken. Take PDF, JPEG, PNG, WebP, GIF, plain text, CSV, DOCX, XLSX, ODT or "
            "ODS; a mail or a page is best printed to PDF."
        ),
        Why.OTHER_KIND: gettext("it is not what its name says. Save it anew in the program that made it."),
        Why.ENCRYPTED: gettext("it is behind a password, or in an old format. Save it without, or as PDF."),
        Why.BROKEN: gettext("it cannot be read; perhaps it is not whole. Save it anew, or print it to PDF."),
        Why.TOO_MANY_PIXELS: gettext(
            "it has more than %(num)d million pixels. Save it smaller.", num=limits.pixels // 1_000_000
        ),
        Why.UNPACKS_TOO_LARGE: gettext("it unpacks to more than we can look through. Save it as PDF."),
        Why.TOO_MUCH_WORK: gettext("reading it takes too long. Save it smaller, or print it to PDF."),
        Why.MACROS: gettext("it holds macros. Save it without them, or as PDF."),
        Why.FILES_INSIDE: gettext(
            "it holds a file of another kind inside, which we cannot look through. Save it as PDF."
        ),
        Why.BUSY: gettext("too many files are being read just now. Try again in a minute."),
    }[why]
    return gettext("“%(name)s” was not taken: %(why)s", name=name, why=words)


def taken_out(name: str, notes: Iterable[str]) -> str | None:
    """What was taken out of a file; None when there was nothing."""
    parts = [str(_TAKEN_OUT[note]) for note in notes if note in _TAKEN_OUT]
    if not parts:
        return None
    return gettext("Taken out of “%(name)s”: %(parts)s.", name=name, parts="; ".join(parts))


def remains(name: str, notes: Iterable[str]) -> str | None:
    """What could not be taken out, for somebody to look at; None when there is nothing."""
    if "remarks_stay" not in notes:
        return None
    return gettext(
        "“%(name)s” has remarks or tracked changes. Who made them is taken out, what they say stays: look whether it "
        "names anybody.",
        name=name,
    )
