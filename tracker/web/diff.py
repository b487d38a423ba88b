"""How two versions of a text differ: paragraph by paragraph, then word by word, as a person would mark it up."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel, LCSseq

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_GAPS = re.compile(r"\n[^\S\n]*\n\s*")
# Less alike than this, and a paragraph was not changed but replaced: a patchwork of stray words helps nobody.
ALIKE = 0.4
# Paragraphs of more words than this are shown whole, as are more of them than this: comparing costs words × words.
MOST_WORDS = 20_000
MOST_PARAGRAPHS = 4_000
# A changed paragraph is looked for among so many of the new ones.
NEAR = 12


@dataclass(frozen=True)
class Piece:
    """Some words in a row: `same`, `gone` or `new`."""

    kind: str
    words: str


@dataclass(frozen=True)
class Paragraph:
    """One paragraph: `same`, `gone`, `new`, or `changed` with pieces of each kind."""

    kind: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Diff:
    """What has to be done to the old text to get the new one."""

    paragraphs: tuple[Paragraph, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs but the space between paragraphs."""
        return all(paragraph.kind == "same" for paragraph in self.paragraphs)

    @property
    def is_long(self) -> bool:
        """Whether it is more than a line: then it is set in paragraphs."""
        return len(self.paragraphs) > 1 or sum(len(piece.words) for piece in self.pieces) > 120

    @property
    def pieces(self) -> list[Piece]:
        """All pieces in a row, for a short text."""
        return [piece for paragraph in self.paragraphs for piece in paragraph.pieces]

    def words(self, kind: str) -> int:
        """How many words are gone or new."""
        return sum(len(re.findall(r"\w+", piece.words)) for piece in self.pieces if piece.kind == kind)

    def groups(self) -> Iterator[tuple[bool, list[Paragraph]]]:
        """Runs of paragraphs with whether they may be folded: three and more that are the same, away from changes."""
        run: list[Paragraph] = []
        for paragraph in (*self.paragraphs, None):
            if paragraph is not None and paragraph.kind == "same":
                run.append(paragraph)
                continue
            yield from _folded(run, last=paragraph is None, first=len(run) == 0 or run[0] is self.paragraphs[0])
            run = []
            if paragraph is not None:
                yield False, [paragraph]


def _folded(run: list[Paragraph], *, first: bool, last: bool) -> Iterator[tuple[bool, list[Paragraph]]]:
    """The paragraphs beside a change stay open, so that it is read in its place."""
    start = 0 if first else 1
    end = len(run) if last else len(run) - 1
    if end - start < 3:
        if run:
            yield False, run
        return
    if start:
        yield False, run[:start]
    yield True, run[start:end]
    if end < len(run):
        yield False, run[end:]


def diff(old: str, new: str) -> Diff:
    """Compare two texts. Line ends and the space between paragraphs do not count."""
    before, after = paragraphs_of(old), paragraphs_of(new)
    if max(len(before), len(after)) > MOST_PARAGRAPHS:
        return Diff((*(_whole("gone", text) for text in before), *(_whole("new", text) for text in after)))
    found: list[Paragraph] = []
    for kind, a, b in _steps(before, after):
        if kind == "equal":
            found += [_whole("same", text) for text in after[b]]
        else:
            found += _replaced(before[a], after[b])
    return Diff(tuple(found))


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs of a text as typed."""
    return [part.strip("\n") for part in _GAPS.split(text.replace("\r\n", "\n").strip()) if part.strip()]


def _whole(kind: str, text: str) -> Paragraph:
    return Paragraph(kind, (Piece(kind, text),))


def _replaced(old: list[str], new: list[str]) -> Iterator[Paragraph]:
    """Paragraphs in place of others: those that are alike are paired in their order, the rest are gone or new."""
    start = 0
    for text in old:
        likeness = [_likeness(text, other) for other in new[start : start + NEAR]]
        best = max(range(len(likeness)), key=likeness.__getitem__, default=None)
        if best is None or likeness[best] < ALIKE:
            yield _whole("gone", text)
            continue
        yield from (_whole("new", other) for other in new[start : start + best])
        yield _changed(text, new[start + best])
        start += best + 1
    yield from (_whole("new", other) for other in new[start:])


def _likeness(old: str, new: str) -> float:
    """How much of two paragraphs is the same, in words, from 0 to 1."""
    a, b = re.findall(r"\w+", old.casefold()), re.findall(r"\w+", new.casefold())
    if max(len(a), len(b)) > MOST_WORDS:
        return 0.0
    return Indel.normalized_similarity(a, b) if a or b else 1.0


def _changed(old: str, new: str) -> Paragraph:
    a, b = _WORDS.findall(old), _WORDS.findall(new)
    if max(len(a), len(b)) > 2 * MOST_WORDS:
        return Paragraph("changed", (Piece("gone", old), Piece("new", new)))
    steps: list[tuple[str, str, str]] = []  # what is the same; else what is gone and what is new
    for kind, before, after in _steps(a, b):
        same, gone, made = (
            ("".join(b[after]), "", "") if kind == "equal" else ("", "".join(a[before]), "".join(b[after]))
        )
        steps.append((same, gone, made))
    pieces: list[Piece] = []
    for same, gone, made in _joined(steps):
        pieces += [Piece(name, words) for name, words in (("same", same), ("gone", gone), ("new", made)) if words]
    return Paragraph("changed", tuple(pieces))


def _joined(steps: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Without islands: a blank or comma between two changes, or a little word between greater ones, is part of them."""
    found: list[tuple[str, str, str]] = []
    for place, step in enumerate(steps):
        same = step[0]
        between = found and found[-1][0] == "" and place + 1 < len(steps)
        if same and between:
            nearest = steps[place + 1]
            around = min(len(found[-1][1] + found[-1][2]), len(nearest[1] + nearest[2]))
            is_blank = not re.search(r"\w", same) and "\n" not in same
            if is_blank or (len(same.strip()) <= 3 and around > 8):
                step = ("", same, same)
        if found and found[-1][0] == "" and step[0] == "":
            found[-1] = ("", found[-1][1] + step[1], found[-1][2] + step[2])
        else:
            found.append(step)
    return found


def _steps(a: Sequence[Hashable], b: Sequence[Hashable]) -> Iterator[tuple[str, slice, slice]]:
    """Equal and unequal runs of two sequences in turn."""
    start_a = start_b = 0
    for block in LCSseq.opcodes(a, b):
        if block.tag != "equal":
            continue
        if block.src_start > start_a or block.dest_start > start_b:
            yield "other", slice(start_a, block.src_start), slice(start_b, block.dest_start)
        yield "equal", slice(block.src_start, block.src_end), slice(block.dest_start, block.dest_end)
        start_a, start_b = block.src_end, block.dest_end
    if start_a < len(a) or start_b < len(b):
        yield "other", slice(start_a, None), slice(start_b, None)
