"""Whether a mailbox is perhaps one that the company asked can read."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from tracker.campaigns.models import Campaign, CampaignSubject
from tracker.companies.models import Company, CompanyName
from tracker.db import db
from tracker.search_text import normalise

_OF_CAMPAIGN = CampaignSubject.campaign_id == sa.bindparam("campaign_id", type_=sa.Integer)
# Every name, present and borne before, of the companies it asks or is about. Made once: asked for each who signs.
NAMES = (
    sa.select(Company.name)
    .join(CampaignSubject, CampaignSubject.company_id == Company.id)
    .where(_OF_CAMPAIGN)
    .union_all(
        sa.select(CompanyName.name)
        .join(CampaignSubject, CampaignSubject.company_id == CompanyName.company_id)
        .where(_OF_CAMPAIGN)
    )
)


def is_at_target(address: str, campaign: Campaign, names: Iterable[str] | None = None) -> bool:
    """Whether a mailbox seems to be at a company that the campaign asks or is about, who could read the subject line.

    Told by names: `x@legal.amazon.co.uk` where Amazon.com, Inc. is asked. A false yes only makes a subject dull.
    `names` are what `NAMES` finds, for whoever asked already.
    """
    labels = set(normalise(address.rpartition("@")[2]).replace("-", "").split("."))
    for name in db.session.scalars(NAMES, {"campaign_id": campaign.id}) if names is None else names:
        words = normalise(name).replace(".com", " ").replace(",", " ").split()
        beginnings = {"".join(words[:length]) for length in range(1, len(words) + 1)}
        if any(len(beginning) > 3 and beginning in labels for beginning in beginnings):
            return True
    return False
