"""What only its author could have seen is changed or removed; what others could see is shown, hidden and sourced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.db import Precision, db
from tracker.timeline.models import EntryVisibility, Source, TimelineEntry, entry_source
from tracker.timeline.queries import is_open_to_another
from tracker.timeline.service.append import note_exposure
from tracker.timeline.service.attachments import Files, attach
from tracker.timeline.service.errors import Conflict, TimelineError
from tracker.timeline.service.reach import WIDTH
from tracker.timeline.service.revisions import revise, set_with_revision
from tracker.words import _


def may_change(entry: TimelineEntry, actor: Account | None, *, now: dt.datetime) -> bool:
    """Whether this account is the author and nobody else could have seen the entry yet."""
    return (
        actor is not None
        and entry.actor_id == actor.id
        and entry.deleted_at is None
        and entry.redacted_at is None
        and entry.exposed_at is None
        and not is_open_to_another(entry, now=now)
    )


def change_entry(
    entry: TimelineEntry,
    *,
    actor: Account,
    now: dt.datetime,
    headline: str,
    words: str,
    occurred_on: dt.date,
    precision: Precision,
    visibility: EntryVisibility,
    readers: Sequence[Account] = (),
    public_from: dt.date | None = None,
    sources: Sequence[Source] = (),
    files: Files | None = None,
    expected_version: int | None = None,
) -> None:
    """Change an entry that only its author could have seen; each changed field leaves a Revision. Sources and files
    are added.

    Raises TimelineError when it is another's or others could have seen it, Conflict when it was changed meanwhile.
    """
    _require_changeable(entry, actor, now)
    if expected_version is not None and expected_version != entry.version:
        raise Conflict(_("You changed this in another window. Read it again; what you typed here is below."))
    if not headline:
        raise TimelineError(_("Say in a sentence what happened."), "headline")
    values = {
        "headline": headline,
        "words": words,
        "occurred_on": occurred_on,
        "occurred_precision": precision,
        "visibility": visibility,
        "public_from": public_from,
    }
    for field, value in values.items():
        set_with_revision(entry, field, value, actor, now)
    if {reader.id for reader in readers} != {reader.id for reader in entry.readers}:
        # Who may read something off the record is itself off the record.
        revise(entry, "readers", None, None, actor, now, is_sealed=True)
        entry.readers = list(readers)
    for source in sources:
        _join(entry, source, actor, now)
    if files is not None:
        attach(entry, files, actor=actor, now=now)
    db.session.flush()
    note_exposure(entry, now)


def change_visibility(
    entry: TimelineEntry,
    visibility: EntryVisibility,
    *,
    actor: Account,
    now: dt.datetime,
    readers: Sequence[Account] = (),
    public_from: dt.date | None = None,
) -> None:
    """Show an entry to more people or to fewer. What was said in confidence is opened by its author alone."""
    if entry.deleted_at is not None or entry.redacted_at is not None:
        raise TimelineError(_("There is nothing left to show."))
    wider = WIDTH[visibility] > WIDTH[entry.visibility]
    sooner = entry.public_from is not None and (public_from is None or public_from < entry.public_from)
    joined = {reader.id for reader in readers} - {reader.id for reader in entry.readers}
    confidential = entry.visibility in (EntryVisibility.NOT_FOR_ATTRIBUTION, EntryVisibility.OFF_THE_RECORD)
    if confidential and entry.actor_id != actor.id:
        raise TimelineError(_("Only who recorded it may change who sees something told in confidence."), "visibility")
    set_with_revision(entry, "visibility", visibility, actor, now)
    set_with_revision(entry, "public_from", public_from, actor, now)
    if {reader.id for reader in readers} != {reader.id for reader in entry.readers}:
        revise(entry, "readers", None, None, actor, now, is_sealed=True)
        entry.readers = list(readers)
    if wider or sooner or joined:
        entry.opened_at = now
    db.session.flush()
    note_exposure(entry, now)


def add_source(entry: TimelineEntry, source: Source, *, actor: Account, now: dt.datetime) -> None:
    """One more source for what was recorded: evidence may grow in the open, and a Revision says who added it."""
    if entry.deleted_at is not None or entry.redacted_at is not None:
        raise TimelineError(_("This entry is gone; it needs no source."))
    _join(entry, source, actor, now)


def _join(entry: TimelineEntry, source: Source, actor: Account, now: dt.datetime) -> None:
    """A source joins an entry that stands: from this moment on, which a history rewound to an earlier one respects."""
    revise(entry, "sources", None, source.citation, actor, now)
    entry.sources.append(source)
    db.session.flush()
    db.session.execute(
        sa.update(entry_source)
        .where(entry_source.c.entry_id == entry.id, entry_source.c.source_id == source.id)
        .values(added_at=now)
    )


def remove_entry(entry: TimelineEntry, *, actor: Account, now: dt.datetime) -> None:
    """Take back an entry that only its author could have seen, and what it tells of. Raises TimelineError otherwise."""
    _require_changeable(entry, actor, now)
    entry.deleted_at = now
    revise(entry, "deleted_at", None, now.isoformat(), actor, now)


def _require_changeable(entry: TimelineEntry, actor: Account, now: dt.datetime) -> None:
    if entry.deleted_at is not None or entry.redacted_at is not None:
        raise TimelineError(_("This entry is gone already."))
    if entry.actor_id != actor.id:
        raise TimelineError(_("Only who recorded it may change it; you can correct it."))
    if not may_change(entry, actor, now=now):
        raise TimelineError(_("Others could have read it by now, so it is corrected in the open, not changed."))
