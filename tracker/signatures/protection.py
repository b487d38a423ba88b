"""Turning a campaign protected: the names that lie in the open are sealed (safety.md, 2)."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.sealing import campaign_keys
from tracker.signatures.models import Signatory, SignatoryKind
from tracker.signatures.people import NAMING, place, read_name, write_tokens
from tracker.signatures.service import SignatureError
from tracker.timeline.service import record_revision
from tracker.words import _


def protect(campaign: Campaign, *, actor: Account | None, now: dt.datetime) -> int:
    """Seal every name of the campaign's people and protect it. May be called again; returns how many were sealed."""
    keys = campaign_keys(campaign.public_id, now=now)
    if not campaign.is_protected:
        campaign.is_protected = True
        _revise(campaign, "no", "yes", actor, now)
    plain = db.session.scalars(
        sa.select(Signatory).where(Signatory.campaign_id == campaign.id, Signatory.sort_text != "")
    ).all()
    named = []
    for signatory in plain:
        name = read_name(signatory, lambda: keys).name
        named.append((signatory, name))
        signatory.sort_text = ""
        if signatory.kind is SignatoryKind.ORGANISATION:
            continue  # an organisation is no employee; its name stands in its own table
        for column in NAMING:
            text = getattr(signatory, column)
            setattr(signatory, f"{column}_sealed", keys.seal(text, place(column, signatory)) if text else None)
            setattr(signatory, column, "")
    db.session.flush()
    write_tokens(named, keys)
    return len(plain)


def unprotect(campaign: Campaign, *, actor: Account | None, now: dt.datetime) -> None:
    """Let names lie in the open from now on. Raises SignatureError once any name was sealed: people relied on it."""
    if has_sealed_names(campaign):
        raise SignatureError(_("Names were sealed here; people were told that they stay sealed."), "is_protected")
    if campaign.is_protected:
        campaign.is_protected = False
        _revise(campaign, "yes", "no", actor, now)


def has_sealed_names(campaign: Campaign) -> bool:
    """Whether a name of this campaign is sealed."""
    sealed = sa.select(Signatory.id).where(Signatory.campaign_id == campaign.id, Signatory.name_sealed.is_not(None))
    return db.session.scalar(sealed.limit(1)) is not None


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


def overwrite_plain_copies() -> None:
    """After the commit of `protect`: let SQLite fold its write-ahead log in, where the names still lie as they were.

    The freed bytes of the database file itself are overwritten at once (PRAGMA secure_delete).
    """
    if db.engine.dialect.name != "sqlite":
        return
    db.session.rollback()
    raw = db.engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        raw.close()
