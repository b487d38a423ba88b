"""Names as people write them: any script, one word, a handle, a number. Nothing here knows whose they are."""

from __future__ import annotations

import re
import unicodedata

from tracker.search_text import normalise

LONGEST = 500  # characters; longer than any name, shorter than a letter pasted by mistake
MOST_INITIALS = 6
MOST_WORDS = 40  # tokens kept of one name
_WORD = re.compile(r"\w+")
_APOSTROPHES = str.maketrans("", "", "'’ʼ`´")


def initials(name: str) -> str:
    """`Ada Lovelace` becomes `A. L.`, `अदा लवलेस` becomes `अ. ल.`; a name without a letter or digit becomes `–`."""
    marks = []
    for word in unicodedata.normalize("NFC", name).split():
        start = next((at for at, character in enumerate(word) if character.isalnum()), None)
        if start is None:
            continue
        end = start + 1
        while end < len(word) and unicodedata.category(word[end]) in ("Mn", "Mc", "Me"):
            end += 1
        first = word[start:end]
        marks.append((first.upper() if len(first.upper()) == len(first) else first) + ".")
    return " ".join(marks[:MOST_INITIALS]) or "–"


def searched_words(text: str) -> list[str]:
    """The whole words of a name as they are searched: `Žižek, O’Neill` gives `zizek` and `oneill`; each once."""
    found = _WORD.findall(normalise(text).translate(_APOSTROPHES))
    return list(dict.fromkeys(found))[:MOST_WORDS]


def same_name_key(name: str) -> str:
    """Equal for names that are perhaps the same: `Google, Inc.` and `google inc`. Never enough to merge by."""
    return " ".join(searched_words(name))


def clean(text: str) -> str:
    """Text without characters that no name has and PostgreSQL refuses (NUL), its spaces made single."""
    if not text.isprintable():  # looking at each letter is slow, and few names need it
        shown = "".join(" " if unicodedata.category(c) in ("Cc", "Zs", "Zl", "Zp") else c for c in text)
        text = shown.replace("\ufeff", "").replace("\u200b", "")
    return " ".join(text.split())
