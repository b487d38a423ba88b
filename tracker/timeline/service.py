"""Append, change, correct. The one way a fact gets into a campaign's history; `redaction.py` is the one way out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.db import Precision, db
from tracker.timeline.models import (
    EntryKind,
    EntryVisibility,
    Revision,
    Source,
    TimelineEntry,
)
from tracker.timeline.queries import is_open_to_another
from tracker.timeline.redaction import apply_redactions, redact_entry
from tracker.words import LazyString, _

__all__ = [
    "Conflict",
    "TimelineError",
    "Told",
    "add_source",
    "amend",
    "append_entry",
    "apply_redactions",
    "change_entry",
    "change_visibility",
    "correct_entry",
    "expose_entries",
    "may_change",
    "record_revision",
    "redact_entry",
    "remove_entry",
    "tell",
]

WIDTH = {visibility: rank for rank, visibility in enumerate(reversed(EntryVisibility))}


class TimelineError(Exception):
    """Why something cannot be done, in words for the person who asked; `field` says where it belongs."""

    def __init__(self, words: LazyString | str, field: str = "") -> None:
        super().__init__(words)
        self.field = field

    def __str__(self) -> str:
        return str(self.args[0])


class Conflict(TimelineError):
    """Somebody changed the entry meanwhile."""


@dataclass(frozen=True)
class Told:
    """What every entry has, whatever it tells of."""

    occurred_on: dt.date
    visibility: EntryVisibility
    precision: Precision = Precision.DAY
    words: str = ""
    sources: Sequence[Source] = ()
    readers: Sequence[Account] = ()
    public_from: dt.date | None = None
    announce: bool = True
    corrects: TimelineEntry | None = None
    correction_reason: str = ""
    replaces: TimelineEntry | None = None  # removed before anybody else could see it


def append_entry(
    *,
    campaign_id: int,
    kind: EntryKind,
    headline: str,
    occurred_on: dt.date,
    now: dt.datetime,
    actor: Account | None,
    visibility: EntryVisibility,
    precision: Precision = Precision.DAY,
    words: str = "",
    record_type: str = "",
    sources: Sequence[Source] = (),
    readers: Sequence[Account] = (),
    public_from: dt.date | None = None,
    announce: bool = True,
    corrects: TimelineEntry | None = None,
    correction_reason: str = "",
) -> TimelineEntry:
    """Record one fact as one sentence. Inside a transaction; the caller's change and the entry commit together.

    `headline` names no signatory. A record that the entry tells of points at it by `entry_id` (see EntryBacked).
    """
    entry = TimelineEntry(
        campaign_id=campaign_id,
        kind=kind,
        record_type=record_type,
        headline=headline,
        words=words,
        occurred_on=occurred_on,
        occurred_precision=precision,
        recorded_at=now,
        actor=actor,
        visibility=visibility,
        public_from=public_from,
        announce=announce,
        corrects=corrects,
        correction_reason=correction_reason,
        sources=list(sources),
        readers=list(readers),
    )
    db.session.add(entry)
    db.session.flush()
    _note_exposure(entry, now)
    return entry


def tell(
    told: Told,
    *,
    campaign_id: int,
    kind: EntryKind,
    headline: str,
    record_type: str,
    actor: Account | None,
    now: dt.datetime,
) -> TimelineEntry:
    """Append the entry of a record; what it replaces leaves its wording behind as Revisions."""
    entry = append_entry(
        campaign_id=campaign_id,
        kind=kind,
        headline=headline,
        record_type=record_type,
        actor=actor,
        now=now,
        occurred_on=told.occurred_on,
        precision=told.precision,
        visibility=told.visibility,
        words=told.words,
        sources=told.sources,
        readers=told.readers,
        public_from=told.public_from,
        announce=told.announce,
        corrects=told.corrects,
        correction_reason=told.correction_reason,
    )
    if told.replaces is not None:
        _carry_revisions(told.replaces, entry, actor, now)
    return entry


def amend(entry: TimelineEntry, told: Told, *, reason: str, actor: Account, now: dt.datetime) -> Told:
    """How a record is told anew: in place of an entry that nobody else could have seen, otherwise as its correction.

    Raises TimelineError when it may not be corrected, or no reason is given.
    """
    if may_change(entry, actor, now=now):
        entry.deleted_at = now
        db.session.flush()
        return replace(told, replaces=entry, sources=list(told.sources) or list(entry.sources))
    _require_correctable(entry, reason)
    return replace(
        told,
        corrects=entry,
        correction_reason=reason,
        # Whoever read the first reads the correction, and nobody else.
        visibility=entry.visibility,
        readers=list(entry.readers),
        public_from=entry.public_from,
        sources=list(told.sources) or list(entry.sources),
    )


def correct_entry(
    entry: TimelineEntry,
    *,
    reason: str,
    headline: str,
    occurred_on: dt.date,
    actor: Account,
    now: dt.datetime,
    precision: Precision = Precision.DAY,
    words: str = "",
    sources: Sequence[Source] = (),
    announce: bool = True,
) -> TimelineEntry:
    """Say in a new entry what is right; the old one stays, struck out. Seen by whoever could see the old one.

    Raises TimelineError when the old one is gone, redacted or corrected already, or no reason is given.
    """
    _require_correctable(entry, reason)
    if not headline:
        raise TimelineError(_("Say in a sentence what is right."), "headline")
    return append_entry(
        campaign_id=entry.campaign_id,
        kind=EntryKind.CORRECTION,
        headline=headline,
        occurred_on=occurred_on,
        precision=precision,
        words=words,
        sources=list(sources) or list(entry.sources),
        visibility=entry.visibility,
        readers=list(entry.readers),
        public_from=entry.public_from,
        announce=announce,
        corrects=entry,
        correction_reason=reason,
        actor=actor,
        now=now,
    )


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
    expected_version: int | None = None,
) -> None:
    """Change an entry that only its author could have seen; each changed field leaves a Revision. Sources are added.

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
        _set_with_revision(entry, field, value, actor, now)
    if {reader.id for reader in readers} != {reader.id for reader in entry.readers}:
        # Who may read something off the record is itself off the record.
        _revise(entry, "readers", None, None, actor, now, is_sealed=True)
        entry.readers = list(readers)
    for source in sources:
        _revise(entry, "sources", None, source.citation, actor, now)
        entry.sources.append(source)
    db.session.flush()
    _note_exposure(entry, now)


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
    _set_with_revision(entry, "visibility", visibility, actor, now)
    _set_with_revision(entry, "public_from", public_from, actor, now)
    if {reader.id for reader in readers} != {reader.id for reader in entry.readers}:
        _revise(entry, "readers", None, None, actor, now, is_sealed=True)
        entry.readers = list(readers)
    if wider or sooner or joined:
        entry.opened_at = now
    db.session.flush()
    _note_exposure(entry, now)


