"""The facts of tracker/reference/demo and how each is cited."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from tracker.campaigns.models import Campaign
from tracker.timeline.models import EntryKind, EntryVisibility, Source, SourceKind
from tracker.timeline.service import Told, tell
from tracker.web.dates import UncertainDate, read_uncertain_date

FOLDER = Path(__file__).parents[2] / "reference" / "demo"
NOT_FOUND = "U"

WHO_MOVED_THEM = (
    "Employees, shareholders and civil-rights organisations had all asked; nobody can show which of them moved Amazon."
)


@dataclass(frozen=True)
class Fact:
    """One fact as compiled: its date, its value where it is a number, its grade, its sources."""

    id: str
    date: str
    grade: str  # A several sources, B one page, C sources in conflict, U not found
    value: Decimal | None
    sources: tuple[str, ...]

    @property
    def number(self) -> int:
        """The value of a fact that counts something."""
        assert self.value is not None
        return int(self.value)

    @property
    def share(self) -> Decimal:
        """The value of a fact that is a percentage."""
        assert self.value is not None
        return self.value


@cache
def _facts() -> dict[str, Fact]:
    plain = json.loads((FOLDER / "facts.json").read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal)
    return {
        fact["id"]: Fact(
            fact["id"], fact["date"] or "", fact["status"], fact.get("value"), tuple(fact.get("sources", ()))
        )
        for fact in plain["facts"]
    }


@cache
def _citations() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((FOLDER / "sources.json").read_text(encoding="utf-8"))
    return found


def fact(fact_id: str) -> Fact:
    """A fact that may be stated. Raises LookupError for one that was not found in any page read."""
    found = _facts()[fact_id]
    if found.grade == NOT_FOUND:
        raise LookupError(f"{fact_id} was not found in any page read: do not state it.")
    return found


class Evidence:
    """Sources of facts as rows, each cited once: where two entries rest on one page, they share its row."""

    def __init__(self, now: dt.datetime) -> None:
        self._now = now
        self._rows: dict[str, Source] = {}

    def of(self, *facts: Fact) -> list[Source]:
        """Every source of these facts, in their order."""
        return [self.at(name) for name in dict.fromkeys(name for each in facts for name in each.sources)]

    def at(self, name: str) -> Source:
        """One source, by its name in facts.json."""
        if name not in self._rows:
            cited = _citations()[name]
            published = read_uncertain_date(cited["published"]) if "published" in cited else None
            self._rows[name] = Source(
                citation=cited["citation"],
                url=cited.get("url", ""),
                publisher=cited.get("publisher", ""),
                published_on=published.date if published else None,
                published_precision=published.precision if published else None,
                kind=SourceKind(cited.get("kind", SourceKind.PRESS)),
                recorded_at=self._now,
            )
        return self._rows[name]

    def told(self, on: str, *facts: Fact, words: str = "") -> Told:
        """What every entry of the demonstration has: public, with its sources, in nobody's digest."""
        when = day(on)
        return Told(
            occurred_on=when.date,
            precision=when.precision,
            visibility=EntryVisibility.PUBLIC,
            words=" ".join(words.split()),
            sources=self.of(*facts),
            announce=False,
        )

    def note(self, campaign: Campaign, fact: Fact, headline: str, words: str = "") -> None:
        """A fact for which there is no record of its own."""
        tell(
            self.told(fact.date, fact, words=words),
            campaign_id=campaign.id,
            kind=EntryKind.NOTE,
            headline=headline,
            record_type="",
            actor=None,
            now=self._now,
        )


def day(on: str) -> UncertainDate:
    """A date as exact as it is written: "2018-06-15", "2018-06" or "2018"."""
    return read_uncertain_date(on)
