"""What is asked of the database about campaigns."""

from __future__ import annotations

import sqlalchemy as sa

from tracker.accounts.models import Account, CampaignMember, Membership, Role
from tracker.campaigns.models import Campaign, FormerSlug, Visibility
from tracker.db import db


def campaign_by_slug(slug: str) -> tuple[Campaign | None, bool]:
    """The campaign at this address, and whether the address is a former one."""
    campaign = db.session.scalar(sa.select(Campaign).where(Campaign.slug == slug))
    if campaign is not None:
        return campaign, False
    former = sa.select(FormerSlug.record_id).where(FormerSlug.record_type == "campaign", FormerSlug.slug == slug)
    return db.session.scalar(sa.select(Campaign).where(Campaign.id.in_(former))), True


def membership_of(account: Account, campaign: Campaign) -> Membership | None:
    """What this account is in this campaign, if it is a member."""
    return db.session.scalar(
        sa.select(CampaignMember.membership).where(
            CampaignMember.account_id == account.id, CampaignMember.campaign_id == campaign.id
        )
    )


def readable_campaigns(account: Account) -> sa.Select[tuple[Campaign]]:
    """Every campaign whose pages this account may read, removed ones left out."""
    memberships = sa.select(CampaignMember.campaign_id).where(CampaignMember.account_id == account.id)
    found = sa.select(Campaign).where(Campaign.deleted_at.is_(None))
    if account.role is Role.ADMINISTRATOR:
        return found
    return found.where(
        sa.or_(Campaign.visibility.in_([Visibility.SIGNED_IN, Visibility.PUBLIC]), Campaign.id.in_(memberships))
    )
