"""What a script answers, and how it is written down in docs/benchmarks.md."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

HEADING = """# Benchmarks

Written by `make bench`; do not edit. Each figure is a ratio to something measured in the same run, by turns, so that
it means the same on a slow machine as on a fast one; milliseconds stand beside it only to give an idea. `make bench`
fails when a ratio is over its limit. What is measured, and how to add to it: [bench/README.md](../bench/README.md).
"""


@dataclass(frozen=True)
class Limit:
    """A ratio that may not be exceeded (or, with `at_least`, undercut)."""

    what: str
    ratio: float
    limit: float
    at_least: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether the promise holds."""
        return self.ratio >= self.limit if self.at_least else self.ratio <= self.limit

    @property
    def word(self) -> str:
        """How it stands in the table."""
        if self.is_kept:
            return "within"
        return "**under**" if self.at_least else "**over**"


@dataclass(frozen=True)
class Table:
    """Rows of cells under a heading; the first column is words, the others are numbers."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    caption: str = ""

    def markdown(self) -> str:
        """The table as Markdown."""
        lines = [_row(self.columns), _row(["---", *["---:"] * (len(self.columns) - 1)])]
        lines += [_row([str(cell) for cell in row]) for row in self.rows]
        return "\n".join([f"{self.caption}\n", *lines] if self.caption else lines)


@dataclass(frozen=True)
class Answer:
    """A script's answer: the question, the tables, the limits that decide, and what one must know to read them."""

    question: str
    words: str
    tables: Sequence[Table]
    limits: Sequence[Limit] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether every limit is kept."""
        return all(limit.is_kept for limit in self.limits)

    def markdown(self, name: str, *, on: dt.date, machine: str, load: float) -> str:
        """The script's section of docs/benchmarks.md."""
        over = [limit for limit in self.limits if not limit.is_kept]
        verdict = f"{len(self.limits) - len(over)} of {len(self.limits)} limits are kept."
        if over:
            missed = "; ".join(f"{one.what} {one.ratio:.2f} (limit {one.limit:g})" for one in over)
            verdict += f" Missed: {missed}."
        measured = (
            f"Measured on {on.day} {on:%B %Y} by `make bench ONLY={name}`: {machine}; load {load:.1f} at the start."
        )
        parts = [f"## {self.question}", measured, verdict, self.words, *(table.markdown() for table in self.tables)]
        return f"{begin_mark(name)}\n" + "\n\n".join(part.strip() for part in parts) + f"\n{end_mark(name)}\n"


def with_section(document: str, name: str, section: str, names: Iterable[str]) -> str:
    """The document with this script's section in place of its former one; sections of scripts that are no more go."""
    kept = {one: found for one in names if (found := _section(document, one))}
    kept[name] = section
    return "\n".join([HEADING, *(kept[one] for one in sorted(kept))])


def begin_mark(name: str) -> str:
    """Where a script's section begins; invisible when read."""
    return f"<!-- {name} -->"


def end_mark(name: str) -> str:
    """Where it ends."""
    return f"<!-- end of {name} -->"


def _section(document: str, name: str) -> str:
    pattern = re.escape(begin_mark(name)) + r"\n.*?" + re.escape(end_mark(name)) + r"\n"
    found = re.search(pattern, document, re.DOTALL)
    return found[0] if found else ""


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
