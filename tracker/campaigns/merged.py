"""What is asked of the database about merged campaigns: rows keep their campaign, readers see one (ADR 021).

One rule for all of it: that two campaigns were merged shows only to whoever may read both. To anybody else each stands
as it stood.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy.orm import aliased, contains_eager

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.campaigns.related import readable_by, readable_ids
from tracker.campaigns.relations import CampaignMerge
from tracker.db import db

_part = aliased(Campaign)


def is_listed(account: Account | None) -> sa.ColumnElement[bool]:
    """The condition that no other campaign stands for a campaign, as this reader sees it; lists show only these."""
    return sa.or_(Campaign.merged_into_id.is_(None), Campaign.merged_into_id.not_in(readable_ids(account)))


def listed_campaigns(account: Account | None) -> sa.Select[Campaign]:
    """Every campaign this account may read, each merged one left to the campaign that stands for it."""
    return readable_by(account).where(is_listed(account))


def standing_id(account: Account | None) -> sa.ColumnElement[int]:
    """In a query of campaigns, the id of the campaign that stands for each, as this reader sees it."""
    return sa.case((is_listed(account), Campaign.id.expression), else_=Campaign.merged_into_id.expression)


def survivor_of(campaign: Campaign, account: Account | None) -> Campaign | None:
    """The campaign that stands for a merged one, if the reader may read it."""
    if campaign.merged_into_id is None:
        return None
    return db.session.scalar(readable_by(account).where(Campaign.id == campaign.merged_into_id))


def standing_for(campaign_ids: Iterable[int], account: Account | None) -> dict[int, int]:
    """By campaign id, the id of the campaign that stands for it; its own where none does."""
    ids = list(dict.fromkeys(campaign_ids))
    if not ids:
        return {}
    rows = sa.select(Campaign.id, Campaign.merged_into_id).where(
        Campaign.id.in_(ids), Campaign.merged_into_id.is_not(None)
    )
    found = {one: into for one, into in db.session.execute(rows) if into is not None}
    # Mostly there is none, and then nothing is to be asked of what one may read.
    may_read = set(db.session.scalars(readable_ids(account).where(Campaign.id.in_(found.values())))) if found else set()
    return {one: found[one] if one in found and found[one] in may_read else one for one in ids}


def together(campaign_ids: Collection[int], account: Account | None) -> dict[int, int]:
    """These campaigns and all that were merged into them and the reader may read: each id with the id of the one that
    stands for it, those asked for first."""
    ids = list(campaign_ids)
    # The condition of what one may read stands on the rows themselves: as a list of ids it would be made whole first.
    # Which they are is asked apart, or SQLite reads all that one may read and looks for the few among them.
    parts = sa.select(_part.id).where(_part.merged_into_id.in_(ids))
    found = readable_by(account).where(Campaign.id.in_(parts)).order_by(None).order_by(Campaign.id)
    rows = db.session.execute(found.with_only_columns(Campaign.id, Campaign.merged_into_id))
    merged = {one: into for one, into in rows if into is not None and one not in ids}
    return {**dict(zip(ids, ids, strict=True)), **merged}


def merges_into(campaign: Campaign, account: Account | None) -> list[CampaignMerge]:
    """What was merged into a campaign, also by way of another, as far as the reader may read it; latest first."""
    return list(
        db.session.scalars(
            sa.select(CampaignMerge)
            .join(CampaignMerge.campaign)
            .where(
                CampaignMerge.undone_at.is_(None),
                Campaign.merged_into_id == campaign.id,
                Campaign.id.in_(readable_ids(account)),
            )
            .options(contains_eager(CampaignMerge.campaign))
            .order_by(CampaignMerge.merged_at.desc(), CampaignMerge.id.desc())
        )
    )


def merge_by_public_id(campaign: Campaign, public_id: str, account: Account) -> CampaignMerge | None:
    """A merge that lasts and that shows on the campaign's page."""
    return next((one for one in merges_into(campaign, account) if one.public_id == public_id), None)
