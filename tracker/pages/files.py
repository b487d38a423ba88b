"""Files as pages show them, with what may be done with each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.timeline.attached import ShownFile, files_of
from tracker.timeline.models import CONFIDENTIAL, TimelineEntry
from tracker.timeline.queries import day_in
from tracker.timeline.service import may_remove


def files_by_entry(
    entries: Sequence[TimelineEntry],
    campaigns: Mapping[int, Campaign],
    account: Account | None,
    *,
    today: dt.date,
    until: dt.datetime | None = None,
) -> dict[int, list[dict[str, Any]]]:
    """What rows of a history show of their files to this account, by the entry's id; only those added `until` then.

    `campaigns`: those of the entries, by id. A file stays at the address of its own.
    """
    found = files_of(entries, account, today=today, now=clock.now())
    return {
        entry.id: [
            file_shown(file, campaigns[entry.campaign_id], account)
            for file in found[entry.id]
            if until is None or file.recorded_at < until
        ]
        for entry in entries
        if entry.id in found
    }


def file_shown(file: ShownFile, campaign: Campaign, account: Account | None) -> dict[str, Any]:
    """A file as `components/files.html` reads it; nobody signed in gets the address below the public page."""
    if account is None:
        url = url_for("attachments.public", key=campaign.slug, public_id=file.public_id)
    else:
        url = url_for("attachments.download", slug=campaign.slug, public_id=file.public_id)
    return {"name": file.name, "size": file.size, "url": url if file.name else None}


def file_rows(
    entry: TimelineEntry, campaign: Campaign, account: Account | None, *, may_edit: bool, may_redact: bool
) -> list[dict[str, Any]]:
    """The files of one entry, destroyed ones too, with what this account may do with each."""
    now = clock.now()
    shown = files_of([entry], account, today=day_in(campaign.zone, now), now=now, gone=True)
    alive = {one.public_id: one for one in entry.attachments}
    rows = []
    for file in shown.get(entry.id, []):
        kept = file.redacted_at is None
        alone = kept and may_edit and may_remove(alive[file.public_id], account, now=now)
        mine = account is not None and file.recorded_by_id == account.id and may_edit
        rows.append(
            {
                **file_shown(file, campaign, account),
                "public_id": file.public_id,
                "sha256": file.sha256,
                "is_open": file.is_open,
                "recorded_at": file.recorded_at,
                "redacted_at": file.redacted_at,
                "reason": file.redaction_reason,
                "may_open": kept and may_edit and entry.visibility not in CONFIDENTIAL,
                "may_remove": alone,
                "may_redact": kept and not alone and (may_redact or mine),
            }
        )
    return rows
