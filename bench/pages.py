"""Do pages stay quick when there is much? List, campaign, history, signatories, company: 200 campaigns and 10,000."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from bench.room.answer import Answer, Limit, Table
from bench.room.databases import KINDS, Databases, dispose, on
from bench.room.measure import Samples, by_turns
from bench.room.server import EMPTY, Server
from bench.room.world import Filled, Size, fill

SMALL = Size(campaigns=200, entries=200, signatures=150)
LARGE = Size(campaigns=10_000, entries=10_000, signatures=100_000)
QUICK = (Size(campaigns=30, entries=12, signatures=8), Size(campaigns=60, entries=40, signatures=20))
ROUNDS, SECONDS = 60, 20.0  # for each page

WITHOUT_FACETS, WITH_FACETS = 1.5, 3.0

WORDS = f"""
Two databases, filled with invented campaigns: the small one has {SMALL.campaigns} campaigns, {SMALL.entries} entries
and {SMALL.signatures} signatures in the one that is measured; the large one has {LARGE.campaigns:,} campaigns,
{LARGE.entries:,} entries and {LARGE.signatures:,} signatures in one. Each page shows as many rows in both. The reader
is a signed-in organiser; the server is gunicorn as `tracker web` starts it. *Empty* is the smallest page that Flask
can serve, by a bare app in the same process. Each round asks the small, the large and the empty page in a new order.

*Small* and *large* are ratios to the empty page (median, 95th percentile in brackets); *large ÷ small* compares the
medians and decides: at most {WITHOUT_FACETS:g}, and {WITH_FACETS:g} where facets are counted or searched.
"""


@dataclass(frozen=True)
class Page:
    """A page that is measured."""

    name: str
    path: Callable[[Filled, Size], str]
    has_facets: bool = False

    @property
    def limit(self) -> float:
        """How many times as long it may take where there is much."""
        return WITH_FACETS if self.has_facets else WITHOUT_FACETS


def last(number: int, per_page: int) -> int:
    """The last page of so many rows; a little is taken off, since not every row is shown to every reader."""
    return max(1, number * 8 // 10 // per_page)


PAGES = (
    Page("List", lambda filled, size: "/campaigns", True),
    Page("List by title, page 3", lambda filled, size: "/campaigns?sort=title&page=3", True),
    Page("List, narrowed", lambda filled, size: f"/campaigns?kind=public&company={filled.company_slug}", True),
    Page("List, searched", lambda filled, size: f"/campaigns?q={filled.title_word}", True),
    Page("Search", lambda filled, size: f"/search?q={filled.title_word}", True),
    Page("Search, two common words", lambda filled, size: f"/search?q={filled.common_words}", True),
    Page("Campaign", lambda filled, size: f"/campaigns/{filled.slug}"),
    Page("History", lambda filled, size: f"/campaigns/{filled.slug}/history"),
    Page("History, last page", lambda f, size: f"/campaigns/{f.slug}/history?page={last(size.entries, 100)}"),
    Page("History, notes only", lambda filled, size: f"/campaigns/{filled.slug}/history?kind=note", True),
    Page("Signatories", lambda filled, size: f"/campaigns/{filled.slug}/signatories"),
    Page("Signatories, last page", lambda f, s: f"/campaigns/{f.slug}/signatories?page={last(s.signatures, 50)}"),
    Page("Signatories, sealed", lambda filled, size: f"/campaigns/{filled.sealed_slug}/signatories"),
    Page("Company", lambda filled, size: f"/companies/{filled.company_slug}"),
)


@dataclass(frozen=True)
class Measured:
    """One page: how long in each world, and how many queries."""

    page: Page
    small: Samples
    large: Samples
    empty: Samples
    queries: tuple[int, int]

    @property
    def ratio(self) -> float:
        """Large to small."""
        return self.large.median / self.small.median

    def row(self, limit: Limit) -> tuple[str, ...]:
        """What stands in the table."""
        return (
            self.page.name,
            *(f"{side.median / self.empty.median:.1f} ({side.p95 / self.empty.p95:.1f})" for side in self._sides()),
            f"{limit.ratio:.2f}",
            f"{limit.limit:g}",
            limit.word,
            " / ".join(map(str, self.queries)),
            " / ".join(f"{1000 * side.median:.0f}" for side in self._sides()),
        )

    def _sides(self) -> tuple[Samples, Samples]:
        return self.small, self.large


COLUMNS = ("page", "small", "large", "large ÷ small", "limit", "", "queries", "ms")


def run(*, quick: bool = False, kinds: Iterable[str] = KINDS, pages: Iterable[Page] = PAGES) -> Answer:
    """Measure every page on each kind of database."""
    small, large = QUICK if quick else (SMALL, LARGE)
    tables, limits = [], []
    for kind in kinds:
        with on(kind) as databases:
            found = measure(databases, small, large, rounds=2 if quick else ROUNDS, pages=tuple(pages))
        mine = [Limit(f"{KINDS[kind]}, {one.page.name}:", one.ratio, one.page.limit) for one in found]
        rows = [one.row(limit) for one, limit in zip(found, mine, strict=True)]
        tables.append(Table(COLUMNS, rows, caption=f"### {KINDS[kind]}"))
        limits += mine
    return Answer("Do pages stay quick when there is much?", WORDS, tables, limits)


def measure(
    databases: Databases,
    small: Size,
    large: Size,
    *,
    rounds: int,
    pages: tuple[Page, ...] = PAGES,
    filling: Callable[[Size], Filled] = fill,
    is_signed_in: bool = True,
) -> list[Measured]:
    """Fill both worlds, serve both, and ask for each page by turns."""
    sizes = {"small": small, "large": large}
    instances = {side: databases.instance() for side in sizes}
    filled: dict[str, Filled] = {}
    for side, size in sizes.items():
        app = instances[side].app()
        with app.app_context():
            filled[side] = filling(size)
            dispose()
    with (
        Server(instances["small"], filled["small"].account_id if is_signed_in else None) as small_server,
        Server(instances["large"], filled["large"].account_id if is_signed_in else None) as large_server,
    ):
        servers = {"small": small_server, "large": large_server}
        return [_measure(page, servers, filled, sizes, rounds) for page in pages]


def _measure(
    page: Page,
    servers: Mapping[str, Server],
    filled: Mapping[str, Filled],
    sizes: Mapping[str, Size],
    rounds: int,
) -> Measured:
    paths = {side: page.path(filled[side], sizes[side]) for side in sizes}
    calls: dict[str, Callable[[], object]] = {side: partial(servers[side].get, paths[side]) for side in sizes}
    calls |= {f"empty, {side}": partial(servers[side].get, EMPTY) for side in sizes}
    samples = by_turns(calls, rounds=rounds, seconds=SECONDS)
    empty = Samples(samples["empty, small"].seconds + samples["empty, large"].seconds)
    queries = (servers["small"].queries(paths["small"]), servers["large"].queries(paths["large"]))
    return Measured(page, samples["small"], samples["large"], empty, queries)
