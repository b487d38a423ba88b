"""What others could see is corrected in the open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from tracker.accounts.models import Account
from tracker.db import Precision, db
from tracker.timeline.models import EntryKind, Source, TimelineEntry
from tracker.timeline.service.append import Told, append_entry
from tracker.timeline.service.attachments import Files, living
from tracker.timeline.service.change import may_change
from tracker.timeline.service.errors import Conflict, TimelineError
from tracker.timeline.service.reach import circle_of
from tracker.words import _


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
    files: Files | None = None,
) -> TimelineEntry:
    """Say in a new entry what is right; the old one stays, struck out. Seen by whoever could see the old one.

    The files of the old one belong to the new one too.

    Raises TimelineError when the old one is redacted, or no reason is given; Conflict when it was removed or corrected
    meanwhile.
    """
    _lock(entry)
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
        readers=circle_of(entry, actor),
        public_from=entry.public_from,
        announce=announce,
        corrects=entry,
        correction_reason=reason,
        files=files,
        carried=living(entry),
        actor=actor,
        now=now,
    )


def amend(entry: TimelineEntry, told: Told, *, reason: str, actor: Account, now: dt.datetime) -> Told:
    """How a record is told anew: in place of an entry that nobody else could have seen, otherwise as its correction.

    Raises TimelineError when it may not be corrected, or no reason is given; Conflict when it was told anew meanwhile.
    """
    _lock(entry)
    if may_change(entry, actor, now=now):
        entry.deleted_at = now
        db.session.flush()
        return replace(
            told,
            replaces=entry,
            # A correction that nobody else saw yet, told anew, still corrects what it corrected.
            corrects=entry.corrects,
            correction_reason=entry.correction_reason and (reason or entry.correction_reason),
            sources=list(told.sources) or list(entry.sources),
            carried=living(entry),
        )
    _require_correctable(entry, reason)
    return replace(
        told,
        corrects=entry,
        correction_reason=reason,
        # Whoever read the first reads the correction, and nobody else.
        visibility=entry.visibility,
        readers=circle_of(entry, actor),
        public_from=entry.public_from,
        sources=list(told.sources) or list(entry.sources),
        carried=living(entry),
    )


def _lock(entry: TimelineEntry) -> None:
    """When two tell it anew at the same moment, the second waits here and then sees what the first did."""
    db.session.flush()
    db.session.refresh(entry, with_for_update=True)
    db.session.expire(entry, ["corrections"])


def _require_correctable(entry: TimelineEntry, reason: str) -> None:
    if entry.redacted_at is not None:
        raise TimelineError(_("This entry is gone; there is nothing to correct."))
    if entry.deleted_at is not None:
        raise Conflict(_("This entry is gone; there is nothing to correct."))
    if any(correction.deleted_at is None for correction in entry.corrections):
        raise Conflict(_("This entry was corrected already; correct its correction."))
    if not reason:
        raise TimelineError(_("Say why it was wrong; readers will see this beside the old words."), "reason")
