"""Where in a text as it is read the words stand that were asked for, and which part of it to show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracker.search.asking import Term
from tracker.search.words import Word, as_one, chains, words_in

BEFORE, LENGTH = 60, 240


@dataclass(frozen=True)
class Piece:
    """A part of a text; `is_hit` where it is what was asked for."""

    text: str
    is_hit: bool = False


def spans(text: str, terms: Sequence[Term]) -> list[tuple[int, int, int]]:
    """(start, end, number of the term) of each hit, in order, without overlaps."""
    words = words_in(text)
    found = []
    for number, term in enumerate(terms):
        found += [(start, end, number) for start, end in _hits(words, term)]
    kept: list[tuple[int, int, int]] = []
    for start, end, number in sorted(found, key=lambda hit: (hit[0], -hit[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, number))
    return kept


def _hits(words: Sequence[Word], term: Term) -> Iterable[tuple[int, int]]:
    if term.words:
        length = len(term.words)
        for at in range(len(words) - length + 1):
            if all(words[at + i].word == term.words[i] for i in range(length)):
                yield words[at].start, words[at + length - 1].end
    if term.one:
        for chain in chains(words):
            own = [word for word in chain if not word.possessive] or chain
            if len(own) > 1 and _is(as_one(own), term):
                yield own[0].start, own[-1].end
            else:
                # Also the s of a possessive: who asks for a lone s finds it there.
                yield from ((word.start, word.end) for word in chain if _is(word.word, term))


def _is(word: str, term: Term) -> bool:
    return bool(word) and (word == term.one or word.startswith(term.stems))


def marked(text: str, terms: Sequence[Term]) -> list[Piece]:
    """The whole text, in pieces."""
    return _pieces(text, 0, len(text), spans(text, terms))


def excerpt(text: str, terms: Sequence[Term]) -> list[Piece]:
    """A line or two around the most that was asked for; the beginning when nothing was."""
    hits = spans(text, terms)
    start = 0
    if hits:
        best = max(hits, key=lambda hit: (_terms_within(hits, hit[0]), -hit[0]))
        start = _word_start(text, best[0] - BEFORE)
    end = _word_end(text, start + LENGTH)
    pieces = _pieces(text, start, end, hits)
    if start > 0:
        pieces.insert(0, Piece("… "))
    if end < len(text):
        pieces.append(Piece(" …"))
    return pieces


def _terms_within(hits: Sequence[tuple[int, int, int]], start: int) -> int:
    return len({number for at, end, number in hits if start <= at and end <= start + LENGTH - BEFORE})


def _word_start(text: str, at: int) -> int:
    if at <= 0:
        return 0
    space = text.find(" ", at)
    return space + 1 if 0 <= space < at + BEFORE else at


def _word_end(text: str, at: int) -> int:
    if at >= len(text):
        return len(text)
    space = text.rfind(" ", at - BEFORE, at)
    return space if space > 0 else at


def _pieces(text: str, start: int, end: int, hits: Sequence[tuple[int, int, int]]) -> list[Piece]:
    pieces, at = [], start
    for first, last, _number in hits:
        if first < start or last > end:
            continue
        if first > at:
            pieces.append(Piece(text[at:first]))
        pieces.append(Piece(text[first:last], is_hit=True))
        at = last
    if at < end:
        pieces.append(Piece(text[at:end]))
    return pieces
