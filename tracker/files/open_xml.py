"""DOCX and XLSX (ECMA-376): without properties, custom data, printers, paths, and the names of who changed what."""

from __future__ import annotations

import posixpath
import re
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from tracker.file_limits import FileLimits
from tracker.files import markup, office
from tracker.files.kinds import FORMS, FileKind
from tracker.files.refusal import Refused, Why

TYPES = "[Content_Types].xml"
_MAIN = {
    FileKind.DOCX: "wordprocessingml.document.main+xml",
    FileKind.XLSX: "spreadsheetml.sheet.main+xml",
}
_DROPPED = re.compile(
    r"docProps/|customXml/|_xmlsignatures/|userCustomization/|customUI/|xl/revisions/|.*/printerSettings/|package/",
    re.IGNORECASE,
)
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
ANYBODY = "Author"  # what Word's own inspector leaves
NOWHERE = "https://removed.invalid/"
_WEB = re.compile(r"https?://|mailto:|#", re.IGNORECASE)
# Parts without any of these are left as they are; a sheet may be large.
_TELLS = re.compile(
    r"author|initials|userName|userId|displayName|rsid|absPath|pageSetup|cNvPr|docPr|sourceFile|odcFile|dbPr|"
    r"w:date|attachedTemplate|<!--"
)


def clean(kind: FileKind, members: office.Members, limits: FileLimits) -> tuple[office.Members, set[str]]:
    """The document's files, cleaned, and what was found. Raises Refused."""
    types = members.get(TYPES, b"")
    if _MAIN[kind].encode() not in types:
        raise Refused(Why.MACROS if b"macroEnabled" in types else Why.OTHER_KIND)
    office.refuse_macros(members)
    found: set[str] = set()
    kept: office.Members = {}
    for name, content in members.items():
        if _DROPPED.match(name):
            found.add("metadata")
        elif name == TYPES:
            kept[name] = _types(content)
        elif name.endswith(".rels"):
            kept[name] = _relations(name, content)
        elif name.endswith(".xml"):
            kept[name] = _part(name, markup.read(content), content, found)
        elif name.endswith(".vml"):  # Excel's own is not always well-formed
            kept[name] = content
        else:
            kept[name] = _other(name, content, limits)
    return kept, found


def _other(name: str, content: bytes, limits: FileLimits) -> bytes:
    picture = office.clean_picture(name, content, limits)
    if picture is not None:
        return picture
    for kind in (FileKind.XLSX, FileKind.DOCX):  # the numbers behind a chart
        if "/embeddings/" in name and name.endswith(FORMS[kind].endings):
            return office.clean(kind, content, limits)[0]
    raise Refused(Why.FILES_INSIDE)


def _part(name: str, text: str, content: bytes, found: set[str]) -> bytes:
    if "comments" in name.casefold() or re.search(r"<w:(?:ins|del)\s", text):
        found.add("remarks_stay")
    if not _TELLS.search(text):
        return content

    def change(tag: str, attribute: str, value: str) -> str | None:
        if attribute in ("author", "initials", "userName", "displayName") and value:
            found.add("authors")
            return ANYBODY if attribute != "initials" else "A"
        if attribute in ("userId", "providerId", "sourceFile", "odcFile") or (tag, attribute) == ("absPath", "url"):
            return ""
        if tag == "dbPr" and attribute in ("connection", "command"):
            return ""
        # A picture is named for the file that it came from.
        if tag in ("cNvPr", "docPr") and attribute == "name" and value:
            return "Picture"
        if attribute.startswith("rsid") or (name.startswith("word/") and attribute in ("date", "dateUtc")):
            return markup.GONE
        if tag == "pageSetup" and attribute == "id":  # its printer's settings, which are gone
            return markup.GONE
        return None

    text = markup.change_attributes(text, change)
    text = markup.drop_elements(text, frozenset({"rsids", "attachedTemplate", "person"} - _kept(name)))
    if "comments" in name.casefold() and name.startswith("xl/"):
        if re.search(r"<author>[^<]", text):
            found.add("authors")
        text = markup.empty_elements(text, frozenset({"author"}))
    return markup.write(text)


def _kept(name: str) -> set[str]:
    # A threaded remark of a sheet refers to its person by number.
    return {"person"} if name.startswith("xl/") else set()


def _types(content: bytes) -> bytes:
    root = ElementTree.fromstring(markup.write(markup.read(content)))  # noqa: S314 - read() lets no definitions pass
    lines = []
    for item in root:
        if _DROPPED.match(item.get("PartName", "").lstrip("/")):
            continue
        if "macroEnabled" in item.get("ContentType", "") or "vbaProject" in item.get("ContentType", ""):
            raise Refused(Why.MACROS)
        lines.append(_element(markup.local(item.tag.replace("}", ":")), item.attrib))
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    return f'{_XML}<Types xmlns="{space}">{"".join(lines)}</Types>'.encode()


def _relations(name: str, content: bytes) -> bytes:
    """The relations of one part to others, without those to parts that are gone, and to files on somebody's machine."""
    root = ElementTree.fromstring(markup.write(markup.read(content)))  # noqa: S314 - read() lets no definitions pass
    base = posixpath.dirname(posixpath.dirname(name))
    lines = []
    for item in root:
        values, kind = dict(item.attrib), item.get("Type", "").rpartition("/")[2]
        target = values.get("Target", "")
        if values.get("TargetMode") == "External":
            if kind == "attachedTemplate":
                continue
            if kind != "hyperlink" or not _WEB.match(target):
                values["Target"] = NOWHERE
        elif _DROPPED.match(posixpath.normpath(posixpath.join("/", base, target)).lstrip("/")):
            continue
        lines.append(_element("Relationship", values))
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'{_XML}<Relationships xmlns="{space}">{"".join(lines)}</Relationships>'.encode()


def _element(tag: str, values: dict[str, str]) -> str:
    return f"<{tag} " + " ".join(f"{name}={quoteattr(value)}" for name, value in values.items()) + "/>"
