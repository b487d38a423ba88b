"""Files as pages show them beside what they belong to; whose campaign it is comes from above."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from tracker import clock
from tracker.accounts.models import Account
from tracker.timeline.attached import ShownFile, files_of
from tracker.timeline.models import TimelineEntry


def files_by_entry(
    entries: Sequence[TimelineEntry],
    campaigns: Mapping[int, Any],
    account: Account | None,
    *,
    today: dt.date,
    until: dt.datetime | None = None,
) -> dict[int, list[dict[str, Any]]]:
    """What pages show of these entries' files to this account, by the entry's id; only those added `until` then.

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


def file_shown(file: ShownFile, campaign: Any, account: Account | None) -> dict[str, Any]:
    """A file as `components/files.html` reads it; nobody signed in gets the address below the public page."""
    if account is None:
        url = url_for("attachments.public", key=campaign.slug, public_id=file.public_id)
    else:
        url = url_for("attachments.download", slug=campaign.slug, public_id=file.public_id)
    return {"name": file.name, "size": file.size, "url": url if file.name else None}
