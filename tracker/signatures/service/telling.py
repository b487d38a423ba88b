"""What the history is told: numbers, and which field changed. Never a name."""

from __future__ import annotations

import datetime as dt

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import Precision
from tracker.signatures.models import (
    Signatory,
    Signature,
)
from tracker.timeline.models import EntryKind, EntryVisibility
from tracker.timeline.service import append_entry, record_revision


def append(
    campaign: Campaign,
    headline: str,
    occurred_on: dt.date,
    *,
    visibility: EntryVisibility,
    actor: Account | None,
    now: dt.datetime,
    precision: Precision = Precision.DAY,
    announce: bool = True,
) -> None:
    append_entry(
        campaign_id=campaign.id,
        kind=EntryKind.SIGNATURES,
        headline=headline,
        occurred_on=occurred_on,
        precision=precision,
        visibility=visibility,
        announce=announce,
        actor=actor,
        now=now,
    )


def revise(
    record: Signatory | Signature,
    field: str,
    actor: Account | None,
    now: dt.datetime,
    old: object = None,
    new: object = None,
) -> None:
    """Of a signatory a Revision says only which field changed; of a signature also from what to what."""
    record_revision(
        record_type=record.__tablename__,
        record_id=record.id,
        campaign_id=record.campaign_id,
        field=field,
        old_value=None if old is None else str(old),
        new_value=None if new is None else str(new),
        is_sealed=isinstance(record, Signatory),
        actor=actor,
        now=now,
    )
