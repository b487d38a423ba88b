"""XML inside office files, changed tag by tag: as a tree it would lose prefixes that Office needs."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from tracker.files.refusal import Refused, Why

_NAME = r"[^\s/>=\"'<]+"
_VALUE = r"(?:\"[^\"<]*\"|'[^'<]*')"
_PIECE = re.compile(
    rf"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|</?{_NAME}(?:\s+{_NAME}\s*=\s*{_VALUE})*\s*/?>", re.DOTALL
)
_ATTRIBUTE = re.compile(rf"(\s+)({_NAME})(\s*=\s*)({_VALUE})")
_TAG_NAME = re.compile(rf"</?({_NAME})")

GONE = "\0"  # cannot stand in XML: the attribute goes altogether

# (tag without prefix, attribute without prefix, its value) → the value to stand there instead, or None to keep it.
Change = Callable[[str, str, str], str | None]


def read(content: bytes) -> str:
    """The text of an XML file that is well-formed and brings no definitions of its own. Raises Refused."""

    def no_definitions(*_about: object) -> None:
        raise Refused(Why.BROKEN)  # entities are how a small file becomes a large one

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = no_definitions
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError):
        raise Refused(Why.BROKEN) from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    declared = re.match(rb"(?:\xef\xbb\xbf)?<\?xml[^>]*encoding=[\"']([A-Za-z0-9._-]+)", content)
    try:
        return content.decode(declared[1].decode() if declared else "utf-8").removeprefix("\ufeff")
    except (LookupError, UnicodeDecodeError):
        raise Refused(Why.BROKEN) from None


def write(text: str) -> bytes:
    """The bytes of a changed text, in UTF-8, and saying so."""
    return re.sub(r"^\s*<\?xml[^>]*\?>", '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', text).encode()


def local(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]


def change_attributes(text: str, change: Change) -> str:
    """Every attribute as `change` wants it; comments, and instructions to programs, are left out."""

    def one(piece: re.Match[str]) -> str:
        whole = piece[0]
        if whole.startswith("<?xml "):
            return whole
        if whole.startswith(("<!--", "<?")):
            return ""
        if whole.startswith("<![CDATA["):
            return whole
        found = _TAG_NAME.match(whole)
        tag = local(found[1]) if found else ""

        def attribute(match: re.Match[str]) -> str:
            other = change(tag, local(match[2]), match[4][1:-1])
            if other == GONE:
                return ""
            return match[0] if other is None else f'{match[1]}{match[2]}{match[3]}"{other}"'

        return _ATTRIBUTE.sub(attribute, whole)

    return _PIECE.sub(one, text)


def empty_elements(text: str, names: frozenset[str]) -> str:
    """The same, with nothing in the elements of these local names. They must not hold one another."""
    listed = "|".join(sorted(map(re.escape, names)))
    inside = re.compile(rf"(<((?:[\w.-]+:)?(?:{listed}))(?:\s[^<>]*)?(?<!/)>).*?(</\2\s*>)", re.DOTALL)
    return inside.sub(r"\1\3", text)


def drop_elements(text: str, names: frozenset[str]) -> str:
    """The same, without the elements of these local names and all that is in them. They must not hold one another."""
    listed = "|".join(sorted(map(re.escape, names)))
    whole = re.compile(rf"<((?:[\w.-]+:)?(?:{listed}))(?:\s[^<>]*)?(?:/>|(?<!/)>.*?</\1\s*>)", re.DOTALL)
    return whole.sub("", text)
