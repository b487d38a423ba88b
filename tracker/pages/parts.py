"""What was merged into a campaign, as its page tells it: when, why, and how much of it there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.access import Level, level_for
from tracker.campaigns.merged import merges_into
from tracker.campaigns.models import Campaign, CampaignText
from tracker.campaigns.queries import latest_text
from tracker.campaigns.relations import CampaignMerge
from tracker.db import db
from tracker.outcomes.queries import Score
from tracker.signatures.queries import Counts
from tracker.timeline.models import TimelineEntry


@dataclass(frozen=True)
class MergedPart:
    """One campaign that was merged into another."""

    merge: CampaignMerge
    campaign: Campaign
    entries: int
    asks: int
    counts: Counts
    text: CampaignText | None
    may_undo: bool  # also whoever leads the campaign that remains


def merged_parts(
    campaign: Campaign,
    account: Account | None,
    visible: sa.ColumnElement[bool],
    scores: Iterable[Score],
    counts: Mapping[int, Counts],
) -> list[MergedPart]:
    """All that was merged into it and the reader may read; `scores` and `counts` are those of the page, of each."""
    merges = merges_into(campaign, account)
    asks = Counter(score.demand.campaign_id for score in scores)
    entries = _entries([one.campaign_id for one in merges], visible)
    return [
        MergedPart(
            merge=one,
            campaign=one.campaign,
            entries=entries.get(one.campaign_id, 0),
            asks=asks[one.campaign_id],
            counts=counts[one.campaign_id],
            text=latest_text(one.campaign),
            may_undo=level_for(account, one.campaign) >= Level.LEAD,
        )
        for one in merges
    ]


def _entries(campaign_ids: list[int], visible: sa.ColumnElement[bool]) -> dict[int, int]:
    rows = db.session.execute(
        sa.select(TimelineEntry.campaign_id, sa.func.count())
        .where(TimelineEntry.campaign_id.in_(campaign_ids), visible)
        .group_by(TimelineEntry.campaign_id)
    )
    return dict(rows.all())
