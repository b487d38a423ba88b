"""What a file tells beside its content does not get past us; nor does a file that is not what it says."""

import io
import os
import zipfile
from dataclasses import replace

import pytest
from PIL import Image
from pypdf import PdfReader

from tests.support import papers
from tests.support.papers import LIMITS, PLANTED, SAMPLES, everything_in
from tracker.files import FileKind, Refused, clean
from tracker.files.refusal import Why

WITH_NOTES = [kind for kind in FileKind if kind not in (FileKind.TEXT, FileKind.CSV)]


@pytest.mark.parametrize("kind", WITH_NOTES)
def test_planted_words_are_gone(kind: FileKind) -> None:
    """A name planted in metadata, remarks, pictures inside and older versions is nowhere in what is kept."""
    name, make = SAMPLES[kind]
    before = make()
    assert PLANTED.encode() in everything_in(before), "nothing was planted: the test could not fail"
    kept = clean(name, before, LIMITS)
    assert kept.kind is kind and kept.notes
    assert PLANTED.encode() not in everything_in(kept.content)
    assert clean(name, kept.content, LIMITS).kind is kind  # what is kept is whole


@pytest.mark.parametrize("kind", [FileKind.TEXT, FileKind.CSV])
def test_plain_text_stays_as_it_is(kind: FileKind) -> None:
    """A plain text has nothing beside its content."""
    name, make = SAMPLES[kind]
    assert clean(name, make(), LIMITS).content == make()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_stands_as_the_camera_meant(kind: str) -> None:
    """A photograph turned by its EXIF is turned for good before the EXIF goes; the place goes too."""
    name = f"a.{kind.lower()}"
    kept = clean(name, papers.picture(kind, orientation=6), LIMITS)
    assert "location" in kept.notes
    image = Image.open(io.BytesIO(kept.content)).convert("RGB")
    assert image.size == (20, 40)
    top, bottom = image.getpixel((10, 5)), image.getpixel((10, 35))
    assert top[0] > 200 > 60 > top[2] and bottom[2] > 200 > 60 > bottom[0]
    assert not Image.open(io.BytesIO(kept.content)).getexif()


def test_a_colour_profile_with_a_name() -> None:
    """Colours are turned into sRGB, and the profile, which may name a screen and its owner, goes."""
    before = papers.picture("JPEG", icc_profile=papers.profile())
    assert PLANTED.encode("utf-16-be") in before
    kept = Image.open(io.BytesIO(clean("a.jpg", before, LIMITS).content))
    assert "icc_profile" not in kept.info
    assert kept.convert("RGB").getpixel((5, 5))[0] > 240


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_what_moves_goes_on_moving(kind: str) -> None:
    """The pictures of a moving one all stay, at their pace."""
    kept = clean(f"a.{kind.lower()}", papers.moving(kind), LIMITS).content
    image = Image.open(io.BytesIO(kept))
    assert image.n_frames == 3
    image.seek(1)
    image.load()
    assert image.info["duration"] == 80
    assert PLANTED.encode() not in kept


def test_a_pdf_keeps_its_pages_and_its_remarks() -> None:
    """Pages and the words of remarks stay; scripts, actions and files inside are gone, and it is said."""
    kept = clean("a.pdf", papers.pdf(), LIMITS)
    assert set(kept.notes) == {"authors", "files", "metadata", "scripts"}
    reader = PdfReader(io.BytesIO(kept.content))
    assert len(reader.pages) == 3
    assert reader.pages[0]["/Annots"][0].get_object()["/Contents"] == "What the remark says"
    assert (not reader.metadata and "/Names" not in reader.root_object) or not reader.attachments
    for forbidden in (b"/JavaScript", b"/Launch", b"/AA", b"/EmbeddedFile", b"/ID", b"pypdf"):
        assert forbidden not in everything_in(kept.content), forbidden


def test_a_letter_keeps_its_words() -> None:
    """Text, links to the web and pictures stay; relations to what is gone are gone too, so that Word opens it."""
    kept = clean("a.docx", papers.docx(), LIMITS)
    assert {"authors", "metadata", "remarks_stay"} <= set(kept.notes)
    with zipfile.ZipFile(io.BytesIO(kept.content)) as archive:
        letter = archive.read("word/document.xml").decode()
        relations = archive.read("word/_rels/document.xml.rels").decode()
        assert 'We ask author="us" &lt;now&gt;' in letter and "rsid" not in letter and 'w:author="Author"' in letter
        assert "https://example.org/" in relations and "customXml" not in relations
        assert "docProps" not in archive.read("_rels/.rels").decode() + archive.read("[Content_Types].xml").decode()
        assert "attachedTemplate" not in archive.read("word/settings.xml").decode()
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)} and not archive.comment


def refused(name: str, content: bytes, **limits: int) -> Why:
    with pytest.raises(Refused) as caught:
        clean(name, content, replace(LIMITS, **limits))
    return caught.value.why


