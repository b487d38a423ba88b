"""What is asked of the database about statements and engagements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, selectinload

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, CampaignSubject, Target
from tracker.campaigns.queries import among
from tracker.companies.models import Company
from tracker.db import db
from tracker.engagements.models import Statement
from tracker.timeline.models import CONFIDENTIAL, EntryKind, TimelineEntry
from tracker.timeline.queries import entries_visible_to, standing


def statements(
    account: Account | None, *, today: dt.date, campaign_ids: Iterable[int] | sa.Select[int] | None = None
) -> sa.Select[Statement]:
    """Statements that stand and that this account may read, newest first, each with its entry, sources and demands.

    `campaign_ids` bounds them to campaigns the account may read; the caller knows which.
    """
    found = (
        sa.select(Statement)
        .join(Statement.entry)
        .where(entries_visible_to(account, today=today), standing(EntryKind.STATEMENT))
        .order_by(TimelineEntry.occurred_on.desc(), TimelineEntry.id.desc())
        .options(
            contains_eager(Statement.entry).selectinload(TimelineEntry.sources),
            selectinload(Statement.demands),
            selectinload(Statement.company),
        )
    )
    if campaign_ids is not None:
        found = found.where(among(Statement.campaign_id, campaign_ids))
    return found


def statements_of_company(
    company: Company, account: Account | None, *, today: dt.date, campaign_ids: Iterable[int] | sa.Select[int]
) -> sa.Select[Statement]:
    """What a company said or left unanswered, in campaigns that the account may read, newest first."""
    return statements(account, today=today, campaign_ids=campaign_ids).where(Statement.company_id == company.id)


def days_of(found: sa.Select[Statement]) -> list[tuple[int, dt.date]]:
    """The keys of these statements with the days they were made, in order: enough to count them and to turn pages."""
    bare = found.with_only_columns(Statement.id, TimelineEntry.occurred_on, maintain_column_froms=True)
    return [(number, day) for number, day in db.session.execute(bare)]


def sees_participants(entry: TimelineEntry, account: Account | None) -> bool:
    """Whether who took part may be told to somebody who may read the entry (safety.md, 9)."""
    if entry.visibility not in CONFIDENTIAL:
        return account is not None
    return account is not None and (entry.actor_id == account.id or any(r.id == account.id for r in entry.readers))


def targets_of(campaign: Campaign) -> list[Target]:
    """Who is asked, removed ones left out."""
    return list(
        db.session.scalars(
            sa.select(Target).where(Target.campaign_id == campaign.id, Target.deleted_at.is_(None)).order_by(Target.id)
        )
    )


def companies_of(campaign: Campaign) -> list[Company]:
    """The companies that a campaign asks or is about."""
    subjects = sa.select(CampaignSubject.company_id).where(CampaignSubject.campaign_id == campaign.id)
    return list(db.session.scalars(sa.select(Company).where(Company.id.in_(subjects)).order_by(Company.name)))
