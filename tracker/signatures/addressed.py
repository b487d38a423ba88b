"""What is known of an address that somebody types into a campaign's form: all that decides which mail is written.

Asked for in one statement, by whoever it is: a form is sent often enough for that to count (bench/sign.py), and new,
known, kept out and mailed too often cost the same question (ADR 36).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tracker.campaigns.at_target import NAMES
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.mail.models import Email, EmailKind, EmailState
from tracker.mail.outbox import SUPPRESSED
from tracker.sealing import keyring
from tracker.signatures.blocks import BLOCKS, BlockKind
from tracker.signatures.models import Signatory, Signature, SignatureStatus
from tracker.signatures.queries import newest_signature

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Signed:
    """What the signatory with this address signed last."""

    public_id: str
    status: SignatureStatus | None  # None: nothing any more
    text_id: int | None
    is_merged: bool  # into another one, which decides


@dataclass(frozen=True)
class Addressed:
    """An address in a campaign."""

    signed: Signed | None
    blocks: tuple[tuple[BlockKind, str], ...]  # all of the campaign's
    target_names: tuple[str, ...]  # of the companies it asks or is about
    mailed: int  # mails about confirming, and with a code to sign with, within a day
    suppressed: tuple[tuple[str, str], ...]  # (hash, reason) where it must not be written to


_SIGNED = (
    sa.select(Signatory.public_id, Signature.status, Signature.text_id, Signatory.merged_into_id)
    .outerjoin(Signature, sa.and_(Signature.signatory_id == Signatory.id, newest_signature()))
    .where(
        Signatory.campaign_id == sa.bindparam("campaign_id", type_=sa.Integer),
        Signatory.address_hash == sa.bindparam("address_hash", type_=sa.String),
        Signatory.deleted_at.is_(None),
    )
)
_MAILED = sa.select(sa.func.count()).where(
    Email.recipient_hash.in_(sa.bindparam("hashes", expanding=True)),
    Email.kind.in_((EmailKind.CONFIRMATION, EmailKind.WORK_CODE)),
    Email.state != EmailState.CANCELLED,
    Email.created_at > sa.bindparam("since"),
)


def _part(name: str, found: sa.SelectBase, texts: int, numbers: int) -> sa.Select[Any]:
    """Rows of one part: its name, two texts and two numbers, of which it has so many."""
    columns = list(found.subquery(name).c)
    filled: list[sa.ColumnElement[Any]] = [
        *(sa.cast(column, sa.Text) for column in columns[:texts]),
        *(sa.cast(sa.null(), sa.Text) for _missing in range(2 - texts)),
        *(sa.cast(column, sa.Integer) for column in columns[texts : texts + numbers]),
        *(sa.cast(sa.null(), sa.Integer) for _missing in range(2 - numbers)),
    ]
    named = [column.label(label) for column, label in zip(filled, ("one", "two", "number", "other"), strict=True)]
    return sa.select(sa.literal_column(f"'{name}'", sa.Text).label("part"), *named)


_ALL = sa.union_all(
    _part("signed", _SIGNED, 2, 2),
    _part("block", BLOCKS, 2, 0),
    _part("target", NAMES, 1, 0),
    _part("mailed", _MAILED, 0, 1),
    _part("suppressed", SUPPRESSED, 2, 0),
)


def addressed(campaign: Campaign, address: str, address_hash: str, *, now: dt.datetime) -> Addressed:
    """What is known of an address; `address_hash` is the campaign's own."""
    values = {"campaign_id": campaign.id, "address_hash": address_hash, "since": now - DAY}
    rows = db.session.connection().execute(_ALL, values | {"hashes": keyring().address_hashes(address)})
    parts: dict[str, list[Any]] = {}
    for row in rows:
        parts.setdefault(row[0], []).append(row[1:])
    signed = [
        Signed(public_id, SignatureStatus(status) if status else None, text_id, merged_into_id is not None)
        for public_id, status, text_id, merged_into_id in parts.get("signed", ())
    ]
    return Addressed(
        signed=signed[0] if signed else None,
        blocks=tuple((BlockKind(kind), value) for kind, value, *_none in parts.get("block", ())),
        target_names=tuple(name for name, *_none in parts.get("target", ())),
        mailed=parts["mailed"][0][2],
        suppressed=tuple((hashed, reason) for hashed, reason, *_none in parts.get("suppressed", ())),
    )
