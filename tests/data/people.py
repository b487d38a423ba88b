"""Messy people: `python -m tests.data.people 7000 csv > people.csv` (or tsv, xlsx, ods, json).

The same number makes the same people. Names in any script, of one word or of 300 characters, numbers, handles, with
commas, quotes, line breaks and trailing blanks, composed and decomposed, some like a formula; dates in every form that
means one day. `people.csv` beside this file holds the first forty, to be looked at.
"""

from __future__ import annotations

import datetime as dt
import sys
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

HEADING = ("Full Name", "Job Title", "Organization", "Email Address", "Phone", "Timestamp")

# {n} is the number of the person, so that each is another.
NAMES: tuple[str, ...] = (
    "Ada Sandpiper {n}", "Žižek, Ünal {n} jr.", "अदा टिटहरी {n}", "岸辺 シギ {n}", "김도요 {n}", "عدا طيطوى {n}",
    "עדה חופמי {n}", "Ада Кулик {n}", "Αδα Τρύγγας {n}", "ადა მეჭვავია {n}", "อาดา นกชายเลน {n}", "Àdá Ọ̀kín {n}",
    "@heron_{n}", "{n}", "Dunlin{n}", '=HYPERLINK("https://example.org/{n}","me")', "+{n} Knot", "-{n}",
    "O'Plover {n}", "'tis Curlew {n}", "“Whimbrel” {n}", 'Ruff "the {n}" Reeve', "Line\nBreak {n}",
    "Carriage\r\nReturn {n}", "  Blanks {n}   ", "Tab\tStop {n}", "Null", "None {n}", "N/A {n}",
    "True {n}", "🦆 Duck {n}", "Semi; Colon {n}", "Pipe | Bar {n}", "Mr. {n}",
    "X Æ {n}", "Sarah-Jane von der Wiese-Möwe {n}", "ﷺ {n}",
    "\ufeffMarked {n}", "-", "Ng {n}",
)  # fmt: skip
OFFICES = ("Engineer", "", "Ingénieure, 2e classe", "Nurse\nnight shift", "工程师", "0", "Head of “Things”", "1/2 post")
BODIES = ("Heron Works Inc.", "Heron Works, Inc.", "", "Möwe & Söhne GmbH", "Kommune 3", "Université de l’Étang", "007")
DATES: tuple[Callable[[dt.date], str], ...] = (
    dt.date.isoformat, lambda day: "", lambda day: f"{day:%d.%m.%Y}", lambda day: f"{day.day} {day:%B %Y}",
    lambda day: f"{day:%B} {day.day}, {day.year}", lambda day: f"{day:%Y%m%d}", lambda day: f"{day:%d-%b-%Y}",
    lambda day: f"{day:%Y-%m-%dT12:30:00Z}", lambda day: f"{day:%Y-%m-%d 23:59:59}", lambda day: f"{day:%Y/%m/%d}",
    lambda day: f"{day:%Y/%m/%d 1:15:00 PM GMT+1}", lambda day: f"{day:%a %b %d %Y 12:00:00 GMT+0200 (CEST)}",
    lambda day: str(int(dt.datetime.combine(day, dt.time(12), dt.UTC).timestamp())),
    lambda day: f"{day:%d/%m/%Y}" if day.day > 12 else day.isoformat(),
    lambda day: f"{day.month}/{day.day}/{day:%y 9:15 AM}" if day.day > 12 else day.isoformat(),
)  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """A row as it is written, and what it means."""

    name: str
    office: str
    body: str
    address: str
    phone: str
    signed: str
    day: str  # ISO, or "": what `signed` means

    @property
    def cells(self) -> tuple[str, ...]:
        """In the order of HEADING."""
        return (self.name, self.office, self.body, self.address, self.phone, self.signed)


def people(number: int) -> Iterator[Listed]:
    """So many, each another."""
    first = dt.date(2018, 6, 1)
    for n in range(number):
        name = NAMES[n % len(NAMES)].format(n=n)
        if n % 97 == 96:
            name = f"Long {n} " + ("Lang" * 100)[: 300 - len(f"Long {n} ")]
        if n % 5 == 4:
            name = unicodedata.normalize("NFD", name)
        # Three in five have an address; the others are told apart by all that their row says.
        address = f"{'Person' if n % 3 else 'person+list'}.{n}@{'example' if n % 4 else 'EXAMPLE'}.org" if n % 5 else ""
        if n % 11 == 10 and address:
            address = f" {address} "
        day, date = first + dt.timedelta(days=n % 2500), DATES[n % len(DATES)]
        written = date(day)
        phone = f"+49 30 {n:07d}" if n % 7 == 0 or not address else ""
        yield Listed(
            name, OFFICES[n % len(OFFICES)], BODIES[n % len(BODIES)], address, phone, written,
            day.isoformat() if written else "",
        )  # fmt: skip


def main(number: str, kind: str = "csv") -> None:
    """Write a list to standard output."""
    from tests.data import files

    sys.stdout.buffer.write(files.WRITERS[kind](people(int(number))))


if __name__ == "__main__":
    main(*sys.argv[1:])
