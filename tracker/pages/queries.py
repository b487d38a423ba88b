"""What pages ask of several features at once, always within what the reader may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from tracker.accounts.models import Account, CampaignMember, Membership
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.merged import is_listed, listed_campaigns, standing_for, standing_id, together
from tracker.campaigns.models import Campaign, CampaignSubject, Demand, Stage, SubjectRole
from tracker.campaigns.queries import readable_campaigns
from tracker.companies.merges import parts_of
from tracker.companies.models import Company, Organisation
from tracker.db import db
from tracker.resolutions.models import Filer, Resolution, Vote
from tracker.timeline.models import EntryKind, TimelineEntry
from tracker.timeline.queries import entries_visible_to, standing

# A campaign that has not begun, or is over, does not go quiet.
LIVE = (Stage.GATHERING, Stage.DELIVERED, Stage.IN_DIALOGUE)


def readable_ids(account: Account | None) -> sa.Select[int]:
    """The campaigns whose entries this account may ask for; nobody signed in: public ones."""
    if account is None:
        return sa.select(Campaign.id).where(Campaign.deleted_at.is_(None), Campaign.visibility == "public")
    return readable_campaigns(account).with_only_columns(Campaign.id).order_by(None)


def demands_by_campaign(campaign_ids: Collection[int]) -> dict[int, list[Demand]]:
    """What each campaign asks, in its order."""
    found: dict[int, list[Demand]] = {campaign_id: [] for campaign_id in campaign_ids}
    rows = db.session.scalars(
        sa.select(Demand)
        .where(Demand.campaign_id.in_(list(campaign_ids)), Demand.deleted_at.is_(None))
        .options(joinedload(Demand.target))
        .order_by(Demand.campaign_id, Demand.position, Demand.id)
    )
    for demand in rows:
        found[demand.campaign_id].append(demand)
    return found


def asked_by_campaign(campaign_ids: Collection[int]) -> dict[int, list[Company | Organisation]]:
    """Whom each campaign asks."""
    found: dict[int, list[Company | Organisation]] = {campaign_id: [] for campaign_id in campaign_ids}
    rows = db.session.scalars(
        sa.select(CampaignSubject)
        .where(CampaignSubject.campaign_id.in_(list(campaign_ids)), CampaignSubject.role == SubjectRole.ASKED)
        .options(joinedload(CampaignSubject.company), joinedload(CampaignSubject.organisation))
        .order_by(CampaignSubject.id)
    )
    for subject in rows:
        if whom := subject.company or subject.organisation:
            found[subject.campaign_id].append(whom)
    return found


def latest_entries(
    campaign_ids: sa.Select[int] | Collection[int], account: Account | None, *, today: dt.date, limit: int
) -> Sequence[TimelineEntry]:
    """The entries recorded last that this reader may see, with campaign-independent evidence."""
    return db.session.scalars(
        sa.select(TimelineEntry)
        .where(TimelineEntry.campaign_id.in_(campaign_ids), entries_visible_to(account, today=today))
        .options(selectinload(TimelineEntry.sources), joinedload(TimelineEntry.actor))
        .order_by(TimelineEntry.recorded_at.desc(), TimelineEntry.id.desc())
        .limit(limit)
    ).all()


def campaigns_by_id(ids: Iterable[int]) -> dict[int, Campaign]:
    """The campaigns of these ids."""
    found = db.session.scalars(sa.select(Campaign).where(Campaign.id.in_(list(ids))))
    return {campaign.id: campaign for campaign in found}


def last_changes(campaign_ids: Iterable[int], account: Account | None, *, today: dt.date) -> dict[int, dt.datetime]:
    """When something this reader may see was last recorded in each campaign."""
    rows = db.session.execute(
        sa.select(TimelineEntry.campaign_id, sa.func.max(TimelineEntry.recorded_at))
        .where(TimelineEntry.campaign_id.in_(list(campaign_ids)), entries_visible_to(account, today=today))
        .group_by(TimelineEntry.campaign_id)
    )
    return {row[0]: row[1] for row in rows}


def last_changes_together(
    campaign_ids: Collection[int], account: Account | None, *, today: dt.date
) -> dict[int, dt.datetime]:
    """The same, with what was merged into each and this reader may read."""
    standing = together(campaign_ids, account)
    last: dict[int, dt.datetime] = {}
    for campaign_id, moment in last_changes(standing, account, today=today).items():
        last[standing[campaign_id]] = max(moment, last.get(standing[campaign_id], moment))
    return last


def campaigns_standing(ids: Iterable[int], account: Account | None) -> dict[int, Campaign]:
    """By the id of a campaign, the one that stands for it, as this reader sees it; itself where none does."""
    standing = standing_for(ids, account)
    found = campaigns_by_id(set(standing.values()))
    return {campaign_id: found[into] for campaign_id, into in standing.items()}


def due_for(account: Account, *, until: dt.date) -> list[Deadline]:
    """What is due by a day, or overdue, and this account's: what it owns first, then nobody's where it works."""
    works_on = sa.select(CampaignMember.campaign_id).where(
        CampaignMember.account_id == account.id,
        CampaignMember.membership.in_([Membership.LEAD, Membership.EDITOR]),
    )
    return list(
        db.session.scalars(
            sa.select(Deadline)
            .join(Deadline.campaign)
            .where(
                Deadline.deleted_at.is_(None),
                Deadline.done_at.is_(None),
                Deadline.due_on <= until,
                Deadline.campaign_id.in_(readable_ids(account)),
                sa.or_(
                    Deadline.owner_id == account.id,
                    sa.and_(Deadline.owner_id.is_(None), Deadline.campaign_id.in_(works_on)),
                ),
            )
            .options(contains_eager(Deadline.campaign))
            .order_by(Deadline.owner_id.is_(None), Deadline.due_on, Deadline.id)
        )
    )


@dataclass(frozen=True)
class Quiet:
    """A live campaign in which nothing was recorded for long."""

    campaign: Campaign
    since: dt.datetime


def gone_quiet(account: Account, *, before: dt.datetime, today: dt.date) -> list[Quiet]:
    """The live campaigns this account leads or edits in which it could read nothing new since a moment."""
    mine = sa.select(CampaignMember.campaign_id).where(
        CampaignMember.account_id == account.id,
        CampaignMember.membership.in_([Membership.LEAD, Membership.EDITOR]),
    )
    campaigns = db.session.scalars(
        listed_campaigns(account).where(Campaign.id.in_(mine), Campaign.stage.in_(LIVE))
    ).all()
    last = last_changes_together([campaign.id for campaign in campaigns], account, today=today)
    quiet = [Quiet(campaign, last.get(campaign.id, campaign.created_at)) for campaign in campaigns]
    return sorted((one for one in quiet if one.since < before), key=lambda one: one.since)


def latest_told(
    campaign_ids: Collection[int], account: Account | None, *, today: dt.date, limit: int, offset: int = 0
) -> Sequence[TimelineEntry]:
    """What happened last, as far as this reader may see it: by when it happened, not by when it was recorded."""
    return db.session.scalars(
        sa.select(TimelineEntry)
        .where(TimelineEntry.campaign_id.in_(campaign_ids), entries_visible_to(account, today=today))
        .options(selectinload(TimelineEntry.sources), joinedload(TimelineEntry.actor))
        .order_by(TimelineEntry.occurred_on.desc(), TimelineEntry.recorded_at.desc(), TimelineEntry.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def recorded_in(campaign_ids: Collection[int], account: Account | None, *, today: dt.date) -> int:
    """How many entries of these campaigns this reader may read."""
    condition = sa.and_(TimelineEntry.campaign_id.in_(campaign_ids), entries_visible_to(account, today=today))
    return db.session.scalar(sa.select(sa.func.count()).select_from(TimelineEntry).where(condition)) or 0


def campaigns_naming(
    whom: Company | Organisation, role: SubjectRole, account: Account | None, *, limit: int | None = None
) -> Sequence[Campaign]:
    """The campaigns this account may read in which a company or organisation has this part, begun last first; only so
    many of them if a number is given."""
    return db.session.scalars(
        sa.select(Campaign)
        .where(Campaign.id.in_(_naming(whom, role, account)))
        .order_by(Campaign.began_on.desc(), Campaign.id.desc())
        .limit(limit)
    ).all()


def number_naming(whom: Company | Organisation, role: SubjectRole, account: Account | None) -> int:
    """How many these are."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(_naming(whom, role, account).subquery())) or 0


