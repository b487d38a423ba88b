"""Turning a campaign protected: the names that lie in the open are sealed (safety.md, 2)."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import event

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.campaigns.protection import on_protection
from tracker.campaigns.service import CampaignError
from tracker.db import db
from tracker.sealing import campaign_keys
from tracker.signatures.codes import SigningCode
from tracker.signatures.models import Signatory, SignatoryKind
from tracker.signatures.people import NAMING, place, read_name, write_tokens
from tracker.signatures.signings import SigningRequest
from tracker.timeline.service import record_revision
from tracker.words import _


def protect(campaign: Campaign, *, actor: Account | None, now: dt.datetime) -> int:
    """Seal every name of the campaign's people and protect it. May be called again; returns how many were sealed."""
    keys = campaign_keys(campaign.public_id, now=now)
    if not campaign.is_protected:
        campaign.is_protected = True
        _revise(campaign, "no", "yes", actor, now)
    db.session.flush()  # from here on nobody writes a name in the open: see hold_protection
    plain = db.session.scalars(
        sa.select(Signatory).where(Signatory.campaign_id == campaign.id, Signatory.sort_text != "")
    ).all()
    named = []
    for signatory in plain:
        name = read_name(signatory, lambda: keys).name
        named.append((signatory.id, name))
        signatory.sort_text = ""
        if signatory.kind is SignatoryKind.ORGANISATION:
            continue  # an organisation is no employee; its name stands in its own table
        for column in NAMING:
            text = getattr(signatory, column)
            setattr(signatory, f"{column}_sealed", keys.seal(text, place(column, signatory)) if text else None)
            setattr(signatory, column, "")
    db.session.flush()
    write_tokens(named, keys)
    if plain and db.engine.dialect.name == "sqlite":
        event.listen(db.session(), "after_commit", _overwrite_plain_copies, once=True)
    return len(plain)


def unprotect(campaign: Campaign, *, actor: Account | None, now: dt.datetime) -> None:
    """Let names lie in the open from now on. Raises CampaignError once anybody relied on it: a name was sealed,
    somebody who was told so is still to confirm, or slips were handed out."""
    if has_sealed_names(campaign) or _is_promised(campaign):
        raise CampaignError(_("Names were sealed here; people were told that they stay sealed."), "is_protected")
    if campaign.is_protected:
        campaign.is_protected = False
        _revise(campaign, "yes", "no", actor, now)


def has_sealed_names(campaign: Campaign) -> bool:
    """Whether a name of this campaign is sealed."""
    sealed = sa.select(Signatory.id).where(Signatory.campaign_id == campaign.id, Signatory.name_sealed.is_not(None))
    return db.session.scalar(sealed.limit(1)) is not None


def _is_promised(campaign: Campaign) -> bool:
    return any(
        db.session.scalar(sa.select(model.id).where(model.campaign_id == campaign.id).limit(1)) is not None
        for model in (SigningRequest, SigningCode)
    )


def _revise(campaign: Campaign, old: str, new: str, actor: Account | None, now: dt.datetime) -> None:
    record_revision(
        record_type=Campaign.__tablename__,
        record_id=campaign.id,
        campaign_id=campaign.id,
        field="is_protected",
        old_value=old,
        new_value=new,
        actor=actor,
        now=now,
    )


@on_protection
def _react(campaign: Campaign, to: bool, actor: Account | None, now: dt.datetime) -> None:
    if to:
        protect(campaign, actor=actor, now=now)
    else:
        unprotect(campaign, actor=actor, now=now)


def _overwrite_plain_copies(_session: object) -> None:
    """Fold SQLite's write-ahead log in: there the names still lie as they were.

    What is freed in the database file itself is overwritten at once (PRAGMA secure_delete); PostgreSQL overwrites
    dead rows when it vacuums.
    """
    raw = db.engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA busy_timeout=2000")  # a reader may hold it for long; the next checkpoint takes it then
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("PRAGMA busy_timeout=15000")
    finally:
        raw.close()
