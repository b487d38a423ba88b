"""The S&P 500 as it ships with the tracker, for finding a company by name or ticker. Keyed by the SEC's CIK."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tracker.search_text import normalise

FILE = Path(__file__).parent.parent / "reference" / "companies-sp500.csv"
# The list names a US state, or one of these countries, after the last comma of the headquarters.
COUNTRIES = {"Ireland": "IE", "United Kingdom": "GB", "Switzerland": "CH", "Netherlands": "NL", "Bermuda": "BM"}
_SHARE_CLASS = re.compile(r"\s*\(Class [A-Z]\)$")


@dataclass(frozen=True)
class ReferenceCompany:
    """One company of the list; several share classes are one company."""

    cik: str  # ten digits with leading zeros
    name: str
    tickers: tuple[str, ...]
    sector: str
    country: str
    search_text: str

    @property
    def ticker(self) -> str:
        """The first of its share classes."""
        return self.tickers[0]


def ten_digits(cik: str) -> str:
    """A CIK as the SEC writes it in full: `1018724` becomes `0001018724`."""
    return cik.strip().zfill(10)


@cache
def reference_companies() -> dict[str, ReferenceCompany]:
    """The whole list by CIK, in its own order."""
    found: dict[str, ReferenceCompany] = {}
    with FILE.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            cik = ten_digits(row["CIK"])
            earlier = found.get(cik)
            tickers = (*(earlier.tickers if earlier else ()), row["Symbol"])
            name = _SHARE_CLASS.sub("", row["Security"])
            found[cik] = ReferenceCompany(
                cik=cik,
                name=name,
                tickers=tickers,
                sector=row["GICS Sector"],
                country=COUNTRIES.get(row["Headquarters Location"].rpartition(", ")[2], "US"),
                search_text=normalise(" ".join((name, *tickers, cik))),
            )
    return found


def reference_matches(text: str, limit: int) -> list[ReferenceCompany]:
    """The list's companies with these letters in name, ticker or CIK; names and words that begin with them first."""
    wanted = normalise(text)
    if not wanted:
        return []
    hits = [company for company in reference_companies().values() if wanted in company.search_text]
    return sorted(hits, key=lambda company: (_rank(company.search_text, wanted), company.name))[:limit]


def _rank(search_text: str, wanted: str) -> int:
    if search_text.startswith(wanted):
        return 0
    return 1 if f" {wanted}" in search_text else 2
