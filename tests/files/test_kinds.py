"""Whatever bytes and names come, the sniffers and cleaners answer: taken clean, or refused. Nothing else happens."""

import io
import json
import re
import unicodedata
from dataclasses import asdict, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.house.laws import ROOT
from tests.support.papers import LIMITS, PLANTED, SAMPLES
from tracker.file_limits import FileLimits
from tracker.files import FileKind, Refused, child, clean_name, disposition, kinds
from tracker.files.kinds import ACCEPTED, BY_ENDING, FORMS, PLAIN
from tracker.files.names import LONGEST
from tracker.files.segments import without_notes, without_texts

WHOLE = {kind: make() for kind, (_name, make) in SAMPLES.items()}
KINDS = st.sampled_from(list(FileKind))
# Small, so that a thousand of them are read in seconds; in this process, whose memory the child's limits would take.
SMALL = replace(LIMITS, pixels=1_000_000, unpacked_bytes=4_000_000)


@given(st.binary(max_size=200), KINDS)
def test_no_bytes_are_two_kinds(content: bytes, kind: FileKind) -> None:
    """What is taken as one kind is refused as any other, but that a table is a text, and ZIPs are told apart later."""
    try:
        kinds.check(kind, content)
    except Refused:
        return
    alike = PLAIN if kind in PLAIN else kinds.ZIPPED if kind in kinds.ZIPPED else {kind}
    for other in set(FileKind) - set(alike):
        with pytest.raises(Refused):
            kinds.check(other, content)


@pytest.mark.parametrize("kind", FileKind)
def test_each_kind_is_its_own(kind: FileKind) -> None:
    """A whole file of one kind is refused under the name of any other."""
    for other in FileKind:
        if other is kind or {other, kind} <= PLAIN:
            continue
        with pytest.raises(Exception) as caught:
            child.clean(other, WHOLE[kind], SMALL)
        assert not isinstance(caught.value, AssertionError)


def broken(data: st.DataObject, whole: bytes) -> bytes:
    """A file with some bytes exchanged, taken out or put in."""
    content = bytearray(whole)
    for _number in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["change", "cut", "insert", "end"])):
            case "change":
                content[place] = data.draw(st.integers(0, 255))
            case "cut":
                del content[place : place + data.draw(st.integers(1, 40))]
            case "insert":
                content[place:place] = data.draw(st.binary(max_size=20))
            case _:
                del content[max(place, 1) :]
        if not content:
            return b""
    return bytes(content)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data(), KINDS)
@pytest.mark.filterwarnings("ignore")
def test_broken_files_never_bring_the_planted_word_through(data: st.DataObject, kind: FileKind) -> None:
    """A file that was damaged anywhere is refused, or comes out clean: no damage carries metadata past the cleaner."""
    content = broken(data, WHOLE[kind])
    try:
        kept, notes = child.clean(kind, content, SMALL)
    except Exception:  # the child calls any of them broken
        return
    assert isinstance(kept, bytes) and all(isinstance(note, str) for note in notes)
    json.dumps(notes)
    # In a PDF a damaged key (/Autho5) is a key of its own, whose words are the document's.
    if kind not in (FileKind.TEXT, FileKind.CSV, FileKind.PDF):
        assert PLANTED.encode() not in kept


@given(st.binary(max_size=400))
def test_segments_never_grow(content: bytes) -> None:
    """Taking notes out of a picture makes it no larger, ends, and changes nothing the second time."""
    for strip, start in ((without_notes, b"\xff\xd8"), (without_texts, b"\x89PNG\r\n\x1a\n")):
        for bytes_ in (content, start + content):
            once = strip(bytes_)
            assert len(once) <= len(bytes_) and strip(once) == once


@given(st.text(max_size=300), KINDS)
def test_names_are_harmless(name: str, kind: FileKind) -> None:
    """No name leads out of a folder, hides its ending, turns the line or breaks a header; once clean, it stays so."""
    cleaned = clean_name(name, kind)
    stem, _dot, ending = cleaned.rpartition(".")
    assert stem and ending in FORMS[kind].endings and len(cleaned) <= LONGEST
    assert not set(cleaned) & set('/\\<>:"|?*\r\n\0') and not cleaned.startswith(".")
    assert not any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in cleaned)
    assert clean_name(cleaned, kind) == cleaned
    header = disposition(cleaned)
    assert header.isascii() and header.isprintable() and header.count('"') == 2


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("C:\\Users\\jane\\Minutes.TXT", "Minutes.txt"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("invoice\u202etxt.exe.txt", "invoicetxt.exe.txt"),
        ("\u200b .txt", "file.txt"),
        ("con.txt", "_con.txt"),
        ("Ärger\u00a0 und\tMehr.txt", "Ärger und Mehr.txt"),
        ("x" * 300 + ".txt", "x" * (LONGEST - 4) + ".txt"),
        ("A\u0308rger.txt", "Ärger.txt"),
    ],
)
def test_names_as_they_come(given_name: str, kept: str) -> None:
    """Folders, marks that turn the line, devices and endless names, as browsers and tricksters send them."""
    assert clean_name(given_name, FileKind.TEXT) == kept


def test_every_kind_has_its_words() -> None:
    """Each kind has an ending, a type and words; the browser is offered all of them."""
    from tracker.files.words import KINDS as WORDS

    assert set(FORMS) == set(FileKind) == set(WORDS) == set(BY_ENDING.values())
    assert ACCEPTED.split(",") == [f".{ending}" for ending in BY_ENDING]


def test_the_table_of_limits_is_right() -> None:
    """docs/operations.md has every limit with its present value."""
    text = (ROOT / "docs" / "operations.md").read_text()
    said = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE))
    values = asdict(FileLimits())
    assert said == {
        name: f"{value // 1_000_000} MB" if name.endswith("_bytes") else f"{value:,}" for name, value in values.items()
    }


def test_limits_travel_to_the_child() -> None:
    """The child reads the limits as they were set, from one line."""
    assert FileLimits(**json.loads(json.dumps(asdict(SMALL)))) == SMALL
    assert io.BytesIO(WHOLE[FileKind.GIF]).read(4) == b"GIF8"
