"""What somebody looks for in the list of campaigns, as its address says it; a saved search keeps the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from tracker.words import LazyString, _

SORTS: dict[str, LazyString] = {
    "changed": _("Last change"),
    "began": _("When it began"),
    "title": _("Title"),
}
FACETS = ("kind", "stage", "company", "issue", "outcome", "year")
MOST_VALUES = 50  # of one facet; nobody ticks more


@dataclass(frozen=True)
class Wanted:
    """Words, facets, order and page."""

    q: str = ""
    kind: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    company: tuple[str, ...] = ()
    issue: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    sort: str = "changed"
    page: int = 1

    @classmethod
    def from_query(cls, query: MultiDict[str, str]) -> Wanted:
        """Read an address; what means nothing is left out."""
        page = query.get("page", "1")
        return cls(
            q=query.get("q", "").strip()[:200],
            sort=query["sort"] if query.get("sort") in SORTS else "changed",
            page=max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1,
            **{name: tuple(dict.fromkeys(query.getlist(name)[:MOST_VALUES])) for name in FACETS},
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is asked at all."""
        return bool(self.q or any(self.ticked.values()))

    @property
    def ticked(self) -> Mapping[str, tuple[str, ...]]:
        """The values of each facet that are ticked."""
        return {name: getattr(self, name) for name in FACETS}

    @property
    def years(self) -> tuple[int, ...]:
        """The years that are years."""
        return tuple(int(year) for year in self.year if year.isdecimal() and len(year) == 4)

    def without(self, *facets: str) -> Wanted:
        """The same with these facets unticked."""
        nothing: dict[str, Any] = dict.fromkeys(facets, ())
        return replace(self, **nothing)

    def unticked(self, facet: str, value: str) -> Wanted:
        """The same without one value of a facet."""
        rest: dict[str, Any] = {facet: tuple(other for other in getattr(self, facet) if other != value)}
        return replace(self, **rest)

    @property
    def query(self) -> str:
        """As the address has it, without the page."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [(name, value) for name, values in self.ticked.items() for value in values]
        if self.sort != "changed":
            pairs.append(("sort", self.sort))
        return urlencode(pairs)
