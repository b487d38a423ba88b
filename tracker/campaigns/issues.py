"""What is asked of the database about issue areas, always within what the reader may see.

An issue area that nobody opened is a word on campaigns: it is there for whoever may read one that bears it.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.accounts.models import Account
from tracker.campaigns.issue_merges import IssueMerge
from tracker.campaigns.merged import standing_id
from tracker.campaigns.models import Campaign, FormerSlug, Issue, campaign_issue
from tracker.campaigns.related import readable_ids
from tracker.db import db
from tracker.search_text import normalise
from tracker.slugs import slug_of

ISSUE = Issue.__tablename__


def merged_issue_ids() -> sa.Select[int]:
    """Those that another stands for."""
    return sa.select(IssueMerge.issue_id).where(IssueMerge.undone_at.is_(None))


def visible_issues(account: Account) -> sa.Select[Issue]:
    """Every issue area there is for this reader, by name."""
    borne = sa.select(campaign_issue.c.issue_id).where(campaign_issue.c.campaign_id.in_(readable_ids(account)))
    return (
        sa.select(Issue)
        .where(
            Issue.deleted_at.is_(None),
            Issue.id.not_in(merged_issue_ids()),
            sa.or_(Issue.is_open, Issue.id.in_(borne)),
        )
        .order_by(sa.func.lower(Issue.name), Issue.id)
    )


def issue_at(slug: str) -> Issue | None:
    """The issue area that this address, a former one, or that of one merged into it leads to; also one in the bin."""
    found = db.session.scalar(sa.select(Issue).where(Issue.slug == slug))
    if found is None:
        former = sa.select(FormerSlug.record_id).where(FormerSlug.record_type == ISSUE, FormerSlug.slug == slug)
        found = db.session.scalar(sa.select(Issue).where(Issue.id.in_(former)))
    return None if found is None else standing_issue(found)


def standing_issue(issue: Issue) -> Issue:
    """The one that stands for an issue area; itself where none does."""
    seen = {issue.id}
    while True:
        merge = db.session.scalar(
            sa.select(IssueMerge).where(IssueMerge.issue_id == issue.id, IssueMerge.undone_at.is_(None))
        )
        if merge is None or merge.into_id in seen:
            return issue
        issue = merge.into
        seen.add(issue.id)


def visible_issue(slug: str, account: Account) -> Issue | None:
    """The issue area at an address, if it is there for this reader."""
    found = issue_at(slug)
    if found is None:
        return None
    return db.session.scalar(visible_issues(account).where(Issue.id == found.id))


def issue_named(name: str) -> Issue | None:
    """The issue area that this name means, now or formerly; also one in the bin."""
    slug = slug_of(name)
    return issue_at(slug) if slug else None


def issues_like(text: str, account: Account, *, limit: int = 12) -> list[Issue]:
    """Issue areas with these letters in their name; for suggestions."""
    wanted = normalise(text)
    found = db.session.scalars(visible_issues(account))
    return [issue for issue in found if wanted in normalise(issue.name)][:limit]


def campaigns_bearing(issues: Collection[Issue], account: Account | None) -> dict[int, list[int]]:
    """By issue area, the campaigns on it that the reader may read; merged ones as the one that stands for them."""
    rows = db.session.execute(
        sa.select(campaign_issue.c.issue_id, standing_id(account))
        .join(Campaign, Campaign.id == campaign_issue.c.campaign_id)
        .where(campaign_issue.c.issue_id.in_([issue.id for issue in issues]), Campaign.id.in_(readable_ids(account)))
        .order_by(campaign_issue.c.issue_id)
    )
    found: dict[int, dict[int, None]] = {issue.id: {} for issue in issues}
    for issue_id, campaign_id in rows:
        found[issue_id][campaign_id] = None
    return {issue_id: list(ids) for issue_id, ids in found.items()}


def removed_issues(account: Account) -> list[Issue]:
    """Those in the bin that the reader knew, removed last first."""
    borne = sa.select(campaign_issue.c.issue_id).where(campaign_issue.c.campaign_id.in_(readable_ids(account)))
    return list(
        db.session.scalars(
            sa.select(Issue)
            .where(Issue.deleted_at.is_not(None), sa.or_(Issue.is_open, Issue.id.in_(borne)))
            .order_by(Issue.deleted_at.desc(), Issue.id)
        )
    )


def merges_of_issue(issue: Issue) -> list[IssueMerge]:
    """What was merged into an issue area and can be taken out again, latest first."""
    return list(
        db.session.scalars(
            sa.select(IssueMerge)
            .where(IssueMerge.into_id == issue.id, IssueMerge.undone_at.is_(None))
            .options(joinedload(IssueMerge.issue))
            .order_by(IssueMerge.merged_at.desc(), IssueMerge.id.desc())
        )
    )
