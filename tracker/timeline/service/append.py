"""Append an entry, and note when anybody but its author could first see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.db import Precision, UtcDateTime, db
from tracker.timeline.models import Attachment, EntryKind, EntryVisibility, Source, TimelineEntry
from tracker.timeline.queries import is_open_to_another
from tracker.timeline.service.attachments import Files, attach
from tracker.timeline.service.revisions import carry_revisions

# Campaigns lie above the timeline, so their model may not be imported here.
_campaign = sa.table("campaign", sa.column("id"), sa.column("changed_at", UtcDateTime))


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
    files: Files = field(default_factory=Files)
    carried: Sequence[Attachment] = ()  # files of what is told anew


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
    files: Files | None = None,
    carried: Sequence[Attachment] = (),
) -> TimelineEntry:
    """Record one fact as one sentence. Inside a transaction; the caller's change and the entry commit together.

    `headline` names no signatory. A record that the entry tells of points at it by `entry_id` (see EntryBacked).
    `carried`: files that another entry has already. Raises TimelineError when there are too many files.
    """
    entry = TimelineEntry(
        campaign_id=campaign_id,
        kind=kind,
        record_type=record_type,
        headline=_ended_once(headline),
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
        attachments=list(carried),
    )
    db.session.add(entry)
    db.session.flush()
    if files is not None:
        attach(entry, files, actor=actor, now=now)
    # No entry is later than its campaign's last change: lists ordered by that look at the latest alone.
    note_change(campaign_id, now)
    note_exposure(entry, now)
    return entry


def _ended_once(sentence: str) -> str:
    """Without a second full stop, where a sentence ends with a name such as Inc."""
    return sentence[:-1] if sentence.endswith("..") and not sentence.endswith("...") else sentence


def note_change(campaign_id: int, now: dt.datetime) -> None:
    """Something of a campaign changed that is none of its own fields.

    Past its counter of saves: whoever edits those meanwhile is not refused, and two who record at the same moment are
    not in each other's way.
    """
    later = sa.and_(_campaign.c.id == campaign_id, _campaign.c.changed_at < now)
    db.session.execute(sa.update(_campaign).where(later).values(changed_at=now))


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
        files=told.files,
        carried=told.carried,
    )
    if told.replaces is not None:
        carry_revisions(told.replaces, entry, actor, now)
        # A draft is found by what took its place when that is redacted.
        told.replaces.corrects = entry
    return entry


def expose_entries(campaign_id: int, now: dt.datetime) -> int:
    """Note which entries somebody else can see from now on; called when a campaign opens, or somebody joins it.

    Returns how many. Whoever forgets to call it loses nothing for good: a change asks again who could see it now.
    """
    hidden = db.session.scalars(
        sa.select(TimelineEntry).where(TimelineEntry.campaign_id == campaign_id, TimelineEntry.exposed_at.is_(None))
    ).all()
    return sum(note_exposure(entry, now) for entry in hidden)


def note_exposure(entry: TimelineEntry, now: dt.datetime) -> bool:
    if entry.exposed_at is None and entry.deleted_at is None and is_open_to_another(entry, now=now):
        entry.exposed_at = now
        return True
    return False
