"""How long does it take to bring in a list from a file, and in how much memory?"""  # noqa: N999 - it is the name of what is measured

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.room.answer import Answer, Limit, Table
from bench.room.databases import KINDS, Databases, dispose, on
from bench.room.world import Size, fill

ROOT = Path(__file__).parent.parent
ROWS = {"sqlite": 200_000, "postgresql": 1_000_000}
FEW, QUICK = 10_000, 30
WITHOUT, WITH, MEMORY = 3, 5, 1.2

WORDS = """
A CSV of invented people (name, role, organisation and day; with `contacts` an e-mail address as well) is brought in by
a process of its own, as `tracker import signatories` does it: *store* seals the file in pieces, *check* reads all of it
and saves nobody, *run* reads it again and saves. *bare* writes the very same rows into tables of the same columns and
indexes, without triggers and foreign keys, in one transaction and with nothing to compute: COPY from text on
PostgreSQL, `executemany` from tuples on SQLite. *Without* sealing and staging is the run of a list without contact
data; *with* is all of it, for a list with addresses. A protected campaign seals names as well and makes a token of each
word; it has no limit. Peak memory is the largest resident set of the importing process.
"""


def run(*, quick: bool = False, kinds: Sequence[str] = tuple(KINDS)) -> Answer:
    """Each database."""
    tables, limits = [], []
    for kind in kinds:
        with on(kind) as databases, tempfile.TemporaryDirectory(prefix="bench-") as folder:
            table, kept = _one(databases, KINDS[kind], Path(folder), QUICK if quick else ROWS[kind], FEW)
        tables.append(table)
        limits += kept
    return Answer("How long does it take to bring in a list, and in how much memory?", WORDS, tables, limits)


def _one(databases: Databases, name: str, folder: Path, many: int, few: int) -> tuple[Table, list[Limit]]:
    few = min(few, many)
    ways = {("names", many): False, ("contacts", few): False, ("contacts", many): False, ("protected", few): True}
    found = {way: _measured(databases, folder, *way, is_protected=ways[way]) for way in ways}
    seconds = ("store", "check", "run", "bare")
    head = [
        "list",
        "rows",
        *(f"{each} s" for each in seconds),
        "run to bare",
        "all to bare",
        "rows a second",
        "peak MB",
    ]
    rows = [
        [
            what, f"{number:,}", *(f"{done[each]:.1f}" for each in seconds), f"{done['run'] / done['bare']:.2f}",
            f"{_whole(done) / done['bare']:.2f}", f"{number / _whole(done):,.0f}", f"{done['peak']:.0f}",
        ]
        for (what, number), done in found.items()
    ]  # fmt: skip
    names, contacts = found["names", many], found["contacts", many]
    grown = contacts["peak"] / found["contacts", few]["peak"]
    limits = [
        Limit(f"{name}: without sealing and staging, {many:,} rows to bare", names["run"] / names["bare"], WITHOUT),
        Limit(f"{name}: with sealing and staging, {many:,} rows to bare", _whole(contacts) / contacts["bare"], WITH),
        Limit(f"{name}: memory, {many:,} to {few:,} rows", grown, MEMORY),
    ]
    return Table(head, rows, f"**{name}**"), limits


def _whole(done: dict[str, float]) -> float:
    return done["store"] + done["check"] + done["run"]


def _measured(databases: Databases, folder: Path, what: str, number: int, *, is_protected: bool) -> dict[str, float]:
    """Seconds of each part and of the bare load, and peak memory, in an instance of its own."""
    instance = databases.instance()
    with instance.app().app_context():
        filled = fill(Size(campaigns=2, entries=1, signatures=0))
        dispose()
    file = folder / "people.csv"
    write(file, number, has_contacts=what != "names")
    done = subprocess.run(
        [sys.executable, "-m", "bench.room.importing", filled.sealed_slug if is_protected else filled.slug, str(file)],
        env=instance.environ,
        cwd=ROOT,
        stdout=subprocess.PIPE,  # what goes wrong is said where this runs
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def write(file: Path, number: int, *, has_contacts: bool) -> None:
    """A CSV of so many invented people."""
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(["name", "role", "organisation", "signed on", *(["email"] if has_contacts else [])])
        for n in range(number):
            cells = [f"Ada Möwe Number {n}", "engineer", f"Works {n % 300}", f"2026-0{n % 9 + 1}-1{n % 10}"]
            writer.writerow([*cells, *([f"person.{n}@example.org"] if has_contacts else [])])
