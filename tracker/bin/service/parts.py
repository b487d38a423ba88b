"""Destroy what lay in the bin long enough. What others have built upon stays: it is history by now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, cast

import sqlalchemy as sa

from tracker.campaigns.deadlines import Deadline, DeadlineReminder
from tracker.campaigns.models import Demand, Target
from tracker.db import db
from tracker.digests.sending import withdraw_entry
from tracker.resolutions.models import Filer
from tracker.timeline.models import Revision, Source, TimelineEntry
from tracker.timeline.queries import record_behind
from tracker.timeline.service import destroy_words

# In this order: a demand goes before the target that it alone was asked of.
PARTS: tuple[type[Any], ...] = (Deadline, Demand, Target, Filer)


def destroy_some_parts(*, before: dt.datetime, now: dt.datetime, most: int) -> int:
    """Destroy up to so many parts and entries that were removed before that moment; inside a transaction. How many.

    Running it again finds what is left; 0 means that nothing is. A demand that has an outcome, an answer or a promise,
    and a target that was spoken to, stay for ever: their history was never removed.
    """
    done = 0
    for model in PARTS:
        rows = db.session.scalars(
            sa.select(model).where(model.deleted_at < before, unused(model)).order_by(model.id).limit(most - done)
        ).all()
        for row in rows:
            _destroy(row)
        done += len(rows)
        if done >= most:
            return done
    entries = db.session.scalars(
        sa.select(TimelineEntry)
        .where(TimelineEntry.deleted_at < before, TimelineEntry.redacted_at.is_(None))
        .order_by(TimelineEntry.id)
        .limit(most - done)
    ).all()
    for entry in entries:
        destroy_entry(entry, now)
    return done + len(entries)


def unused(model: type[Any], *, but: Sequence[str] = ()) -> sa.ColumnElement[bool]:
    """The condition that no row of any table refers to this one, whichever tables there are; `but` these do not count,
    nor do those that go with it."""
    table = cast(sa.Table, model.__table__)
    owned = {DeadlineReminder.__tablename__, *but}
    conditions = []
    for other in db.metadatas[None].sorted_tables:
        for key in other.foreign_keys:
            if key.column.table is table and key.ondelete != "CASCADE" and other.name not in owned:
                alias = other.alias()
                conditions.append(~sa.exists(sa.select(1).where(alias.c[key.parent.name] == table.c.id)))
    return sa.and_(sa.true(), *conditions)


def _destroy(row: Any) -> None:
    if isinstance(row, Deadline):
        db.session.execute(sa.delete(DeadlineReminder).where(DeadlineReminder.deadline_id == row.id))
    forget_changes(row.__tablename__, [row.id])
    db.session.delete(row)
    db.session.flush()


def destroy_entry(entry: TimelineEntry, now: dt.datetime) -> None:
    """Destroy an entry that was taken back: words, changes, record, and the sources that nothing else cites.

    Nobody but its author could ever see it, so nothing of it stays, unless another record hangs on its record: then a
    row without a word does.
    """
    withdraw_entry(entry, now)
    sources = list(entry.sources)
    # Whatever becomes of the row, the words go first.
    destroy_words(entry, now)
    entry.sources, entry.readers = [], []
    db.session.flush()
    for source in sources:
        _destroy_source(source)
    number = entry.id
    try:
        with db.session.begin_nested():
            record = record_behind(entry)
            if record is not None:
                for name in getattr(record, "REDACTED_PARTS", ()):
                    for part in list(getattr(record, name)):
                        db.session.delete(part)
                db.session.flush()
                forget_changes(record.__tablename__, [record.id])  # type: ignore[attr-defined]
                db.session.delete(record)
                db.session.flush()
            forget_changes(TimelineEntry.__tablename__, [number])
            db.session.execute(sa.delete(TimelineEntry).where(TimelineEntry.id == number))
    except sa.exc.IntegrityError:
        db.session.expire_all()


def _destroy_source(source: Source) -> None:
    if db.session.scalar(sa.select(Source.id).where(Source.id == source.id, unused(Source))) is not None:
        forget_changes(Source.__tablename__, [source.id])
        db.session.delete(source)
        db.session.flush()


def forget_changes(record_type: str, ids: Sequence[int]) -> None:
    """Destroy the revisions of records that are no more."""
    db.session.execute(sa.delete(Revision).where(Revision.record_type == record_type, Revision.record_id.in_(ids)))
