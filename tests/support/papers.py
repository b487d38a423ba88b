"""Files with something planted in each place that people forget: a name, a camera's place, a script."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any

from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Text
from pypdf.generic import DictionaryObject, NameObject, StreamObject, TextStringObject

from tracker.file_limits import FileLimits
from tracker.files import FileKind

PLANTED = "Quagga"  # a word that no program of ours writes
LIMITS = FileLimits()
_GPS = 0x8825


def exif(orientation: int = 1) -> Image.Exif:
    """A camera's notes: whose, where, which way up."""
    found = Image.Exif()
    found[0x013B] = f"Wilhelmina {PLANTED}"
    found[0x0112] = orientation
    found[_GPS] = {1: "N", 2: (52.0, 31.0, 12.0), 29: f"{PLANTED}"}
    return found


def profile() -> bytes:
    """A colour profile that bears a name."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    place = made.find(b"s\x00R\x00G\x00B")
    name = PLANTED.encode("utf-16-be")
    if place > 0:
        made[place : place + len(name)] = name
    return bytes(made)


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), orientation: int = 1, **options: Any) -> bytes:
    """A picture, its left half red and its right half blue, with a camera's notes."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    out = io.BytesIO()
    if kind == "PNG":
        notes = PngInfo()
        notes.add_text("Author", PLANTED)
        notes.add_itxt("XML:com.adobe.xmp", f"<x>{PLANTED}</x>", zip=True)
        options["pnginfo"] = notes
    if kind == "GIF":
        options["comment"] = PLANTED.encode()
    else:
        options["exif"] = exif(orientation)
    if kind in ("JPEG", "WEBP"):
        options["xmp"] = f"<x>{PLANTED}</x>".encode()
    image.save(out, kind, **options)
    return out.getvalue()


def moving(kind: str = "GIF", frames: int = 3, size: tuple[int, int] = (20, 20)) -> bytes:
    """A picture that moves."""
    pictures = [Image.new("RGB", size, (number * 60 % 256, 0, 99)) for number in range(frames)]
    out = io.BytesIO()
    options: dict[str, Any] = {"comment": PLANTED.encode()} if kind == "GIF" else {"exif": exif()}
    pictures[0].save(out, kind, save_all=True, append_images=pictures[1:], duration=80, **options)
    return out.getvalue()


def pdf(pages: int = 2, *, password: str = "") -> bytes:
    """A PDF with a planted name wherever one can be, a script, a file inside, and an earlier version."""
    writer = PdfWriter()
    for _number in range(pages):
        writer.add_blank_page(200, 200)
    writer.add_metadata({"/Author": PLANTED, "/Title": PLANTED})
    writer.xmp_metadata = f'<?xpacket?><x:xmpmeta xmlns:x="adobe:ns:meta/">{PLANTED}</x:xmpmeta>'.encode()
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(f"say('{PLANTED}')")}
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(DictionaryObject(script))
    writer.add_attachment(f"{PLANTED}.txt", PLANTED.encode())
    remark = Text(text="What the remark says", rect=(10, 10, 60, 60))
    remark[NameObject("/T")] = TextStringObject(PLANTED)
    writer.add_annotation(0, remark)
    photo = StreamObject()
    photo._data = picture()
    photo.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Filter"): NameObject("/DCTDecode"),
        }
    )
    page = writer.pages[0]
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/XObject"): DictionaryObject({NameObject("/Photo"): writer._add_object(photo)})}
    )
    page[NameObject("/PieceInfo")] = DictionaryObject({NameObject("/X"): TextStringObject(PLANTED)})
    launch = {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject(f"C:\\{PLANTED}.exe")}
    page[NameObject("/AA")] = DictionaryObject({NameObject("/O"): DictionaryObject(launch)})
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    if password:
        return out.getvalue()
    # What was saved over is still in the file.
    later = PdfWriter(io.BytesIO(out.getvalue()), incremental=True)
    later.add_blank_page(200, 200)
    again = io.BytesIO()
    later.write(again)
    return again.getvalue()


