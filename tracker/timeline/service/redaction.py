"""Redaction: destroys words for good, leaves the date and the reason, and is applied again after a restore."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from tracker import sealing
from tracker.accounts.models import Account
from tracker.db import db
from tracker.timeline.models import Redaction, Revision, Source, TimelineEntry
from tracker.timeline.queries import record_behind, record_told_by
from tracker.timeline.service import attachments
from tracker.timeline.service.repetitions import REMOVED, Repetitions

ENTRY, SOURCE = TimelineEntry.__tablename__, Source.__tablename__
Withdraw = Callable[[TimelineEntry, dt.datetime], object]
WithdrawSource = Callable[[Source, dt.datetime], object]
WithdrawRow = Callable[[Any, dt.datetime], object]


def redact_entry(
    entry: TimelineEntry,
    *,
    reason: str,
    actor: Account | None,
    now: dt.datetime,
    quotations: bool = False,
    sources: Iterable[Source] = (),
    also: Sequence[Withdraw] = (),
    cited: Sequence[WithdrawSource] = (),
    noted: Sequence[WithdrawRow] = (),
) -> None:
    """Destroy the entry's words and files, the record's behind it, their revisions, what `also` reaches (stored mails).

    What repeats the record's words loses them: other entries, with what `also` reaches of them, and rows such as a
    deadline, with what `noted` reaches.
    `quotations`: also what its sources quote. `sources`: these altogether, with what `cited` reaches. `reason` is
    shown and must repeat nothing.
    The mark in the key store is committed first: a copy restored later is redacted again even if this process dies.
    Call `db.forget_deleted()` after the commit, so that the old pages leave SQLite's files too.
    """
    sealing.mark_redaction(f"{ENTRY}:{entry.public_id}", reason, now)
    repeated = Repetitions.of(entry)
    _destroy_entry(entry, reason, now)
    repeated.strike()
    for told, withdraw in itertools.product((entry, *repeated.entries), also):
        withdraw(told, now)
    for row, withdraw_row in itertools.product(repeated.rows, noted):
        withdraw_row(row, now)
    for source in list(entry.sources):
        if quotations and source.quotation:
            _wipe_source_revisions(source)
            source.quotation = ""
    for source in sources:
        sealing.mark_redaction(f"{SOURCE}:{source.public_id}", reason, now)
        _destroy_source(source, now, cited)
    db.session.add(
        Redaction(
            record_type=ENTRY,
            record_public_id=entry.public_id,
            campaign_id=entry.campaign_id,
            reason=reason,
            actor=actor,
            redacted_at=now,
        )
    )
    db.session.flush()


def destroy_words(entry: TimelineEntry, now: dt.datetime) -> None:
    """Destroy the words of an entry that was taken back before anybody else could see it: nobody is told a reason."""
    _destroy_entry(entry, "", now, shared_files=False)


def words_to_destroy(entry: TimelineEntry) -> list[tuple[str, str]]:
    """What a redaction would destroy, as (column, words), so that it can be read once more before it goes."""
    found = [("headline", entry.headline), ("words", entry.words), ("correction_reason", entry.correction_reason)]
    record = record_behind(entry)
    if record is not None:
        found += _words_of(record)
    return [(name, words) for name, words in found if words]


def _words_of(record: Any) -> list[tuple[str, str]]:
    found = [(name, str(getattr(record, name) or "")) for name in record.REDACTED]
    for name in getattr(record, "REDACTED_PARTS", ()):
        for part in getattr(record, name):
            found += _words_of(part)
    return found


def apply_redactions(
    now: dt.datetime,
    *,
    also: Sequence[Withdraw] = (),
    cited: Sequence[WithdrawSource] = (),
    noted: Sequence[WithdrawRow] = (),
) -> int:
    """Redact again what a restored copy brought back; inside a transaction. Returns how many records that were."""
    again = 0
    for mark in sealing.marked_redactions():
        table, _colon, public_id = mark.record.partition(":")
        if table == ENTRY:
            entry = db.session.scalar(sa.select(TimelineEntry).where(TimelineEntry.public_id == public_id))
            if entry is not None and entry.redacted_at is None:
                redact_entry(entry, reason=mark.reason, actor=None, now=now, quotations=True, also=also, noted=noted)
                again += 1
        elif table == SOURCE:
            source = db.session.scalar(sa.select(Source).where(Source.public_id == public_id))
            if source is not None and source.redacted_at is None:
                _destroy_source(source, now, cited)
                again += 1
        elif table == attachments.RECORD:
            again += attachments.redact_attachments_again([public_id], mark.reason, now)
    return again


def _destroy_entry(entry: TimelineEntry, reason: str, now: dt.datetime, *, shared_files: bool = True) -> None:
    record = record_behind(entry)
    if record is not None:
        _destroy_record(record)
    elif (moved := record_told_by(entry)) is not None:
        # What it said earlier is kept as changes alone.
        _wipe_revisions(moved.__tablename__, [moved.id])  # type: ignore[attr-defined]
    for draft in entry.corrections:
        if draft.deleted_at is not None and draft.redacted_at is None:
            _destroy_entry(draft, reason, now, shared_files=shared_files)
    entry.headline = REMOVED
    entry.words = ""
    entry.correction_reason = REMOVED if entry.correction_reason else ""
    entry.redacted_at = now
    entry.redaction_reason = reason
    _wipe_revisions(ENTRY, [entry.id])
    db.session.flush()
    for attachment in list(entry.attachments):
        if shared_files:
            attachments.destroy_attachment(attachment, reason, now)
        else:
            attachments.delete_unless_shared(attachment)


def _destroy_record(record: Any) -> None:
    """Empty what the record's class names in REDACTED; the same for the parts it names in REDACTED_PARTS."""
    columns = sa.inspect(type(record)).columns
    for name in record.REDACTED:
        setattr(record, name, None if columns[name].nullable else "")
    for name in getattr(record, "REDACTED_PARTS", ()):
        for part in getattr(record, name):
            _destroy_record(part)
    if "search_text" in columns:
        db.session.flush()
    _wipe_revisions(record.__tablename__, [record.id])


def _destroy_source(source: Source, now: dt.datetime, cited: Sequence[WithdrawSource] = ()) -> None:
    # An entry that it joined later says so in its own changes, by the citation.
    db.session.execute(
        sa.update(Revision)
        .where(Revision.record_type == ENTRY, Revision.field == "sources", Revision.new_value == source.citation)
        .values(new_value=None, is_sealed=True)
    )
    source.citation = REMOVED
    for name in ("url", "title", "publisher", "archive_url", "quotation"):
        setattr(source, name, "")
    source.redacted_at = now
    _wipe_source_revisions(source)
    db.session.flush()  # the row is ours from here on: a mail that cites it is there by now, or will not cite it
    for withdraw in cited:
        withdraw(source, now)


def _wipe_source_revisions(source: Source) -> None:
    _wipe_revisions(SOURCE, [source.id])


def _wipe_revisions(record_type: str, ids: Sequence[int]) -> None:
    db.session.execute(
        sa.update(Revision)
        .where(Revision.record_type == record_type, Revision.record_id.in_(ids))
        .values(old_value=None, new_value=None, is_sealed=True)
    )
