"""What was merged into a campaign, as its page tells it: when, why, and how much of it there is."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.access import Level, level_for
from tracker.campaigns.merged import merges_into
from tracker.campaigns.models import Campaign, CampaignText
from tracker.campaigns.queries import demands_of, latest_text
from tracker.campaigns.relations import CampaignMerge
from tracker.db import db
from tracker.signatures.queries import Counts, counts
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


def merged_parts(campaign: Campaign, account: Account | None, visible: sa.ColumnElement[bool]) -> list[MergedPart]:
    """All that was merged into it and the reader may read; few campaigns have any, so each is asked for by itself."""
    return [
        MergedPart(
            merge=one,
            campaign=one.campaign,
            entries=_entries(one.campaign, visible),
            asks=len(demands_of(one.campaign)),
            counts=counts(one.campaign),
            text=latest_text(one.campaign),
            may_undo=level_for(account, one.campaign) >= Level.LEAD,
        )
        for one in merges_into(campaign, account)
    ]


def _entries(campaign: Campaign, visible: sa.ColumnElement[bool]) -> int:
    found = (
        sa.select(sa.func.count()).select_from(TimelineEntry).where(TimelineEntry.campaign_id == campaign.id, visible)
    )
    return db.session.scalar(found) or 0
