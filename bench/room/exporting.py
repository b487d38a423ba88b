"""One export in a process of its own: `python -m bench.room.exporting SLUG bare|csv|xlsx|json [contacts]`.

Prints seconds and peak memory in MB as JSON. `bare` streams the same query into csv.writer and does nothing else.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.room.world import NOW
from tracker.app import create_app
from tracker.campaigns.models import Campaign
from tracker.config import from_process
from tracker.db import db
from tracker.signatures.exporting import Column, Extent, Format, Wanted, in_format, rows
from tracker.signatures.exporting.columns import CONTACT
from tracker.signatures.exporting.rows import statement


class Nowhere:
    """Takes bytes or text and keeps nothing."""

    size = 0

    def write(self, data: str | bytes) -> int:
        """Count it."""
        self.size += len(data)
        return len(data)


def main(slug: str, way: str, *more: str) -> None:
    """Make the file."""
    app = create_app(from_process())
    with app.app_context():
        campaign = db.session.scalars(sa.select(Campaign).where(Campaign.slug == slug)).one()
        columns = tuple(column for column in Column if "contacts" in more or column not in CONTACT)
        wanted = Wanted(Extent.WHOLE, columns, ended_too=True)
        nowhere = Nowhere()
        began = time.perf_counter()
        if way == "bare":
            writer = csv.writer(nowhere)
            writer.writerows(_all(statement(campaign, wanted)))
        else:
            for part in in_format(Format(way), columns, rows(campaign, wanted, now=NOW), about={}):
                nowhere.write(part)
        seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "peak": peak(), "size": nowhere.size}))


def peak() -> float:
    """The largest resident set of this program in MB. getrusage would tell that of the process which started it."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 1024


def _all(query: sa.Select[Any]) -> Iterator[sa.Row[Any]]:
    with db.engine.connect() as connection:
        yield from connection.execution_options(yield_per=2_000).execute(query)


if __name__ == "__main__":
    main(*sys.argv[1:])
