"""News for signers alone, of which no entry of the history tells: its words are destroyed for good, by its own id."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from tracker import sealing
from tracker.accounts.models import Account
from tracker.campaigns.access import Level
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.deliveries.models import SignerUpdate
from tracker.deliveries.redacting import destroy_news
from tracker.sealing import MarkedRedaction
from tracker.timeline.models import Redaction, TimelineEntry

RECORD = SignerUpdate.__tablename__


def news_by_public_id(campaign: Campaign, public_id: str) -> SignerUpdate | None:
    """News of this campaign with its words; where an entry of the history tells of it, they go with that one."""
    return db.session.scalar(
        sa.select(SignerUpdate).where(
            SignerUpdate.campaign_id == campaign.id,
            SignerUpdate.public_id == public_id,
            sa.or_(SignerUpdate.entry_id.is_(None), SignerUpdate.entry.has(TimelineEntry.deleted_at.is_not(None))),
            SignerUpdate.words != "",
        )
    )


def may_redact_news(update: SignerUpdate, account: Account, level: Level) -> bool:
    """Who sent it, while they may edit the campaign, and its leads."""
    return level >= Level.LEAD or (level >= Level.EDIT and update.actor_id == account.id)


def redact_news(update: SignerUpdate, *, reason: str, actor: Account, now: dt.datetime) -> None:
    """Destroy its words, on receipts and in stored mails; the day and the reason stay, and what waits never leaves.

    The mark in the key store is committed first, as with an entry (`timeline/service/redaction.py`). Call
    `db.forget_deleted()` after the commit.
    """
    sealing.mark_redaction(f"{RECORD}:{update.public_id}", reason, now)
    destroy_news(update, now)
    db.session.add(
        Redaction(
            record_type=RECORD,
            record_public_id=update.public_id,
            campaign_id=update.campaign_id,
            reason=reason,
            actor=actor,
            redacted_at=now,
        )
    )
    db.session.flush()


def redact_news_again(marks: Iterable[MarkedRedaction], *, now: dt.datetime) -> int:
    """Destroy what a restored copy brought back; how many that was."""
    again = 0
    for mark in marks:
        table, _colon, public_id = mark.record.partition(":")
        if table == RECORD:
            found = sa.select(SignerUpdate).where(SignerUpdate.public_id == public_id, SignerUpdate.words != "")
            for update in db.session.scalars(found):
                destroy_news(update, now)
                again += 1
    return again


def reasons_of(updates: Sequence[SignerUpdate]) -> dict[str, str]:
    """Why the words of some of these went, by public id."""
    gone = {update.public_id: update.entry for update in updates if not update.words}
    told = {public_id: entry.redaction_reason for public_id, entry in gone.items() if entry is not None}
    found = sa.select(Redaction.record_public_id, Redaction.reason).where(
        Redaction.record_type == RECORD, Redaction.record_public_id.in_(gone)
    )
    return told | {row[0]: row[1] for row in db.session.execute(found)}