def zipped(members: dict[str, str | bytes]) -> bytes:
    """A ZIP as an office program writes it, with a remark at its end."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            how = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, how)
        archive.comment = PLANTED.encode()
    return out.getvalue()


_TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{}</Types>'
_RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    "{}</Relationships>"
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _type(part: str, kind: str) -> str:
    return f'<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/>'


def _relation(number: int, kind: str, target: str, mode: str = "") -> str:
    outside = f' TargetMode="{mode}"' if mode else ""
    return f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"{outside}/>'


def docx(**more: str | bytes) -> bytes:
    """A letter with a tracked change, a remark, properties and a photograph; `more` are further files in it."""
    return zipped(docx_members() | more)


def docx_members() -> dict[str, str | bytes]:
    """What is in that letter."""
    core = f"<cp:coreProperties xmlns:cp='c' xmlns:dc='d'><dc:creator>{PLANTED}</dc:creator></cp:coreProperties>"
    return {
        "[Content_Types].xml": _TYPES.format(
            _type("word/document.xml", "wordprocessingml.document.main")
            + _type("word/comments.xml", "wordprocessingml.comments")
            + _type("docProps/core.xml", "core-properties")
        ),
        "_rels/.rels": _RELATIONS.format(
            _relation(1, "officeDocument", "word/document.xml") + _relation(2, "core-properties", "docProps/core.xml")
        ),
        "word/document.xml": (
            f'<?xml version="1.0"?><!-- {PLANTED} --><w:document xmlns:w="{_WORD}"><w:body>'
            f'<w:p w:rsidR="00AB12CD"><w:ins w:author="{PLANTED}" w:date="2026-01-01T00:00:00Z"><w:r><w:t>We ask '
            f'author="us" &lt;now&gt;</w:t></w:r></w:ins></w:p></w:body></w:document>'
        ),
        "word/comments.xml": (
            f"<?xml version='1.0'?><w:comments xmlns:w='{_WORD}'><w:comment w:id='1' w:author='{PLANTED}' "
            f"w:initials='{PLANTED}'><w:p/></w:comment></w:comments>"
        ),
        "word/people.xml": (
            f'<w15:people xmlns:w15="w"><w15:person w15:author="{PLANTED}">'
            f'<w15:presenceInfo w15:providerId="AD" w15:userId="S::{PLANTED}@example.org"/></w15:person></w15:people>'
        ),
        "word/settings.xml": (
            f'<w:settings xmlns:w="{_WORD}" xmlns:r="{_OFFICE}"><w:attachedTemplate r:id="rId1"/>'
            '<w:rsids><w:rsidRoot w:val="00AB12CD"/></w:rsids></w:settings>'
        ),
        "word/_rels/settings.xml.rels": _RELATIONS.format(
            _relation(1, "attachedTemplate", f"file:C:/Users/{PLANTED}/letter.dotx", "External")
        ),
        "word/_rels/document.xml.rels": _RELATIONS.format(
            _relation(1, "hyperlink", "https://example.org/", "External")
            + _relation(2, "hyperlink", f"file:/home/{PLANTED}", "External")
            + _relation(3, "customXml", "../customXml/item1.xml")
            + _relation(4, "image", "media/image1.jpeg")
        ),
        "customXml/item1.xml": f"<x>{PLANTED}</x>",
        "docProps/core.xml": core,
        "docProps/thumbnail.jpeg": picture(),
        "word/media/image1.jpeg": picture(),
        "word/media/image2.png": picture("PNG"),
    }


def xlsx() -> bytes:
    """A table with a remark, a printer, and where it was saved."""
    return zipped(
        {
            "[Content_Types].xml": _TYPES.format(_type("xl/workbook.xml", "spreadsheetml.sheet.main")),
            "_rels/.rels": _RELATIONS.format(_relation(1, "officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": (
                f'<workbook xmlns="{_SHEET}" xmlns:x15ac="x"><fileSharing userName="{PLANTED}"/>'
                f'<x15ac:absPath url="C:\\Users\\{PLANTED}\\"/><sheets/></workbook>'
            ),
            "xl/worksheets/sheet1.xml": (
                f'<worksheet xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheetData/>'
                '<pageSetup orientation="portrait" r:id="rId1"/></worksheet>'
            ),
            "xl/worksheets/_rels/sheet1.xml.rels": _RELATIONS.format(
                _relation(1, "printerSettings", "../printerSettings/printerSettings1.bin")
            ),
            "xl/printerSettings/printerSettings1.bin": PLANTED.encode(),
            "xl/comments1.xml": (
                f'<comments xmlns="{_SHEET}"><authors><author>{PLANTED}</author></authors>'
                '<commentList><comment ref="A1" authorId="0"/></commentList></comments>'
            ),
            "xl/persons/person.xml": (
                f'<personList><person displayName="{PLANTED}" id="1" userId="{PLANTED}"/></personList>'
            ),
            "docProps/app.xml": f"<Properties><Company>{PLANTED}</Company></Properties>",
        }
    )


def odt(kind: str = "text", **more: str | bytes) -> bytes:
    """A letter (or a table: "spreadsheet") in OpenDocument."""
    space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    listed = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type=""/>'
        for path in ("/", "content.xml", "meta.xml", "settings.xml", "Thumbnails/thumbnail.png", "Pictures/a.png")
    )
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": (
                '<office:document-content xmlns:office="o" xmlns:dc="d" xmlns:text="t"><office:body>'
                f"<office:annotation><dc:creator>{PLANTED}</dc:creator><text:p>Say why.</text:p></office:annotation>"
                "<text:p>We ask.</text:p></office:body></office:document-content>"
            ),
            "meta.xml": f"<office:document-meta xmlns:office='o'>{PLANTED}</office:document-meta>",
            "settings.xml": f"<office:document-settings xmlns:office='o'>{PLANTED}</office:document-settings>",
            "Thumbnails/thumbnail.png": picture("PNG"),
            "Pictures/a.png": picture("PNG"),
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{space}">{listed}</manifest:manifest>',
            **more,
        }
    )


SAMPLES: dict[FileKind, tuple[str, Any]] = {
    FileKind.PDF: ("a.pdf", pdf),
    FileKind.PNG: ("a.png", lambda: picture("PNG")),
    FileKind.JPEG: ("a.jpg", lambda: picture("JPEG")),
    FileKind.WEBP: ("a.webp", lambda: picture("WEBP")),
    FileKind.GIF: ("a.gif", lambda: picture("GIF")),
    FileKind.TEXT: ("a.txt", lambda: b"We ask.\n"),
    FileKind.CSV: ("a.csv", lambda: b"a,b\n1,2\n"),
    FileKind.DOCX: ("a.docx", docx),
    FileKind.XLSX: ("a.xlsx", xlsx),
    FileKind.ODT: ("a.odt", odt),
    FileKind.ODS: ("a.ods", lambda: odt("spreadsheet")),
}


def everything_in(content: bytes) -> bytes:
    """The bytes, and again whatever can be unpacked from them: members of ZIPs, streams of PDFs, chunks of PNGs."""
    found = [content]
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found += [everything_in(archive.read(name)) for name in archive.namelist()]
            found += [name.encode() for name in archive.namelist()]
    elif content.startswith(b"%PDF"):
        for place in range(1, len(PdfReader(io.BytesIO(content)).xref[0]) + 50):
            found.append(_object(content, place))
    elif content.startswith(b"\x89PNG"):
        found += _inflated(content)
    whole = b"\n".join(found)
    return whole + whole.replace(b"\0", b"")  # UTF-16 too


def _object(content: bytes, number: int) -> bytes:
    item: Any = PdfReader(io.BytesIO(content)).get_object(number)
    told = str(item).encode()
    if isinstance(item, StreamObject):
        told += item._data
        if item.get("/Filter") == "/FlateDecode":
            told += item.get_data()
    return told


def _inflated(content: bytes) -> list[bytes]:
    found = []
    for place in range(len(content)):
        if content[place] == 0x78:
            try:
                found.append(zlib.decompressobj().decompress(content[place:]))
            except zlib.error:
                continue
    return found
