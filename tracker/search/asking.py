"""What somebody asks: words, "exact words" and -exclusions, read from one line. Every word must be found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.search.words import Word, as_one, chains, in_a_row, pairs_of, words_in

MOST_TERMS, LONGEST_QUERY = 8, 200
# The field says resolution, the SEC says shareholder proposal; each finds the other (product.md, Words).
_SAME = (frozenset({"resolution", "proposal"}),)
_QUOTES = '"“”„«»'
_PART = re.compile(rf"(?P<sign>-?)[{_QUOTES}](?P<quoted>[^{_QUOTES}]*)[{_QUOTES}]?|(?P<plain>[^\s{_QUOTES}]+)")


@dataclass(frozen=True)
class Term:
    """One thing that must be there, or must not.

    `words` in a row; or, where nothing was quoted, the single word `one`, or one that begins with one of `stems`.
    """

    typed: str
    words: tuple[str, ...] = ()
    key: str = ""  # the word, or pair of characters, by which texts with the words in a row are looked up
    one: str = ""
    stems: tuple[str, ...] = ()
    is_excluded: bool = False

    @property
    def row(self) -> str:
        """The words as they stand in a document's text."""
        return f" {' '.join(self.words)} "


@dataclass(frozen=True)
class Asked:
    """A whole query."""

    terms: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)


def read(query: str) -> Asked:
    """Read a line as typed. What means nothing is left out; of too many words the first count."""
    terms = list(_terms(query[:LONGEST_QUERY]))
    wanted = list(dict.fromkeys(term for term in terms if not term.is_excluded))
    excluded = list(dict.fromkeys(term for term in terms if term.is_excluded))
    return Asked(tuple(wanted[:MOST_TERMS]), tuple(excluded[:MOST_TERMS]))


def _terms(query: str) -> Iterator[Term]:
    for part in _PART.finditer(query):
        quoted, plain = part["quoted"], part["plain"] or ""
        if quoted is not None:
            if words := words_in(quoted):
                yield _in_a_row(words, quoted.strip(), is_excluded=bool(part["sign"]))
            continue
        is_excluded = plain.startswith("-")
        for chain in chains(words_in(plain)):
            yield _unquoted(chain, plain, is_excluded=is_excluded)


def _in_a_row(words: Sequence[Word], typed: str, *, is_excluded: bool) -> Term:
    pairs = pairs_of(words)
    key = pairs[0] if pairs else max((word.word for word in words), key=len)
    return Term(typed, tuple(in_a_row(words).split(" ")), key, is_excluded=is_excluded)


def _unquoted(chain: Sequence[Word], plain: str, *, is_excluded: bool) -> Term:
    own = [word for word in chain if not word.possessive] or list(chain)
    typed = plain.lstrip("-") if len(own) > 1 else own[0].word
    one = own[0].word if len(own) == 1 else as_one(own)
    stems = () if is_excluded else tuple(_stems(one))
    if len(own) == 1:
        return Term(typed, one=one, stems=stems, is_excluded=is_excluded)
    row = _in_a_row(own, typed, is_excluded=is_excluded)
    return Term(typed, row.words, row.key, one=one, stems=stems, is_excluded=is_excluded)


def _stems(word: str) -> list[str]:
    """The beginnings that a word stands for: itself and its plural, `companies` as well as `company`."""
    if any(c.isdigit() for c in word) or (len(word) < 3 and word.isascii()) or not word:
        return []
    stem = _singular(word)
    stems = [stem]
    if stem.endswith("y") and len(stem) > 3:
        stems.append(stem[:-1] + "ies")
    for same in _SAME:
        if stem in same:
            stems += sorted(same - {stem})
    return stems


def _singular(word: str) -> str:
    if len(word) < 4 or not word.isascii():
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def forms_of(word: str) -> set[str]:
    """A word, its singular and its plural: what an exclusion keeps out."""
    stem = _singular(word)
    return {word, stem, stem + "s"}


def written(asked: Asked, instead: dict[str, str]) -> str:
    """The query again, with some of its words replaced."""
    parts = []
    for term in (*asked.terms, *asked.excluded):
        words = instead.get(term.typed) or (" ".join(term.words) if term.words and not term.one else term.typed)
        quoted = f'"{words}"' if term.words and not term.one else words
        parts.append(f"-{quoted}" if term.is_excluded else quoted)
    return " ".join(parts)
