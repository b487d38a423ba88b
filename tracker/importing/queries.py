"""Imports of a campaign, and what they refused."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator

import sqlalchemy as sa

from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.importing.columns import Column
from tracker.importing.models import Import, ImportRefusal, place
from tracker.importing.problems import ROW_PROBLEMS, RowProblem
from tracker.importing.words import COLUMNS
from tracker.sealing import SealError, campaign_keys
from tracker.signatures.cells import original_cell, safe_cell
from tracker.words import gettext


def imports_of(campaign: Campaign) -> list[Import]:
    """The newest first."""
    newest = sa.select(Import).where(Import.campaign_id == campaign.id).order_by(Import.id.desc())
    return list(db.session.scalars(newest.limit(50)))


def import_by_public_id(campaign: Campaign, public_id: str) -> Import | None:
    """One of this campaign."""
    return db.session.scalar(sa.select(Import).where(Import.campaign_id == campaign.id, Import.public_id == public_id))


def chosen_before(row: Import) -> Import | None:
    """The newest file of this campaign with the very same heading whose columns somebody looked at."""
    if not row.heading_hash:
        return None
    return db.session.scalar(
        sa.select(Import)
        .where(
            Import.campaign_id == row.campaign_id,
            Import.heading_hash == row.heading_hash,
            Import.id != row.id,
            Import.phase_began_at.is_not(None),  # somebody looked at its columns and had it read
        )
        .order_by(Import.id.desc())
        .limit(1)
    )


def refusals(row: Import, most: int, *, now: dt.datetime) -> list[tuple[int, list[str], list[str]]]:
    """Rows with their number, cells and what is wrong in words by column."""
    keys = campaign_keys(row.campaign.public_id, now=now)
    found = []
    chosen = sa.select(ImportRefusal).where(ImportRefusal.import_id == row.id).order_by(ImportRefusal.number)
    for refused in db.session.scalars(chosen.limit(most)):
        try:
            cells, problems = json.loads(keys.open(refused.sealed, place(row, "refusal", refused.number)))
        except SealError:
            continue
        found.append((refused.number, cells, [_worded(column, problem) for column, problem in problems]))
    return found


def number_of_refusals(row: Import) -> int:
    """How many are kept to be mended; fewer than were refused, where those are very many."""
    return db.session.scalar(sa.select(sa.func.count()).where(ImportRefusal.import_id == row.id)) or 0


def refusals_as_csv(row: Import, heading: list[str], *, now: dt.datetime) -> Iterator[str]:
    """A file of just those rows, to be mended and brought here again; what is wrong stands in a column of its own."""
    width = max(len(row.columns), len(heading))
    yield "\ufeff" + _line([*(heading or [str(at + 1) for at in range(width)]), gettext("What is wrong")])
    for _number, cells, why in refusals(row, 10_000, now=now):
        yield _line([*cells, *[""] * (width - len(cells)), " ".join(why)])


def _line(cells: list[str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow([safe_cell(original_cell(cell)) for cell in cells])
    return out.getvalue()


def _worded(column: str, problem: str) -> str:
    words = str(ROW_PROBLEMS[RowProblem(problem)])
    return f"{COLUMNS[Column(column)]}: {words}" if column else words
