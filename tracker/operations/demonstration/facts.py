"""The facts of the demo, found by date and subject, and their sources as the tracker keeps them."""

from __future__ import annotations

import datetime as dt
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from tracker.db import Precision
from tracker.timeline.models import Source, SourceKind

FILE = Path(__file__).parent.parent.parent / "reference" / "demo" / "facts.json"
# Documents themselves: the shareholders' letter, letters of the SEC's staff, an exempt solicitation.
PRIMARY = ("docslib.org/doc/", "documentcloud", "PX14A6G")
NOT_FOUND = "U"
_SITE = re.compile(r"^(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})(/\S*)?")
_DAY = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b")
_ELLIPSIS = re.compile(r"\.\.\.|…")


@cache
def facts() -> list[dict[str, Any]]:
    """Every fact that was found; what was not found in any page is never stated."""
    found: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["facts"]
    return [fact for fact in found if fact["status"] != NOT_FOUND]


def fact(date: str, about: str = "") -> dict[str, Any]:
    """The one fact of this date whose proposal or claim has these words. Raises LookupError."""
    hits = [f for f in facts() if f["date"] == date and about in f"{f.get('proposal', '')} {f['claim']}"]
    if len(hits) != 1:
        raise LookupError(f"{len(hits)} facts of {date} with {about!r}")
    return hits[0]


def sources(*told: dict[str, Any], now: dt.datetime) -> list[Source]:
    """The sources of these facts, each once."""
    return [_source(words, now) for words in dict.fromkeys(s for one in told for s in one["sources"])]


def _source(words: str, now: dt.datetime) -> Source:
    """A source as the list writes it: an address where it is a whole one, else a citation; its site is the publisher."""
    site = _SITE.match(words)
    day = _DAY.search(words)
    # An address is taken over only where the list gives all of it.
    address = f"https://{site[0]}" if site and site[2] and not _ELLIPSIS.search(site[0]) else ""
    return Source(
        citation=words,
        url=address,
        publisher=site[1] if site else "",
        published_on=dt.date.fromisoformat(day[1]) if day else None,
        published_precision=Precision.DAY if day else None,
        kind=SourceKind.PRIMARY if any(mark in words for mark in PRIMARY) else SourceKind.PRESS,
        recorded_at=now,
    )
