"""The files of one entry, with what may be done with each."""

from __future__ import annotations

from typing import Any

from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.timeline.attached import files_of
from tracker.timeline.models import CONFIDENTIAL, TimelineEntry
from tracker.timeline.queries import day_in
from tracker.timeline.service import may_remove
from tracker.timeline.shown_files import file_shown


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
