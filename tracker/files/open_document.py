"""ODT and ODS (ISO 26300): without meta.xml, settings, thumbnails, and the names of who changed or remarked what."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from tracker.file_limits import FileLimits
from tracker.files import markup, office
from tracker.files.kinds import FORMS, FileKind
from tracker.files.refusal import Refused, Why

MANIFEST = "META-INF/manifest.xml"
_SPACE = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
_DROPPED = re.compile(
    r"(?:.*/)?(?:meta|settings)\.xml$|Thumbnails/|Configurations2/|ObjectReplacements/|layout-cache$|"
    r"META-INF/(?!manifest\.xml$)",
    re.IGNORECASE,
)
_WHO = frozenset(
    {
        "creator",
        "initial-creator",
        "creator-initials",
        "sender-initials",
        "author-name",
        "author-initials",
        "printed-by",
    }
)
_REMARKS = re.compile(r"<(?:office:annotation|text:tracked-changes|table:tracked-changes)[\s>]")


def clean(kind: FileKind, members: office.Members, limits: FileLimits) -> tuple[office.Members, set[str]]:
    """The document's files, cleaned, and what was found. Raises Refused."""
    if members.get("mimetype", b"").strip() != FORMS[kind].mime.encode() or MANIFEST not in members:
        raise Refused(Why.OTHER_KIND)
    if b"encryption-data" in members[MANIFEST]:
        raise Refused(Why.ENCRYPTED)
    office.refuse_macros(members)
    found: set[str] = set()
    kept: office.Members = {"mimetype": FORMS[kind].mime.encode()}
    for name, content in members.items():
        if _DROPPED.match(name):
            found.add("metadata")
        elif name.endswith((".xml", ".rdf")) and name != MANIFEST:
            kept[name] = _part(markup.read(content), found)
        elif name not in ("mimetype", MANIFEST):
            picture = office.clean_picture(name, content, limits)
            if picture is None:
                raise Refused(Why.FILES_INSIDE)
            kept[name] = picture
    kept[MANIFEST] = _manifest(members[MANIFEST], kept)
    return kept, found


def _part(text: str, found: set[str]) -> bytes:
    if _REMARKS.search(text):
        found.add("remarks_stay")

    def change(_tag: str, attribute: str, value: str) -> str | None:
        # Where on somebody's machine a picture or a document lies.
        return "" if attribute == "href" and value.casefold().startswith("file:") else None

    nameless = markup.empty_elements(markup.change_attributes(text, change), _WHO)
    if len(nameless) < len(text):
        found.add("authors")
    return markup.write(nameless)


def _manifest(content: bytes, kept: office.Members) -> bytes:
    """The list of files again, with those that are still there."""
    root = ElementTree.fromstring(markup.write(markup.read(content)))  # noqa: S314 - read() lets no definitions pass
    version = root.get(f"{{{_SPACE}}}version", "1.2")
    lines = []
    for item in root:
        path, mime = item.get(f"{{{_SPACE}}}full-path", ""), item.get(f"{{{_SPACE}}}media-type", "")
        if path == "/" or path in kept or any(name.startswith(path) for name in kept if path.endswith("/")):
            values = f"manifest:full-path={quoteattr(path)} manifest:media-type={quoteattr(mime)}"
            lines.append(f"<manifest:file-entry {values}/>")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    start = f'<manifest:manifest xmlns:manifest="{_SPACE}" manifest:version={quoteattr(version)}>'
    return f"{head}{start}{''.join(lines)}</manifest:manifest>".encode()
