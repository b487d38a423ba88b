"""How entries and sources are found.

An entry is found by its sentence, its words and what the record behind it says (`FOUND_BY`). What was told in
confidence, removed or redacted is not in the index at all; who may find the rest is decided at each search.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from tracker.db import db
from tracker.search.keeping import ASIDE, SENTENCE, WORDS, Document, register
from tracker.search.words import without_markdown
from tracker.timeline.models import CONFIDENTIAL, EntryKind, Source, TimelineEntry
from tracker.timeline.queries import record_classes

ENTRY, STATEMENT, RESOLUTION, SOURCE = "entry", "statement", "resolution", "source"
# What a resolution is called beside its own words: by the field, and by the SEC.
_CALLED = "shareholder resolution | shareholder proposal"


def _entries() -> sa.Select[int]:
    return sa.select(TimelineEntry.id).where(
        TimelineEntry.deleted_at.is_(None),
        TimelineEntry.redacted_at.is_(None),
        TimelineEntry.visibility.not_in(CONFIDENTIAL),
    )


def _entry_documents(ids: Collection[int]) -> dict[int, Document]:
    entries = db.session.scalars(_entries().where(TimelineEntry.id.in_(ids)).with_only_columns(TimelineEntry)).all()
    told, filed = _told_by_records(entries)
    documents = {}
    for entry in entries:
        kind = RESOLUTION if entry.id in filed else STATEMENT if entry.kind is EntryKind.STATEMENT else ENTRY
        documents[entry.id] = Document(
            kind,
            entry.headline,
            weight=SENTENCE,
            fields=[
                *((WORDS, text) for text in told[entry.id]),
                (WORDS, without_markdown(entry.words)),
                (ASIDE, entry.correction_reason),
            ],
            hidden=_CALLED if kind == RESOLUTION else "",
            campaign_id=entry.campaign_id,
            entry_id=entry.id,
            dated_on=entry.occurred_on,
        )
    return documents


def _told_by_records(entries: Sequence[TimelineEntry]) -> tuple[dict[int, list[str]], set[int]]:
    """What the records behind these entries say, by entry; and which entries tell of a resolution's filing."""
    told: dict[int, list[str]] = defaultdict(list)
    filed = set()
    ids: dict[str, list[int]] = defaultdict(list)
    for entry in entries:
        ids[entry.record_type].append(entry.id)
    for table, record in sorted(record_classes().items()):
        if not record.FOUND_BY or table not in ids:
            continue
        columns = record.__table__.columns  # type: ignore[attr-defined]
        rows = sa.select(columns.entry_id, *(columns[name] for name in record.FOUND_BY))
        rows = rows.where(columns.entry_id.in_(ids[table]))
        if "deleted_at" in columns:
            rows = rows.where(columns.deleted_at.is_(None))
        for entry_id, *texts in db.session.execute(rows):
            told[entry_id] += [without_markdown(text) for text in texts if text]
            if table == RESOLUTION:
                filed.add(entry_id)
    return told, filed


def _sources() -> sa.Select[int]:
    return sa.select(Source.id).where(Source.redacted_at.is_(None))


def _source_documents(ids: Collection[int]) -> dict[int, Document]:
    found = db.session.scalars(_sources().where(Source.id.in_(ids)).with_only_columns(Source))
    return {
        one.id: Document(
            SOURCE,
            one.title or one.citation,
            weight=WORDS,
            fields=[
                (WORDS, one.citation if one.title and one.title not in one.citation else ""),
                (WORDS, one.publisher if one.publisher not in one.citation else ""),
                (ASIDE, one.quotation),
            ],
            dated_on=one.published_on,
        )
        for one in found
    }


register(TimelineEntry, ids=_entries, documents=_entry_documents)
register(Source, ids=_sources, documents=_source_documents)