def add_source(entry: TimelineEntry, source: Source, *, actor: Account, now: dt.datetime) -> None:
    """One more source for what was recorded: evidence may grow in the open, and a Revision says who added it."""
    if entry.deleted_at is not None or entry.redacted_at is not None:
        raise TimelineError(_("This entry is gone; it needs no source."))
    _revise(entry, "sources", None, source.citation, actor, now)
    entry.sources.append(source)
    db.session.flush()


def remove_entry(entry: TimelineEntry, *, actor: Account, now: dt.datetime) -> None:
    """Take back an entry that only its author could have seen, and what it tells of. Raises TimelineError otherwise."""
    _require_changeable(entry, actor, now)
    entry.deleted_at = now
    _revise(entry, "deleted_at", None, now.isoformat(), actor, now)


def expose_entries(campaign_id: int, now: dt.datetime) -> int:
    """Note which entries somebody else can see from now on; called when a campaign opens, or somebody joins it.

    Returns how many. Whoever forgets to call it loses nothing for good: a change asks again who could see it now.
    """
    hidden = db.session.scalars(
        sa.select(TimelineEntry).where(TimelineEntry.campaign_id == campaign_id, TimelineEntry.exposed_at.is_(None))
    ).all()
    return sum(_note_exposure(entry, now) for entry in hidden)


def record_revision(
    *,
    record_type: str,
    record_id: int,
    field: str,
    old_value: str | None,
    new_value: str | None,
    actor: Account | None,
    now: dt.datetime,
    campaign_id: int | None = None,
    is_sealed: bool = False,
) -> None:
    """Keep who changed which field from what to what. A sealed field's values are never written down."""
    if old_value == new_value and not is_sealed:
        return
    db.session.add(
        Revision(
            record_type=record_type,
            record_id=record_id,
            campaign_id=campaign_id,
            field=field,
            old_value=None if is_sealed else old_value,
            new_value=None if is_sealed else new_value,
            is_sealed=is_sealed,
            actor=actor,
            recorded_at=now,
        )
    )


def _note_exposure(entry: TimelineEntry, now: dt.datetime) -> bool:
    if entry.exposed_at is None and entry.deleted_at is None and is_open_to_another(entry, now=now):
        entry.exposed_at = now
        return True
    return False


def _require_changeable(entry: TimelineEntry, actor: Account, now: dt.datetime) -> None:
    if entry.deleted_at is not None or entry.redacted_at is not None:
        raise TimelineError(_("This entry is gone already."))
    if entry.actor_id != actor.id:
        raise TimelineError(_("Only who recorded it may change it; you can correct it."))
    if not may_change(entry, actor, now=now):
        raise TimelineError(_("Others could have read it by now, so it is corrected in the open, not changed."))


def _require_correctable(entry: TimelineEntry, reason: str) -> None:
    if entry.deleted_at is not None or entry.redacted_at is not None:
        raise TimelineError(_("This entry is gone; there is nothing to correct."))
    if any(correction.deleted_at is None for correction in entry.corrections):
        raise TimelineError(_("This entry was corrected already; correct its correction."))
    if not reason:
        raise TimelineError(_("Say why it was wrong; readers will see this beside the old words."), "reason")


def _set_with_revision(entry: TimelineEntry, field: str, value: object, actor: Account, now: dt.datetime) -> None:
    old = getattr(entry, field)
    if old != value:
        _revise(entry, field, _text(old), _text(value), actor, now)
        setattr(entry, field, value)


def _carry_revisions(old: TimelineEntry, new: TimelineEntry, actor: Account | None, now: dt.datetime) -> None:
    """The same fact told anew keeps the history of its wording."""
    db.session.execute(
        sa.update(Revision)
        .where(Revision.record_type == TimelineEntry.__tablename__, Revision.record_id == old.id)
        .values(record_id=new.id)
    )
    for field in ("headline", "words", "occurred_on", "occurred_precision", "visibility", "public_from"):
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            _revise(new, field, _text(before), _text(after), actor, now)


def _revise(
    entry: TimelineEntry,
    field: str,
    old: str | None,
    new: str | None,
    actor: Account | None,
    now: dt.datetime,
    *,
    is_sealed: bool = False,
) -> None:
    record_revision(
        record_type=TimelineEntry.__tablename__,
        record_id=entry.id,
        campaign_id=entry.campaign_id,
        field=field,
        old_value=old,
        new_value=new,
        actor=actor,
        now=now,
        is_sealed=is_sealed,
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
