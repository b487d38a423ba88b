"""What is asked about files: who may have them, what they are called, and their bytes as they were kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tracker import sealing
from tracker.accounts.models import Account, CampaignMember, Role
from tracker.db import db
from tracker.files import FileKind
from tracker.timeline.models import Attachment, AttachmentChunk, EntryVisibility, TimelineEntry, entry_attachment
from tracker.timeline.queries import day_in, entries_visible_to

# The foreign key names this table; campaigns lie above the timeline, so their model may not be imported here.
_campaign = sa.table("campaign", sa.column("id"), sa.column("public_id"), sa.column("zone"))


class Damaged(Exception):
    """What is stored is not what was added."""


class KeyGone(Exception):
    """The key that sealed the file was destroyed: nobody can open it any more."""


@dataclass(frozen=True)
class ShownFile:
    """A file as a page shows it."""

    public_id: str
    kind: FileKind
    size: int
    name: str | None  # None: its key was destroyed, or it was redacted
    sha256: str | None
    is_open: bool
    recorded_at: dt.datetime
    recorded_by_id: int | None
    redacted_at: dt.datetime | None
    redaction_reason: str


def place(attachment: Attachment, column: str) -> str:
    """What a sealed column of a file is bound to."""
    return f"attachment|{column}|{attachment.public_id}"


def chunk_place(attachment: Attachment, number: int) -> str:
    """What a part of a file is bound to; the sum over all tells whether one is missing at the end."""
    return f"attachment_chunk|sealed|{attachment.public_id}|{number}"


def campaign_key(campaign_id: int) -> str:
    """By which name the key store knows the campaign."""
    return str(db.session.scalar(sa.select(_campaign.c.public_id).where(_campaign.c.id == campaign_id)))


def files_visible_to(account: Account | None, *, today: dt.date) -> sa.ColumnElement[bool]:
    """The condition, on an Attachment joined with one of its entries, that this account may have the file.

    Exactly who may read the entry, and of those only the team unless the file was opened. What is off the record
    reaches the named readers, members or not.
    """
    if account is None:
        circle: sa.ColumnElement[bool] = Attachment.is_open.is_(True)
    elif account.role is Role.ADMINISTRATOR:
        circle = sa.true()
    else:
        members = sa.select(CampaignMember.campaign_id).where(CampaignMember.account_id == account.id)
        circle = sa.or_(
            Attachment.is_open.is_(True),
            TimelineEntry.campaign_id.in_(members),
            TimelineEntry.visibility == EntryVisibility.OFF_THE_RECORD,
        )
    return sa.and_(entries_visible_to(account, today=today), TimelineEntry.redacted_at.is_(None), circle)


def sees_closed_files(entry: TimelineEntry, account: Account | None, *, is_member: bool) -> bool:
    """The same of an entry that this account reads: whether it has the files, and reads their names in the changes,
    that were not opened."""
    return account is not None and (
        is_member or account.role is Role.ADMINISTRATOR or entry.visibility is EntryVisibility.OFF_THE_RECORD
    )


def _joined(*columns: Any) -> sa.Select[Any]:
    found: sa.Select[Any] = sa.select(*columns).select_from(Attachment)
    return found.join(entry_attachment, entry_attachment.c.attachment_id == Attachment.id).join(
        TimelineEntry, TimelineEntry.id == entry_attachment.c.entry_id
    )


def attachment_by_public_id(
    campaign_id: int, public_id: str, account: Account | None, *, today: dt.date
) -> Attachment | None:
    """One file of a campaign that was not destroyed, if this account may have it."""
    found = _joined(Attachment).where(
        Attachment.campaign_id == campaign_id,
        Attachment.public_id == public_id,
        Attachment.redacted_at.is_(None),
        files_visible_to(account, today=today),
    )
    attachment = db.session.scalars(found.limit(1)).first()
    assert attachment is None or isinstance(attachment, Attachment)
    return attachment


def entry_shown_with(attachment: Attachment, account: Account | None, *, today: dt.date) -> TimelineEntry | None:
    """The latest entry that shows the file to this account."""
    found = _joined(TimelineEntry).where(Attachment.id == attachment.id, files_visible_to(account, today=today))
    entry = db.session.scalars(found.order_by(TimelineEntry.id.desc()).limit(1)).first()
    assert entry is None or isinstance(entry, TimelineEntry)
    return entry


def bytes_of(campaign_id: int, account: Account | None, *, now: dt.datetime) -> int:
    """How much the files of a campaign hold that this account may have; of others it learns nothing."""
    zone = db.session.scalar(sa.select(_campaign.c.zone).where(_campaign.c.id == campaign_id)) or "UTC"
    mine = _joined(Attachment.id).where(
        Attachment.campaign_id == campaign_id,
        Attachment.redacted_at.is_(None),
        files_visible_to(account, today=day_in(zone, now)),
    )
    total = db.session.scalar(sa.select(sa.func.sum(Attachment.size)).where(Attachment.id.in_(mine)))
    return int(total or 0)


def files_of(
    entries: Iterable[TimelineEntry], account: Account | None, *, today: dt.date, now: dt.datetime, gone: bool = False
) -> dict[int, list[ShownFile]]:
    """What each entry shows this account of its files, by the entry's id; destroyed ones too when `gone` is asked for.

    One query, and one to the key store for each campaign that has any.
    """
    ids = [entry.id for entry in entries]
    if not ids:
        return {}
    found = _joined(entry_attachment.c.entry_id, Attachment).where(
        TimelineEntry.id.in_(ids), files_visible_to(account, today=today)
    )
    if not gone:
        found = found.where(Attachment.redacted_at.is_(None))
    rows = [(int(row[0]), row[1]) for row in db.session.execute(found.order_by(Attachment.id))]
    shown = _shown([attachment for _entry, attachment in rows], now)
    files: dict[int, list[ShownFile]] = {}
    for entry_id, attachment in rows:
        files.setdefault(entry_id, []).append(shown[attachment.id])
    return files


def _shown(attachments: Sequence[Attachment], now: dt.datetime) -> dict[int, ShownFile]:
    opened = _opened(attachments, now)
    return {
        one.id: ShownFile(
            one.public_id,
            one.kind,
            one.size,
            *opened[one.id],
            one.is_open,
            one.recorded_at,
            one.recorded_by_id,
            one.redacted_at,
            one.redaction_reason,
        )
        for one in attachments
    }


def names(attachments: Sequence[Attachment], *, now: dt.datetime) -> dict[int, str]:
    """What files are called, by id; those whose key is gone are left out."""
    return {number: name for number, (name, _sum) in _opened(attachments, now).items() if name is not None}


def _opened(attachments: Sequence[Attachment], now: dt.datetime) -> dict[int, tuple[str | None, str | None]]:
    campaigns = {one.campaign_id for one in attachments if one.redacted_at is None}
    keys = {number: sealing.file_keys(campaign_key(number), now=now) for number in campaigns}
    found: dict[int, tuple[str | None, str | None]] = {}
    for one in attachments:
        try:
            found[one.id] = (
                (None, None)
                if one.redacted_at is not None
                else (
                    keys[one.campaign_id].open(one.name_sealed, place(one, "name")),
                    keys[one.campaign_id].open(one.sha256_sealed, place(one, "sha256")),
                )
            )
        except sealing.SealError:
            found[one.id] = (None, None)
    return found


def content_of(attachment: Attachment, *, now: dt.datetime) -> tuple[str, bytes]:
    """The file's name and its bytes, after they were compared with the sum taken when it was added.

    Raises KeyGone when its campaign's key was destroyed, Damaged when anything is not as it was.
    """
    keys = sealing.file_keys(campaign_key(attachment.campaign_id), now=now)
    if not keys.can_open:
        raise KeyGone
    parts = (
        sa.select(AttachmentChunk.number, AttachmentChunk.sealed)
        .where(AttachmentChunk.attachment_id == attachment.id)
        .order_by(AttachmentChunk.number)
        .execution_options(yield_per=8)
    )
    try:
        name = keys.open(attachment.name_sealed, place(attachment, "name"))
        wanted = keys.open(attachment.sha256_sealed, place(attachment, "sha256"))
        with db.session.execute(parts) as rows:
            content = b"".join(keys.open_bytes(sealed, chunk_place(attachment, number)) for number, sealed in rows)
    except sealing.SealError:
        raise Damaged from None
    if not hmac.compare_digest(hashlib.sha256(content).hexdigest(), wanted):
        raise Damaged
    return name, content


def seal_anew(campaign_id: int, *, now: dt.datetime) -> bool:
    """Seal one file of a campaign with the files' own key that was sealed with its people's; False when none is left.

    Inside a transaction. A file that no key opens stays as it is: it is lost already.
    """
    keys = sealing.file_keys(campaign_key(campaign_id), now=now)
    wanted = sa.select(Attachment).where(Attachment.campaign_id == campaign_id, Attachment.redacted_at.is_(None))
    for one in db.session.scalars(wanted.order_by(Attachment.id)).all():
        if keys.sealed_text(one.sha256_sealed):
            continue
        try:
            name, content_sum = (
                keys.open(one.name_sealed, place(one, "name")),
                keys.open(one.sha256_sealed, place(one, "sha256")),
            )
            chunks = sa.select(AttachmentChunk).where(AttachmentChunk.attachment_id == one.id)
            for chunk in db.session.scalars(chunks.execution_options(yield_per=8)):
                where = chunk_place(one, chunk.number)
                chunk.sealed = keys.seal_bytes(keys.open_bytes(chunk.sealed, where), where)
        except sealing.SealError:
            continue
        one.name_sealed = keys.seal(name, place(one, "name"))
        one.sha256_sealed = keys.seal(content_sum, place(one, "sha256"))
        db.session.flush()
        return True
    return False
