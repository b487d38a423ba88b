"""Campaigns one line each: title, company, kind, stage, headline number, asks, last change. Asked for in bulk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.companies.models import Company, Organisation
from tracker.outcomes.models import OutcomeStatus
from tracker.outcomes.queries import current_outcomes
from tracker.pages import queries
from tracker.signatures.models import ReportedCount
from tracker.signatures.queries import Counts, counts_for, headline_sizes
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
    ids = [campaign.id for campaign in campaigns]
    today = now.date()
    visible = entries_visible_to(account, today=today)
    asked = queries.asked_by_campaign(ids)
    demands = queries.demands_by_campaign(ids)
    outcomes = current_outcomes(ids, visible)
    sizes = headline_sizes(ids, visible)
    counts = counts_for(ids)
    changed = queries.last_changes(ids, account, today=today)
    return [
        CampaignLine(
            campaign=campaign,
            asked=asked[campaign.id],
            outcomes=[
                outcomes[demand.id].status if demand.id in outcomes else OutcomeStatus.UNANSWERED
                for demand in demands[campaign.id]
            ],
            size=sizes.get(campaign.id),
            counts=counts[campaign.id],
            changed_at=changed.get(campaign.id, campaign.created_at),
        )
        for campaign in campaigns
    ]