def _naming(whom: Company | Organisation, role: SubjectRole, account: Account | None) -> sa.Select[int]:
    """The ids of these, one that was merged as the one that stands for it."""
    column = CampaignSubject.company_id if isinstance(whom, Company) else CampaignSubject.organisation_id
    named = sa.select(CampaignSubject.campaign_id).where(column == whom.id, CampaignSubject.role == role)
    return readable_ids(account).with_only_columns(standing_id(account)).where(Campaign.id.in_(named)).distinct()


def public_campaigns() -> Sequence[Campaign]:
    """Those that everybody may read, newest first."""
    return db.session.scalars(
        sa.select(Campaign)
        .where(Campaign.deleted_at.is_(None), Campaign.visibility == "public", is_listed(None))
        .order_by(Campaign.created_at.desc(), Campaign.id.desc())
        .limit(200)
    ).all()


def campaigns_per_company(ids: Collection[int], account: Account | None) -> dict[int, tuple[int, int]]:
    """By company, how many campaigns that this reader may read ask it, and how many are about it."""
    rows = db.session.execute(
        sa.select(CampaignSubject.company_id, CampaignSubject.role, sa.func.count(sa.distinct(standing_id(account))))
        .join(CampaignSubject.campaign)
        .where(CampaignSubject.company_id.in_(list(ids)), CampaignSubject.campaign_id.in_(readable_ids(account)))
        .group_by(CampaignSubject.company_id, CampaignSubject.role)
    )
    found = {(company, role): count for company, role, count in rows}
    return {i: (found.get((i, SubjectRole.ASKED), 0), found.get((i, SubjectRole.ABOUT), 0)) for i in ids}


