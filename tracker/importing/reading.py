"""Rows of a text that is too large to hold: decoded and cut piece by piece, each limit a sentence."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from tracker.importing.detecting import Shape
from tracker.importing.problems import FileProblem, Problem

LONGEST_LINE = 200_000  # characters
LONGEST_CELL = 20_000
MOST_COLUMNS = 500


class Pieces(io.RawIOBase):
    """Pieces of a file, read as one."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """The next bytes; 0 at the end."""
        while not self._rest:
            following = next(self._pieces, None)
            if following is None:
                return 0
            self._rest = following
        some, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(some)] = some
        return len(some)


def read_rows(pieces: Iterable[bytes], shape: Shape) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank with its number (the heading is 1 and among them). Raises FileProblem."""
    raw: io.RawIOBase = Pieces(pieces)
    text = io.TextIOWrapper(io.BufferedReader(raw), encoding=shape.encoding, newline="")
    number = 0
    reader = csv.reader(_lines(text), delimiter=shape.delimiter, strict=True)
    csv.field_size_limit(LONGEST_LINE * 2)
    while True:
        try:
            cells = next(reader, None)
        except UnicodeError:
            raise FileProblem(Problem.ENCODING, number + 1) from None
        except csv.Error:
            raise FileProblem(Problem.QUOTES, number + 1) from None
        if cells is None:
            return
        number += 1
        if len(cells) > MOST_COLUMNS:
            raise FileProblem(Problem.COLUMNS, number)
        if any(map(str.strip, cells)):
            if max(map(len, cells)) > LONGEST_CELL:
                raise FileProblem(Problem.LONG_LINE, number)
            yield number, cells


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            raise FileProblem(Problem.LONG_LINE)
        yield line
