"""How quickly does a campaign's list of signatories leave as a file, and in how much memory?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from bench.room.answer import Answer, Limit, Table
from bench.room.crowd import crowd
from bench.room.databases import KINDS, Databases, Instance, dispose, on
from bench.room.world import Size, fill
from tracker.campaigns.models import Campaign
from tracker.db import db

ROOT = Path(__file__).parent.parent
SMALL, LARGE, SEALED = 100_000, 1_000_000, 10_000
WAYS = ("bare", "csv", "xlsx", "json")
# Each row is asked for in batches by key, opened if sealed, worded and made safe; the bare writer does none of it.
AT_LEAST = 0.25
MEMORY = 1.2

WORDS = """
Each figure is of a process of its own that opens the database, makes the whole file of a plain campaign (name, role,
organisation, kind, status, where from, how shown, day, moment, version of the text, updates, reference) and throws its
bytes away. *bare* streams the same columns by one query into `csv.writer` and does nothing else; the ratio is rows a
second of the export to rows a second of the bare writer over as many rows, by turns: of the smaller number the better
of two runs each, of the larger one run.
*sealed* is a protected campaign with names and contact data opened row by row. Peak memory is the largest resident set
of the process.
"""


def run(*, quick: bool = False, kinds: Sequence[str] = tuple(KINDS)) -> Answer:
    """Each database, small and large."""
    tables, limits = [], []
    sizes = (30, 60, 5) if quick else (SMALL, LARGE, SEALED)
    for kind in kinds:
        with on(kind) as databases:
            table, kept = _one(databases, KINDS[kind], *sizes, rounds=1 if quick else 2)
        tables.append(table)
        limits += kept
    return Answer("How quickly does a list leave, and in how much memory?", WORDS, tables, limits)


def _one(
    databases: Databases, name: str, small: int, large: int, sealed: int, *, rounds: int
) -> tuple[Table, list[Limit]]:
    found: dict[tuple[str, int], tuple[float, float]] = {}
    rows = []
    for number in (small, large):
        instance = databases.instance()
        slugs = _filled(instance, number, sealed if number == small else 3)
        for _ in range(rounds if number == small else 1):
            for way in WAYS:
                _better(found, (way, number), _measured(instance, slugs[0], way))
        if number == small:
            for way in ("bare", "csv"):
                _better(found, (f"{way}, sealed", sealed), _measured(instance, slugs[1], way, "contacts"))
    limits = []
    for (way, number), (seconds, peak) in found.items():
        bare = found["bare, sealed" if "sealed" in way else "bare", number][0]
        rows.append([way, f"{number:,}", f"{number / seconds:,.0f}", f"{bare / seconds:.2f}", f"{peak:.0f}"])
        if number == large and way in ("csv", "json"):
            limits.append(Limit(f"{name}: {way} of {large:,} to bare", bare / seconds, AT_LEAST, at_least=True))
        if number == large and way != "bare":
            limits.append(
                Limit(f"{name}: memory of {way}, {large:,} to {small:,}", peak / found[way, small][1], MEMORY)
            )
    return Table(["file", "rows", "rows a second", "to bare", "peak MB"], rows, f"**{name}**"), limits


def _better(found: dict[tuple[str, int], tuple[float, float]], key: tuple[str, int], new: tuple[float, float]) -> None:
    old = found.get(key, new)
    found[key] = (min(old[0], new[0]), max(old[1], new[1]))


def _measured(instance: Instance, slug: str, way: str, *more: str) -> tuple[float, float]:
    """Seconds and peak memory (MB) of one file, made in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.room.exporting", slug, way, *more],
        env=instance.environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(done.stdout.splitlines()[-1])
    print(f"  {slug} as {way}: {said['seconds']:.1f} s, {said['peak']:.0f} MB", file=sys.stderr, flush=True)
    return float(said["seconds"]), float(said["peak"])


def _filled(instance: Instance, number: int, sealed: int) -> tuple[str, str]:
    """A plain campaign of so many people, and a protected one of some; their slugs."""
    app = instance.app()
    with app.app_context():
        filled = fill(Size(campaigns=2, entries=1, signatures=sealed))
        campaign_id = db.session.scalars(sa.select(Campaign.id).where(Campaign.slug == filled.slug)).one()
        crowd(campaign_id, number - sealed)
        dispose()
    return filled.slug, filled.sealed_slug
