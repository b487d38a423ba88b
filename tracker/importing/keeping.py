"""The file while it is here: unpacked, cut into parts, each sealed with the campaign's key; and its end."""

from __future__ import annotations

import codecs
import contextlib
import datetime as dt
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator

import sqlalchemy as sa

from tracker.db import db
from tracker.importing.detecting import HEAD, packed_kind, shape_of
from tracker.importing.models import Import, ImportPart, place
from tracker.importing.problems import FileProblem, Problem
from tracker.sealing import CampaignKeys, campaign_keys

PART = 1_000_000  # bytes
LARGEST = 2_000_000_000
LONGEST = 1_000_000  # bytes without the end of a line
LARGEST_PACKED = 50_000_000


def unpacked(pieces: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes of the text in a file, and all of it in pieces. Raises FileProblem."""
    pieces = iter(pieces)
    head = b""
    while len(head) < HEAD and (some := next(pieces, None)):
        head += some
    if not head.strip():
        raise FileProblem(Problem.EMPTY)
    kind = packed_kind(head)
    if not kind:
        shape_of(head[:HEAD], is_utf8=True)  # what is no text at all is refused before a gigabyte of it is sealed
        return head[:HEAD], _lined(_chained(head, pieces))
    content = bytearray(head)
    for some in pieces:
        content += some
        if len(content) > LARGEST_PACKED:
            raise FileProblem(Problem.TOO_LARGE)
    text = _by_child(kind, bytes(content))
    del content
    head = next(text, b"")
    if not head.strip(b"\r\n, "):
        raise FileProblem(Problem.EMPTY)
    return head[:HEAD], _chained(head, text)


def store(row: Import, pieces: Iterable[bytes], *, now: dt.datetime) -> bool:
    """Seal the text part by part, inside a transaction; whether all of it is UTF-8. Raises FileProblem."""
    keys = campaign_keys(row.campaign.public_id, now=now)
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, number, size, waiting = True, 0, 0, b""
    for some in pieces:
        size += len(some)
        if size > LARGEST:
            raise FileProblem(Problem.TOO_LARGE)
        if is_utf8:
            try:
                decoder.decode(some)
            except UnicodeDecodeError:
                is_utf8 = False
        waiting += some
        while len(waiting) >= PART:
            _seal(row, number, waiting[:PART], keys)
            number, waiting = number + 1, waiting[PART:]
    if waiting:
        _seal(row, number, waiting, keys)
    return is_utf8


Ask = Callable[[sa.Select[bytes]], bytes | None]


def stored(row: Import, keys: CampaignKeys, ask: Ask) -> Iterator[bytes]:
    """The text again, a part at a time, as `ask` finds it; later than this call nothing else is asked of the row."""
    return _opened(row.id, place(row, "part", 0)[:-1], keys, ask)


def _opened(key: int, places: str, keys: CampaignKeys, ask: Ask) -> Iterator[bytes]:
    number = 0
    while (content := ask(_part(key, number))) is not None:
        yield keys.open_bytes(content, f"{places}{number}")
        number += 1


def by_itself(engine: sa.Engine) -> Ask:
    """Each part asked for by a connection of its own: no transaction stays open between two, and any thread may."""

    def ask(query: sa.Select[bytes]) -> bytes | None:
        with engine.connect() as connection:
            return connection.scalar(query)

    return ask


def _part(key: int, number: int) -> sa.Select[bytes]:
    return sa.select(ImportPart.content).where(ImportPart.import_id == key, ImportPart.number == number)


def destroy(row: Import) -> None:
    """The file is gone; `db.forget_deleted` after the commit takes it out of SQLite's log as well."""
    db.session.execute(sa.delete(ImportPart).where(ImportPart.import_id == row.id))


def _seal(row: Import, number: int, content: bytes, keys: CampaignKeys) -> None:
    sealed = keys.seal_bytes(content, place(row, "part", number))
    db.session.execute(sa.insert(ImportPart).values(import_id=row.id, number=number, content=sealed))


def _chained(head: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from pieces


def _lined(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same, as long as lines end: a gigabyte without an end is refused when it has been a few lines long."""
    waiting = 0
    for some in pieces:
        last = max(some.rfind(b"\n"), some.rfind(b"\r"))
        waiting = waiting + len(some) if last < 0 else len(some) - last
        if waiting > LONGEST:
            raise FileProblem(Problem.LONG_LINE)
        yield some


def _by_child(kind: str, content: bytes) -> Iterator[bytes]:
    """The text that a process of its own makes of it, in pieces. Raises FileProblem, at the end if it dies halfway."""
    command = [sys.executable, "-m", "tracker.importing.child", kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it died of it; what it says, or does not, is looked at below
            child.stdin.write(content)
            child.stdin.close()
        answer = child.stdout.readline().strip()
        if answer and answer != b"ok":
            raise FileProblem(Problem(answer.decode()))
        while some := child.stdout.read(PART):
            yield some
    if child.returncode != 0 or not answer:
        raise FileProblem(Problem.TOO_MUCH_WORK)
