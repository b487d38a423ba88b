"""Which word may have been meant by one that finds nothing: like it, in the index, and found by whoever asks."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from rapidfuzz import process
from rapidfuzz.distance import OSA

from tracker.db import db
from tracker.search.models import SearchWord

SHORTEST = 4
MOST_TRIED = 12


def mistakes_in(word: str) -> int:
    """How many wrong, missing, extra or swapped letters are forgiven in a word of this length."""
    return 1 if len(word) < 6 else 2 if len(word) < 12 else 3


def meant_by(word: str, finds: Callable[[str], int]) -> str | None:
    """The nearest word that finds something; of equally near ones that which finds most.

    `finds` tells how many documents the asker would get: a word that stands only where they may not read does not
    exist for them.
    """
    if len(word) < SHORTEST or any(c.isdigit() for c in word):
        return None
    most = mistakes_in(word)
    near = sa.select(SearchWord.word).where(SearchWord.length.between(len(word) - most, len(word) + most))
    candidates = process.extract(
        word, db.session.scalars(near).all(), scorer=OSA.distance, score_cutoff=most, limit=200
    )
    # Few people mistype the first letter.
    ordered = sorted((int(far), one[:1] != word[:1], one) for one, far, _index in candidates if one != word)
    best: tuple[int, bool, int, str] | None = None
    for far, other_start, one in ordered[:MOST_TRIED]:
        if best is not None and (far, other_start) > best[:2]:
            break
        if count := finds(one):
            best = min(best or (far, other_start, -count, one), (far, other_start, -count, one))
    return best[3] if best else None
