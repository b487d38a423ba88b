"""What a word is: the same cuts and the same folding for what is kept, what is asked, and what is highlighted.

Case, diacritics, width and digits of any script are folded; a word of a script that writes without spaces is cut into
its characters; `27,5` is `27.5` and `1,000` is `1000`; what a hyphen, an apostrophe, a full stop or an ampersand joins
is found by its parts and as one word (`co-filer`, `S&P`, `U.S.`).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

LONGEST = 64  # of a word that is kept; nobody types more, and an index entry has its limits
_JOINERS = frozenset("'’ʼ‘`´-‐‑.&")
_APOSTROPHES = frozenset("'’ʼ‘`´")
_LONGEST_CHAIN = 4
_TATWEEL = "\N{ARABIC TATWEEL}"
_IGNORED = "\N{SOFT HYPHEN}\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{WORD JOINER}"
# Letters that Unicode does not take apart, as people without them on their keyboard write them.
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ŋ": "n", "ŧ": "t"}
)
# Han, kana, Thai, Lao, Myanmar, Khmer: written without spaces between words.
_UNSPACED = re.compile(
    "[\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\U00020000-\U000323af]"
)


@dataclass(frozen=True)
class Word:
    """One word where it stands in a text. `joined`: only a joining mark lies between it and the one before."""

    word: str
    start: int
    end: int
    joined: bool = False
    possessive: bool = False  # the s of “Amazon’s”

    @property
    def is_character(self) -> bool:
        """Whether it is one character of a script without spaces."""
        return bool(_UNSPACED.match(self.word))


@functools.cache
def _pattern() -> re.Pattern[str]:
    """Numbers with separators, or runs of letters, digits and the marks that belong to them (`re` has no class for
    those; they are collected once, at the first search)."""
    marks = "".join(chr(code) for code in range(0x20000) if unicodedata.category(chr(code)) in ("Mn", "Mc"))
    return re.compile(rf"(?<![\w])\d+(?:[.,]\d+)+(?![\w])|[\w{marks}{_IGNORED}]+")


def fold(text: str) -> str:
    """`Žižek` becomes `zizek`, `ＡＢＣ` `abc`, `٢٧` `27`, `Łódź` `lodz`."""
    if _is_simple(text):
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = "".join(_plain(c) for c in decomposed if not unicodedata.combining(c)).translate(_LETTERS)
    return unicodedata.normalize("NFC", kept)


def _is_simple(text: str) -> bool:
    """Whether only case is to be folded: most words of most texts, ten times as quick as the rest."""
    return text.isascii() and text.isalnum()


def _plain(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if character == _TATWEEL:
        return ""
    return character if character.isalnum() or unicodedata.category(character)[0] == "M" else ""


def words_in(text: str) -> list[Word]:
    """The words of a text, in order, with where they stand."""
    found: list[Word] = []
    text = text.replace("_", " ")
    for run in _pattern().finditer(text):
        for word, start, end in _cut(run.group(), run.start()):
            between = text[found[-1].end : start] if found else ""
            joined = bool(found) and (between == "" or (len(between) == 1 and between in _JOINERS))
            mine = joined and between in _APOSTROPHES and between != "" and word == "s"
            found.append(Word(word[:LONGEST], start, end, joined, mine))
    return found


def _cut(run: str, at: int) -> Iterator[tuple[str, int, int]]:
    if _is_simple(run):
        yield run.lower(), at, at + len(run)
        return
    if number := _number(run):
        yield number, at, at + len(run)
        return
    for part in re.finditer(r"[^.,]+", run):
        yield from _pieces(part.group(), at + part.start())


def _pieces(run: str, at: int) -> Iterator[tuple[str, int, int]]:
    """A run of letters, with the characters of scripts without spaces each for itself."""
    start = 0
    for single in _UNSPACED.finditer(run):
        if word := fold(run[start : single.start()]):
            yield word, at + start, at + single.start()
        if word := fold(single.group()):
            yield word, at + single.start(), at + single.end()
        start = single.end()
    if word := fold(run[start:]):
        yield word, at + start, at + len(run)


def _number(run: str) -> str:
    """A number with its point, and without marks between thousands; empty for a date, a version, no number at all."""
    separators = [c for c in run if c in ".,"]
    if not separators:
        return ""
    groups = ["".join(_plain(c) for c in group) for group in re.split("[.,]", run)]
    *whole, last = groups
    thousands = all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3
    if thousands and len(set(separators)) == 1 and (separators[0] == "," or len(separators) > 1):
        return "".join(groups)
    if len(separators) == 1:
        return f"{whole[0]}.{last}"
    if len(set(separators[:-1])) == 1 and separators[-1] != separators[0] and all(len(g) == 3 for g in whole[1:]):
        return f"{''.join(whole)}.{last}"
    return ""


def chains(words: Sequence[Word]) -> Iterator[list[Word]]:
    """The words by what joins them: `co-filer’s note` is `co filer s` and `note`."""
    chain: list[Word] = []
    for word in words:
        if chain and not word.joined:
            yield chain
            chain = []
        chain.append(word)
    if chain:
        yield chain


def as_one(chain: Sequence[Word]) -> str:
    """What is joined, written as one word without its possessive; empty when there is nothing to join."""
    parts = [word for word in chain if not word.possessive]
    if not 2 <= len(parts) <= _LONGEST_CHAIN or any(part.is_character for part in parts):
        return ""
    return "".join(part.word for part in parts)[:LONGEST]


def keys_of(words: Sequence[Word]) -> set[str]:
    """Everything under which a text with these words is kept: words, what is joined as one, pairs of characters."""
    keys = {word.word for word in words}
    keys.update(one for chain in chains(words) if (one := as_one(chain)))
    keys.update(pairs_of(words))
    return keys


def pairs_of(words: Sequence[Word]) -> list[str]:
    """The neighbouring characters of scripts without spaces, two by two."""
    return [
        first.word + second.word
        for first, second in pairwise(words)
        if second.joined and first.is_character and second.is_character
    ]


def in_a_row(words: Sequence[Word]) -> str:
    """The words with one space on either side of each, as phrases are looked for."""
    return " ".join(word.word for word in words)


_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\s]*(?:\s+\"[^\"\n]*\")?\)")
_MARKS = re.compile(r"^[ \t]*(?:#{1,6}|>|[-*+]|\d+[.)])[ \t]+|[*`~]+|(?<!\w)_+|_+(?!\w)", re.MULTILINE)


def without_markdown(text: str) -> str:
    """A text as it is read, without the marks of Markdown and the addresses behind its links."""
    return _MARKS.sub("", _LINK.sub(r"\1", text))
