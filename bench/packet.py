"""How long does it take to print a packet, and in how much memory?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.room.answer import Answer, Limit, Table
from bench.room.crowd import crowd
from bench.room.databases import KINDS, Databases, Instance, dispose, on
from bench.room.world import Size, fill
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.deliveries.packet import MOST

ROOT = Path(__file__).parent.parent
ONE, MANY = 30_000, 150_000  # of three who sign, two are shown
QUICK = (30, 60, 20)
MEMORY = 1.2

WORDS = f"""
A packet is the letter with its signatories as each chose to appear, printed as PDF in parts of {MOST:,} names. A
process of its own prints all parts of a campaign one after the other, as whoever asks for them would, and throws them
away: of {ONE:,} signatories one part, of {MANY:,} five. Peak memory is the largest resident set of that process,
*before* what it had before the first part; *setting* is the largest of the processes that Typst runs in, one a part.
The limit is for the sum of both.
"""


def run(*, quick: bool = False, kinds: Sequence[str] = tuple(KINDS)) -> Answer:
    """Each database, one part and several."""
    one, many, most = QUICK if quick else (ONE, MANY, MOST)
    rows, limits = [], []
    for kind in kinds:
        peaks = {}
        with on(kind) as databases:
            for number in (one, many):
                said = _printed(databases, number, most)
                parts, seconds = len(said["seconds"]), max(said["seconds"])
                peaks[number] = said["peak"] + said["setting"]
                rows.append([
                    KINDS[kind], f"{number:,}", f"{said['names']:,}", str(parts), f"{seconds:.1f}",
                    f"{said['size'] / parts / 1e6:.1f}", f"{said['before']:.0f}", f"{said['peak']:.0f}",
                    f"{said['setting']:.0f}",
                ])  # fmt: skip
        limits.append(
            Limit(f"{KINDS[kind]}: memory, {many:,} signatories to {one:,}", peaks[many] / peaks[one], MEMORY)
        )
    head = ["", "signatories", "names", "parts", "slowest part s", "MB a part", "before MB", "peak MB", "setting MB"]
    return Answer("How long does a packet take, and in how much memory?", WORDS, [Table(head, rows)], limits)


def _printed(databases: Databases, number: int, most: int) -> dict[str, Any]:
    instance: Instance = databases.instance()
    with instance.app().app_context():
        slug = fill(Size(campaigns=2, entries=1, signatures=0)).slug
        crowd(db.session.scalars(sa.select(Campaign.id).where(Campaign.slug == slug)).one(), number)
        dispose()
    done = subprocess.run(
        [sys.executable, "-m", "bench.room.packing", slug, str(most)],
        env=instance.environ,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"  {number:,} signatories: {said['peak']:.0f} MB", file=sys.stderr, flush=True)
    return said
