"""How long does it take to bring in a list from a file, and in how much memory?"""  # noqa: N999 - it is the name of what is measured

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa

from bench.room.answer import Answer, Limit, Table
from bench.room.databases import KINDS, Databases, Instance, dispose, on
from bench.room.world import Size, fill
from tracker.db import db
from tracker.signatures.models import Signatory, SignatoryTally, Signature

ROOT = Path(__file__).parent.parent
ROWS = {"sqlite": 200_000, "postgresql": 1_000_000}
FEW = 10_000
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


def run(*, quick: bool = False, kinds: tuple[str, ...] = ("sqlite", "postgresql")) -> Answer:
    """Both databases."""
    tables, limits = [], []
    for kind in kinds:
        with on(kind) as databases, tempfile.TemporaryDirectory(prefix="bench-") as folder:
            many, few = (400, 40) if quick else (ROWS[kind], FEW)
            table, kept = _one(databases, KINDS[kind], Path(folder), many, few)
        tables.append(table)
        limits += kept
    return Answer("How long does it take to bring in a list, and in how much memory?", WORDS, tables, limits)


def _one(databases: Databases, name: str, folder: Path, many: int, few: int) -> tuple[Table, list[Limit]]:
    limits, rows = [], []
    plain, contacts = folder / "plain.csv", folder / "contacts.csv"
    ways = (
        ("names", plain, False, many),
        ("contacts", contacts, False, few),
        ("contacts", contacts, False, many),
        ("protected, contacts", contacts, True, few),
    )
    peaks = {}
    for what, file, is_protected, number in ways:
        _write(file, number, has_contacts=file is contacts)
        instance = databases.instance()
        slug = _campaign(instance, is_protected=is_protected)
        done = _measured(instance, slug, "import", file)
        bare = _measured(instance, slug, "bare", folder)["bare"]
        assert done["new"] == number == _counted(instance), "not everybody came"
        whole = done["store"] + done["check"] + done["run"]
        peaks[what, number] = done["peak"]
        rows.append([
            what, f"{number:,}", *(f"{done[part]:.1f}" for part in ("store", "check", "run")), f"{bare:.1f}",
            f"{done['run'] / bare:.2f}", f"{whole / bare:.2f}", f"{number / whole:,.0f}", f"{done['peak']:.0f}",
        ])  # fmt: skip
        if number == many:
            ratio, most = (whole / bare, WITH) if file is contacts else (done["run"] / bare, WITHOUT)
            way = "with" if file is contacts else "without"
            limits.append(Limit(f"{name}: {way} sealing and staging, {number:,} rows to bare", ratio, most))
    grown = peaks["contacts", many] / peaks["contacts", few]
    limits.append(Limit(f"{name}: memory, {many:,} to {few:,} rows", grown, MEMORY))
    head = [
        "list",
        "rows",
        "store s",
        "check s",
        "run s",
        "bare s",
        "run to bare",
        "all to bare",
        "rows a s",
        "peak MB",
    ]
    return Table(head, rows, f"**{name}**"), limits


def _measured(instance: Instance, slug: str, way: str, file: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.room.importing", slug, way, str(file)],
        env=instance.environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _campaign(instance: Instance, *, is_protected: bool) -> str:
    """A campaign without anybody in it."""
    with instance.app().app_context():
        filled = fill(Size(campaigns=2, entries=1, signatures=0))
        dispose()
    return filled.sealed_slug if is_protected else filled.slug


def _counted(instance: Instance) -> int:
    """How many there are; people, signatures and tallies agree."""
    with instance.app().app_context():
        one = sa.select(sa.func.count())
        found = {
            db.session.scalar(one.select_from(Signatory)),
            db.session.scalar(one.select_from(Signature)),
            db.session.scalar(sa.select(sa.func.sum(SignatoryTally.number))),
        }
        dispose()
    assert len(found) == 1, f"they disagree: {found}"
    return found.pop() or 0


def _write(file: Path, number: int, *, has_contacts: bool) -> None:
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(["name", "role", "organisation", "signed on", *(["email"] if has_contacts else [])])
        for n in range(number):
            cells = [f"Ada Möwe Number {n}", "engineer", f"Works {n % 300}", f"2026-0{n % 9 + 1}-1{n % 10}"]
            writer.writerow([*cells, *([f"person.{n}@example.org"] if has_contacts else [])])
