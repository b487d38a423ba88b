"""Files of an entry: add them, say who may have them, take back what nobody else could have seen, destroy them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from tracker import sealing
from tracker.accounts.models import Account
from tracker.db import db, new_public_id
from tracker.file_limits import FileLimits
from tracker.files import CleanFile
from tracker.timeline import attached
from tracker.timeline.models import (
    CONFIDENTIAL,
    Attachment,
    AttachmentChunk,
    Redaction,
    Revision,
    TimelineEntry,
    entry_attachment,
)
from tracker.timeline.queries import is_open_to_another
from tracker.timeline.service.errors import TimelineError
from tracker.timeline.service.revisions import revise
from tracker.words import _, gettext

CHUNK = 256 * 1024  # bytes: a backup and a download hold few of them at a time
RECORD = Attachment.__tablename__
FIELD = "attachments"


@dataclass(frozen=True)
class Files:
    """Files as somebody gave them, cleaned, for whom, and how many there may be."""

    files: Sequence[CleanFile] = ()
    is_open: bool = False
    limits: FileLimits = field(default_factory=FileLimits)


def attach(entry: TimelineEntry, given: Files, *, actor: Account | None, now: dt.datetime) -> list[Attachment]:
    """Add files to what was recorded: evidence may grow in the open, and a Revision says who added it.

    Raises TimelineError when the entry is gone or a limit is reached. Only files that `actor` may read count: a limit
    must not tell of others.
    """
    if not given.files:
        return []
    if entry.deleted_at is not None or entry.redacted_at is not None:
        raise TimelineError(_("This entry is gone; it needs no file."))
    _require_room(entry, given, actor, now)
    keys = sealing.file_keys(attached.campaign_key(entry.campaign_id), now=now)
    made = []
    for file in given.files:
        attachment = Attachment(
            public_id=new_public_id(),  # its seals are bound to it
            campaign_id=entry.campaign_id,
            kind=file.kind,
            size=len(file.content),
            is_open=given.is_open and entry.visibility not in CONFIDENTIAL,
            recorded_at=now,
            recorded_by_id=actor.id if actor else None,
        )
        attachment.name_sealed = keys.seal(file.name, attached.place(attachment, "name"))
        attachment.sha256_sealed = keys.seal(
            hashlib.sha256(file.content).hexdigest(), attached.place(attachment, "sha256")
        )
        db.session.add(attachment)
        db.session.flush()
        parts = [file.content[start : start + CHUNK] for start in range(0, len(file.content), CHUNK)]
        rows = [
            {"attachment_id": attachment.id, "number": number, "sealed": keys.seal_bytes(part, place)}
            for number, part in enumerate(parts)
            for place in [attached.chunk_place(attachment, number)]
        ]
        db.session.execute(sa.insert(AttachmentChunk), rows)
        entry.attachments.append(attachment)
        _revise(entry, None, file.name, actor, now)
        made.append(attachment)
    db.session.flush()
    return made


def _require_room(entry: TimelineEntry, given: Files, actor: Account | None, now: dt.datetime) -> None:
    limits = given.limits
    if len(living(entry)) + len(given.files) > limits.an_entry:
        words = gettext("At most %(num)d files belong to one entry; record another for the rest.", num=limits.an_entry)
        raise TimelineError(words, "files")
    used = attached.bytes_of(entry.campaign_id, actor, now=now)
    if used + sum(len(file.content) for file in given.files) > limits.campaign_bytes:
        words = gettext(
            "The files of one campaign may have %(num)d MB together, and these would be more.",
            num=limits.campaign_bytes // 1_000_000,
        )
        raise TimelineError(words, "files")


def living(entry: TimelineEntry) -> list[Attachment]:
    """The files of an entry that were not destroyed."""
    return [attachment for attachment in entry.attachments if attachment.redacted_at is None]


def _revise(
    entry: TimelineEntry, old: str | None, new: str | None, actor: Account | None, now: dt.datetime, name: str = FIELD
) -> None:
    # Of something told in confidence not even the name of a paper is written down in the clear.
    revise(entry, name, old, new, actor, now, is_sealed=entry.visibility in CONFIDENTIAL)


def open_attachment(attachment: Attachment, is_open: bool, *, actor: Account, now: dt.datetime) -> None:
    """Let everybody have the file who may read its entry, or members only."""
    entries = _entries(attachment)
    if attachment.redacted_at is not None or not entries:
        raise TimelineError(_("This file is gone."))
    if is_open and any(entry.visibility in CONFIDENTIAL for entry in entries):
        raise TimelineError(_("What was told in confidence has no files for others."))
    if attachment.is_open == is_open:
        return
    attachment.is_open = is_open
    for entry in entries:
        was, becomes = ("members", "everybody") if is_open else ("everybody", "members")
        _revise(entry, was, becomes, actor, now, "attachment_readers")


def may_remove(attachment: Attachment, account: Account | None, *, now: dt.datetime) -> bool:
    """Whether this account recorded all that the file belongs to, and nobody else could have seen any of it."""
    entries = _entries(attachment)
    return (
        account is not None
        and attachment.redacted_at is None
        and bool(entries)
        and all(
            entry.actor_id == account.id
            and entry.exposed_at is None
            and entry.redacted_at is None
            and not is_open_to_another(entry, now=now)
            for entry in entries
        )
    )


def remove_attachment(attachment: Attachment, *, actor: Account, now: dt.datetime) -> None:
    """Take back a file that only who added it could have seen; nothing of it stays. Raises TimelineError otherwise."""
    if not may_remove(attachment, actor, now=now):
        raise TimelineError(_("Others could have seen this file by now, so it is redacted in the open, not removed."))
    name = attached.names([attachment], now=now).get(attachment.id)
    for entry in _entries(attachment):
        _revise(entry, name, None, actor, now)
    _delete(attachment)


def redact_attachment(attachment: Attachment, *, reason: str, actor: Account | None, now: dt.datetime) -> None:
    """Destroy one file for good, its name too; that there was one, the day and the reason stay with its entries.

    The mark in the key store is committed first, as with an entry. Call `db.forget_deleted()` after the commit.
    """
    destroy_attachment(attachment, reason, now)
    db.session.add(
        Redaction(
            record_type=RECORD,
            record_public_id=attachment.public_id,
            campaign_id=attachment.campaign_id,
            reason=reason,
            actor=actor,
            redacted_at=now,
        )
    )
    db.session.flush()


def destroy_attachment(attachment: Attachment, reason: str, now: dt.datetime) -> None:
    """What both kinds of redaction do to a file; also to one that a restored copy brought back."""
    if attachment.redacted_at is not None:
        return
    sealing.mark_redaction(f"{RECORD}:{attachment.public_id}", reason, now)
    name = attached.names([attachment], now=now).get(attachment.id)
    ids = sa.select(entry_attachment.c.entry_id).where(entry_attachment.c.attachment_id == attachment.id)
    db.session.execute(
        sa.update(Revision)
        .where(
            Revision.record_type == TimelineEntry.__tablename__,
            Revision.record_id.in_(ids),
            Revision.field == FIELD,
            # Without its key nobody knows the name any more; then all names there go.
            sa.true() if name is None else sa.or_(Revision.old_value == name, Revision.new_value == name),
        )
        .values(old_value=None, new_value=None, is_sealed=True)
    )
    _delete_chunks(attachment)
    attachment.name_sealed = attachment.sha256_sealed = ""
    attachment.redacted_at, attachment.redaction_reason = now, reason
    db.session.flush()


def delete_unless_shared(attachment: Attachment) -> None:
    """Leave nothing of a file when the last entry that showed it has lost its words."""
    others = (
        sa.select(TimelineEntry.id)
        .join(entry_attachment, entry_attachment.c.entry_id == TimelineEntry.id)
        .where(entry_attachment.c.attachment_id == attachment.id, TimelineEntry.redacted_at.is_(None))
    )
    if db.session.scalars(others.limit(1)).first() is None:
        _delete(attachment)


def _delete(attachment: Attachment) -> None:
    _delete_chunks(attachment)
    for entry in db.session.scalars(
        sa.select(TimelineEntry).where(TimelineEntry.attachments.any(Attachment.id == attachment.id))
    ):
        entry.attachments.remove(attachment)
    db.session.flush()
    db.session.delete(attachment)
    db.session.flush()


def redact_attachments_again(public_ids: Iterable[str], reason: str, now: dt.datetime) -> int:
    """Destroy again what a restored copy brought back; how many that were."""
    found = db.session.scalars(
        sa.select(Attachment).where(Attachment.public_id.in_(list(public_ids)), Attachment.redacted_at.is_(None))
    ).all()
    for attachment in found:
        destroy_attachment(attachment, reason, now)
    return len(found)


def _delete_chunks(attachment: Attachment) -> None:
    db.session.execute(sa.delete(AttachmentChunk).where(AttachmentChunk.attachment_id == attachment.id))


def _entries(attachment: Attachment) -> list[TimelineEntry]:
    """The entries that show it."""
    return list(
        db.session.scalars(
            sa.select(TimelineEntry)
            .join(entry_attachment, entry_attachment.c.entry_id == TimelineEntry.id)
            .where(entry_attachment.c.attachment_id == attachment.id, TimelineEntry.deleted_at.is_(None))
            .order_by(TimelineEntry.id)
        )
    )
