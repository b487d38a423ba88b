"""Names as people gave them, made harmless: shown, and sent with a download."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

from tracker.files.kinds import FORMS, FileKind

LONGEST = 120
# What some system cannot have in a name, or reads as something else.
_RESERVED = set('<>:"|?*')
_DEVICES = {"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))}


def clean_name(name: str, kind: FileKind) -> str:
    """The name without folders, control characters and marks that turn the reading direction; with its kind's ending.

    Never empty, never longer than LONGEST, never beginning with a dot.
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(" " if sign.isspace() else sign for sign in name if _is_shown(sign) or sign.isspace())
    stem, ending = " ".join(kept.split()), FORMS[kind].endings[0]
    before, dot, after = stem.rpartition(".")
    if dot and after.casefold() in FORMS[kind].endings:
        stem, ending = before, after.casefold()
    stem = "".join("_" if sign in _RESERVED else sign for sign in stem).strip(" .")
    stem = stem[: LONGEST - len(ending) - 1].rstrip(" .") or "file"
    if stem.partition(".")[0].casefold() in _DEVICES:
        stem = f"_{stem}"[: LONGEST - len(ending) - 1]
    return f"{stem}.{ending}"


def _is_shown(sign: str) -> bool:
    # Cc control, Cf format (direction, zero width), Cs surrogate, Co private, Cn unassigned, Zl and Zp line ends.
    return unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def disposition(name: str) -> str:
    """The Content-Disposition of a download (RFC 6266): a plain name for old programs, the real one for the others."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join(sign for sign in plain if 32 <= ord(sign) < 127 and sign not in '"\\%;').strip() or "file"
    if plain.startswith("."):
        plain = f"file{plain}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
