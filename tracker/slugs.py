"""Addresses made of a title: short, readable, unlike any other and unlike a word that our addresses use."""

from __future__ import annotations

import re
from collections.abc import Callable

from tracker.search_text import normalise

LONGEST = 80
RESERVED = frozenset({"new", "edit", "suggest", "search", "history", "removed"})


def slug_of(text: str) -> str:
    """`We won’t build it!` becomes `we-wont-build-it`; empty when no letter of it is Latin."""
    words = re.sub(r"[’'`]", "", normalise(text))
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-")[: LONGEST - 8].rstrip("-")


def free_slug(text: str, *, taken: Callable[[str], bool], fallback: str) -> str:
    """The text's slug, numbered when another has it or had it."""
    base = slug_of(text) or fallback
    slug, number = base, 1
    while slug in RESERVED or taken(slug):
        number += 1
        slug = f"{base}-{number}"
    return slug
