"""Whether a mailbox is perhaps one that the company asked can read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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
    labels = _labels(address)
    found = db.session.scalars(NAMES, {"campaign_id": campaign.id}) if names is None else names
    return any(not labels.isdisjoint(_beginnings(name)) for name in found)


@dataclass(frozen=True)
class Targets:
    """Whom all campaigns ask or are about, put together once for many addresses."""

    _campaigns: Mapping[str, frozenset[int]]  # by what may stand in a domain

    @classmethod
    def of_all(cls) -> Targets:
        """Ask the database."""
        subject, found = CampaignSubject.campaign_id, dict[str, set[int]]()
        present = sa.select(subject, Company.name).join(Company, Company.id == CampaignSubject.company_id)
        borne = sa.select(subject, CompanyName.name).join(
            CompanyName, CompanyName.company_id == CampaignSubject.company_id
        )
        for campaign_id, name in db.session.execute(present.union_all(borne)):
            for beginning in _beginnings(name):
                found.setdefault(beginning, set()).add(campaign_id)
        return cls({beginning: frozenset(campaigns) for beginning, campaigns in found.items()})

    def at(self, address: str) -> frozenset[int]:
        """The campaigns of which `is_at_target` is true of an address, by their ids."""
        return frozenset[int]().union(*(self._campaigns.get(label, ()) for label in _labels(address)))


def _labels(address: str) -> set[str]:
    return set(normalise(address.rpartition("@")[2]).replace("-", "").split("."))


def _beginnings(name: str) -> set[str]:
    """What a company may be called in its domain."""
    words = normalise(name).replace(".com", " ").replace(",", " ").split()
    beginnings = {"".join(words[:length]) for length in range(1, len(words) + 1)}
    return {beginning for beginning in beginnings if len(beginning) > 3}