def votes_in(campaign_ids: Collection[int], visible: sa.ColumnElement[bool]) -> Sequence[Vote]:
    """The votes of these campaigns' resolutions that stand, with their percentages, earliest first."""
    mine = sa.select(Resolution.id).where(Resolution.campaign_id.in_(campaign_ids), Resolution.deleted_at.is_(None))
    return db.session.scalars(
        sa.select(Vote)
        .join(Vote.entry)
        .where(Vote.resolution_id.in_(mine), standing(EntryKind.VOTE), visible)
        .options(selectinload(Vote.percentages))
        .order_by(TimelineEntry.occurred_on, Vote.id)
    ).all()


def filings_of(organisation: Organisation, account: Account | None, *, today: dt.date) -> Sequence[Filer]:
    """The resolutions that an organisation filed or co-filed, where this reader may read of the filing."""
    return db.session.scalars(
        sa.select(Filer)
        .join(Filer.resolution)
        .join(Resolution.entry)
        .where(
            entries_visible_to(account, today=today),
            Filer.organisation_id.in_(parts_of(organisation)),
            Filer.deleted_at.is_(None),
            Resolution.deleted_at.is_(None),
            Resolution.campaign_id.in_(readable_ids(account)),
        )
        .options(contains_eager(Filer.resolution).joinedload(Resolution.company))
        .order_by(Resolution.meeting_on.desc(), Filer.id)
    ).all()
