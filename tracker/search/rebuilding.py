"""Making the index anew from what it tells of, and finding out whether it is true."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import sqlalchemy as sa

from tracker.db import db, transaction
from tracker.instance import remember, setting
from tracker.search.keeping import REGISTERED, Searched, keep, stale
from tracker.search.models import SearchDocument

# Count up when words are cut, folded or weighed in another way: every instance then makes its index anew.
VERSION = "1"
KEPT_AS = "search_index"
BATCH = 500


def rebuild(*, now: dt.datetime) -> int:
    """Make every document true, in small transactions, so that others go on writing; how many were not.

    May be interrupted and run again at any time.
    """
    changed = 0
    for searched in REGISTERED.values():
        for some in list(_batches(searched)):
            with transaction():
                changed += keep(some)
    with transaction():
        remember(KEPT_AS, VERSION, now=now)
    return changed


def is_current() -> bool:
    """Whether the index was made by the rules of this version."""
    return setting(KEPT_AS) == VERSION


def untrue(*, most: int = 2000) -> int:
    """How many rows the index lacks or has without cause; and, of the latest, how many it tells wrongly."""
    count = 0
    for searched in REGISTERED.values():
        wanted, kept = searched.ids().subquery(), _kept(searched).subquery()
        there = sa.select(sa.func.count()).select_from(wanted).where(wanted.c[0].not_in(sa.select(kept.c[0])))
        gone = sa.select(sa.func.count()).select_from(kept).where(kept.c[0].not_in(sa.select(wanted.c[0])))
        count += (db.session.scalar(there) or 0) + (db.session.scalar(gone) or 0)
        both = sa.select(wanted.c[0]).where(wanted.c[0].in_(sa.select(kept.c[0])))
        latest = db.session.scalars(both.order_by(wanted.c[0].desc()).limit(most)).all()
        for start in range(0, len(latest), BATCH):
            count += stale([(searched.table, key) for key in latest[start : start + BATCH]])
    return count


def _kept(searched: Searched) -> sa.Select[int]:
    return sa.select(SearchDocument.record_id).where(SearchDocument.record_type == searched.table)


def _batches(searched: Searched) -> Iterator[list[tuple[str, int]]]:
    """Every row that should be found, or is."""
    ids = sorted({*db.session.scalars(searched.ids()), *db.session.scalars(_kept(searched))})
    for start in range(0, len(ids), BATCH):
        yield [(searched.table, key) for key in ids[start : start + BATCH]]