def test_what_is_not_what_it_says() -> None:
    """Ending and content must agree, and be of a kind that we know how to clean."""
    assert refused("a.pdf", papers.picture()) is Why.OTHER_KIND
    assert refused("a.png", papers.picture("JPEG")) is Why.OTHER_KIND
    assert refused("a.docx", papers.xlsx()) is Why.OTHER_KIND
    assert refused("a.odt", papers.odt("spreadsheet")) is Why.OTHER_KIND
    assert refused("a.txt", papers.pdf()) is Why.OTHER_KIND
    assert refused("a.csv", b"a,b\0c") is Why.OTHER_KIND
    for name in ("a.exe", "a.svg", "a.html", "a.docm", "pdf", ".pdf", "a.pdf.exe", ""):
        assert refused(name, b"MZ") is Why.UNKNOWN_KIND
    assert refused("a.txt", b"") is Why.EMPTY
    assert refused("a.txt", b"x" * 11, file_bytes=10) is Why.TOO_LARGE


@pytest.mark.parametrize("kind", WITH_NOTES)
def test_broken_files(kind: FileKind) -> None:
    """A file that ends in the middle is refused, whatever it is."""
    name, make = SAMPLES[kind]
    whole = make()
    why = refused(name, whole[: len(whole) // 3])
    assert why in (Why.BROKEN, Why.OTHER_KIND)


def test_behind_a_password() -> None:
    """What we cannot look into is refused, and it is said why."""
    assert refused("a.pdf", papers.pdf(password="secret")) is Why.ENCRYPTED
    assert refused("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600) is Why.ENCRYPTED
    members = {"META-INF/manifest.xml": "<m><encryption-data/></m>"}
    assert refused("a.odt", papers.odt(**members)) is Why.ENCRYPTED


def test_programs_and_files_inside() -> None:
    """Macros are refused, and files of kinds that we cannot clean."""
    assert refused("a.docx", papers.docx(**{"word/vbaProject.bin": b"x"})) is Why.MACROS
    assert refused("a.odt", papers.odt(**{"Basic/Standard/Module1.xml": "<x/>"})) is Why.MACROS
    assert refused("a.docx", papers.docx(**{"word/embeddings/oleObject1.bin": b"x"})) is Why.FILES_INSIDE
    inside = clean("a.docx", papers.docx(**{"word/embeddings/Numbers.xlsx": papers.xlsx()}), LIMITS)
    assert PLANTED.encode() not in everything_in(inside.content)


def test_small_files_that_grow() -> None:
    """A ZIP that unpacks to too much, a picture of too many pixels, and XML that defines itself are refused."""
    bomb = papers.docx(**{"word/big.xml": b"<a>" + b" " * 2_000_000 + b"</a>"})
    assert len(bomb) < 30_000 and refused("a.docx", bomb, unpacked_bytes=1_000_000) is Why.UNPACKS_TOO_LARGE
    assert refused("a.docx", papers.docx(), members=3) is Why.UNPACKS_TOO_LARGE
    assert refused("a.png", papers.picture("PNG", (400, 400)), pixels=100_000) is Why.TOO_MANY_PIXELS
    assert refused("a.gif", papers.moving("GIF", 30, (100, 100)), pixels=100_000) is Why.TOO_MANY_PIXELS
    laughs = '<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><a>&d;</a>'
    assert refused("a.docx", papers.docx(**{"word/footnotes.xml": laughs})) is Why.BROKEN


def test_a_zip_that_lies_about_its_size() -> None:
    """No more is unpacked than a ZIP says that it holds."""
    honest = papers.zipped({"[Content_Types].xml": b" " * 100_000})
    for where in (honest.find(b"PK\x03\x04") + 22, honest.find(b"PK\x01\x02") + 24):
        honest = honest[:where] + (10).to_bytes(4, "little") + honest[where + 4 :]
    assert refused("a.docx", honest) in (Why.BROKEN, Why.UNPACKS_TOO_LARGE)


def test_work_without_an_end() -> None:
    """A file whose reading takes too long or too much memory is refused; the server goes on."""
    large = papers.picture("PNG", (3000, 3000))
    assert refused("a.png", large, memory_bytes=60 * 1024**2) is Why.TOO_MUCH_WORK
    assert refused("a.png", papers.picture("PNG", (6000, 6000)), seconds=0) is Why.TOO_MUCH_WORK


def test_no_secret_where_strangers_files_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """The process that reads a file knows none of our variables."""
    from tracker.files import cleaning

    monkeypatch.setenv("DATA_KEY", "secret")
    code = "import os,sys,json; sys.stdin.buffer.read(); print(json.dumps({'notes': sorted(os.environ)}))"
    monkeypatch.setattr(cleaning, "COMMAND", ("-c", code))
    assert "DATA_KEY" in os.environ
    assert "DATA_KEY" not in clean("a.txt", b"x", LIMITS).notes
