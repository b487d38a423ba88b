"""That somebody saw or exported contact data: written once, edited by nobody (safety.md, 7)."""

from __future__ import annotations

import datetime as dt

from tracker.accounts.models import AccessRecord, Account, Reading
from tracker.db import db


def record_access(
    account: Account | None,
    *,
    campaign_id: int | None,
    reading: Reading,
    count: int,
    reason: str = "",
    now: dt.datetime,
) -> AccessRecord:
    """Write down that this account (None: the command line) read or exported so many people's contact data, in the
    transaction that shows it."""
    record = AccessRecord(
        account_id=account.id if account is not None else None,
        campaign_id=campaign_id,
        reading=reading,
        count=count,
        reason=reason,
        recorded_at=now,
    )
    db.session.add(record)
    return record
