"""What is asked of the database about campaigns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from tracker.accounts.models import Account, CampaignMember, Membership, Role
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.models import (
    Campaign,
    CampaignSubject,
    CampaignText,
    Demand,
    FormerSlug,
    StageChange,
    SubjectRole,
    Target,
    Visibility,
)
from tracker.db import db

Part = TypeVar("Part", Demand, Deadline, Target)


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


def readable_campaigns(account: Account) -> sa.Select[Campaign]:
    """Every campaign whose pages this account may read, removed ones left out."""
    memberships = sa.select(CampaignMember.campaign_id).where(CampaignMember.account_id == account.id)
    found = sa.select(Campaign).where(Campaign.deleted_at.is_(None))
    if account.role is Role.ADMINISTRATOR:
        return found
    return found.where(
        sa.or_(Campaign.visibility.in_([Visibility.SIGNED_IN, Visibility.PUBLIC]), Campaign.id.in_(memberships))
    )


def among(column: Any, ids: Iterable[int] | sa.Select[int]) -> sa.ColumnElement[bool]:
    """The condition that a column of another table names one of these campaigns, given by ids or by a query of ids.

    A query is asked for the one campaign of each row: what somebody may read is most of all campaigns, and listing
    them anew in each part of a page takes longer than the part.
    """
    if isinstance(ids, sa.Select):
        return ids.where(Campaign.id == column).order_by(None).correlate_except(Campaign).exists()
    found: sa.ColumnElement[bool] = column.in_(list(ids))
    return found


def part_of(campaign: Campaign, kind: type[Part], public_id: str) -> Part | None:
    """The campaign's demand, deadline or target of this id, unless it was removed."""
    return db.session.scalar(
        sa.select(kind).where(kind.public_id == public_id, kind.campaign_id == campaign.id, kind.deleted_at.is_(None))
    )


def removed_campaigns(since: dt.datetime) -> list[Campaign]:
    """Everything that was put into the bin since then, removed last first."""
    return list(
        db.session.scalars(
            sa.select(Campaign)
            .where(Campaign.deleted_at > since, Campaign.destroyed_at.is_(None))
            .order_by(Campaign.deleted_at.desc(), Campaign.id)
        )
    )


def demands_of(campaign: Campaign) -> list[Demand]:
    """What is asked, in the letter's order, with whom it is asked of."""
    return list(
        db.session.scalars(
            sa.select(Demand)
            .where(Demand.campaign_id == campaign.id, Demand.deleted_at.is_(None))
            .order_by(Demand.position, Demand.id)
            .options(joinedload(Demand.target).joinedload(Target.company))
        )
    )


def targets_of(campaign: Campaign) -> list[Target]:
    """Who can grant a demand."""
    return list(
        db.session.scalars(
            sa.select(Target)
            .where(Target.campaign_id == campaign.id, Target.deleted_at.is_(None))
            .order_by(Target.id)
            .options(joinedload(Target.company), joinedload(Target.organisation))
        )
    )


def subjects_of(campaign: Campaign) -> list[CampaignSubject]:
    """Those asked, then those asked about."""
    found = db.session.scalars(
        sa.select(CampaignSubject)
        .where(CampaignSubject.campaign_id == campaign.id)
        .options(joinedload(CampaignSubject.company), joinedload(CampaignSubject.organisation))
    ).all()
    return sorted(found, key=lambda subject: (subject.role is not SubjectRole.ASKED, subject.id))


def latest_text(campaign: Campaign) -> CampaignText | None:
    """The newest version of the letter or petition."""
    return db.session.scalar(
        sa.select(CampaignText)
        .where(CampaignText.campaign_id == campaign.id)
        .order_by(CampaignText.number.desc())
        .limit(1)
    )


def texts_of(campaign: Campaign) -> list[CampaignText]:
    """Every version, newest first."""
    return list(
        db.session.scalars(
            sa.select(CampaignText).where(CampaignText.campaign_id == campaign.id).order_by(CampaignText.number.desc())
        )
    )


def deadlines_of(*campaigns: Campaign) -> list[Deadline]:
    """What is or was due, the next first, then what is done, latest first."""
    found = db.session.scalars(
        sa.select(Deadline)
        .where(Deadline.campaign_id.in_([one.id for one in campaigns]), Deadline.deleted_at.is_(None))
        .options(joinedload(Deadline.owner))
        .order_by(Deadline.due_on, Deadline.id)
    ).all()
    done = sorted((d for d in found if d.done_at), key=lambda d: d.due_on, reverse=True)
    return [d for d in found if not d.done_at] + done


def members_of(campaign: Campaign) -> list[CampaignMember]:
    """Who works on it: leads, editors, readers."""
    found = db.session.scalars(
        sa.select(CampaignMember)
        .where(CampaignMember.campaign_id == campaign.id)
        .options(joinedload(CampaignMember.account))
    ).all()
    return sorted(found, key=lambda member: (list(Membership).index(member.membership), member.joined_at))


def stage_changes_of(campaign: Campaign, visible: sa.ColumnElement[bool]) -> list[StageChange]:
    """Its moves from stage to stage that `visible` lets through, as recorded."""
    return list(
        db.session.scalars(
            sa.select(StageChange)
            .join(StageChange.entry)
            .where(StageChange.campaign_id == campaign.id, visible)
            .options(contains_eager(StageChange.entry))
            .order_by(StageChange.id)
        )
    )


def campaign_by_public_key(key: str) -> tuple[Campaign | None, bool]:
    """The campaign at this public address, and whether it is a public one: by its link's token only when by link."""
    campaign, _former = campaign_by_slug(key)
    if campaign is not None and campaign.deleted_at is None and campaign.visibility == Visibility.PUBLIC:
        return campaign, True
    return db.session.scalar(sa.select(Campaign).where(reached_by_link(key))), False


def reached_by_link(token: str | sa.BindParameter[str]) -> sa.ColumnElement[bool]:
    """The condition that a campaign is reached by this token of its link."""
    return sa.and_(
        Campaign.link_token == token,
        Campaign.deleted_at.is_(None),
        Campaign.visibility.in_([Visibility.LINK, Visibility.PUBLIC]),
    )
