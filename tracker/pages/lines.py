"""Campaigns one line each: title, company, kind, stage, headline number, asks, last change. Asked for in bulk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.accounts.models import Account
from tracker.campaigns.merged import together
from tracker.campaigns.models import Campaign
from tracker.companies.models import Company, Organisation
from tracker.outcomes.models import OutcomeStatus
from tracker.outcomes.queries import current_outcomes
from tracker.pages import queries
from tracker.signatures.models import ReportedCount
from tracker.signatures.queries import Counts, headline_sizes
from tracker.signatures.together import counts_together
from tracker.timeline.queries import entries_visible_to


@dataclass(frozen=True)
class CampaignLine:
    """What a list says of one campaign."""

    campaign: Campaign
    asked: Sequence[Company | Organisation]
    outcomes: Sequence[OutcomeStatus]  # of each demand, in the letter's order
    size: ReportedCount | None
    counts: Counts
    changed_at: dt.datetime


def campaign_lines(campaigns: Sequence[Campaign], account: Account | None, *, now: dt.datetime) -> list[CampaignLine]:
    """The lines of these campaigns, in their order, in a fixed number of queries."""
    # What was merged into a campaign and the reader may read is read as part of it.
    standing = together([campaign.id for campaign in campaigns], account)
    ids = list(standing)
    today = now.date()
    visible = entries_visible_to(account, today=today)
    asked = queries.asked_by_campaign(ids)
    demands = queries.demands_by_campaign(ids)
    outcomes = current_outcomes(ids, visible)
    sizes = headline_sizes(standing, visible)
    counts = counts_together(standing)
    changed = queries.last_changes(ids, account, today=today)
    parts: dict[int, list[int]] = {campaign.id: [] for campaign in campaigns}
    for one, into in standing.items():
        parts[into].append(one)
    return [
        CampaignLine(
            campaign=campaign,
            asked=list(dict.fromkeys(whom for one in parts[campaign.id] for whom in asked[one])),
            outcomes=[
                outcomes[demand.id].status if demand.id in outcomes else OutcomeStatus.UNANSWERED
                for one in parts[campaign.id]
                for demand in demands[one]
            ],
            size=sizes.get(campaign.id),
            counts=counts[campaign.id],
            changed_at=max((changed[one] for one in parts[campaign.id] if one in changed), default=campaign.created_at),
        )
        for campaign in campaigns
    ]
