"""Which documents of the index a reader may find: those whose record they may read, and no other, not even counted."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.issues import visible_issues
from tracker.campaigns.models import Campaign, CampaignSubject, Issue, campaign_issue
from tracker.campaigns.queries import readable_campaigns
from tracker.campaigns.searching import ASK, CAMPAIGN, ISSUE
from tracker.companies.searching import COMPANY, ORGANISATION
from tracker.search.asking import Term
from tracker.search.matching import having
from tracker.search.models import SearchDocument
from tracker.timeline.models import CONFIDENTIAL, TimelineEntry, entry_source
from tracker.timeline.queries import entries_visible_to
from tracker.timeline.searching import ENTRY, RESOLUTION, SOURCE, STATEMENT

# As the tabs of the results stand.
KINDS = (CAMPAIGN, ASK, STATEMENT, RESOLUTION, ENTRY, SOURCE, COMPANY, ORGANISATION, ISSUE)
OF_ENTRIES = (STATEMENT, RESOLUTION, ENTRY)
OF_EVERYBODY = (COMPANY, ORGANISATION)  # whoever is signed in; their pages are


def readable(account: Account) -> sa.Select[int]:
    """The ids of the campaigns this account may read."""
    return readable_campaigns(account).with_only_columns(Campaign.id)


def told_openly(account: Account, today: dt.date) -> sa.ColumnElement[bool]:
    """The condition that an entry, of a campaign this account may read, is one it may find.

    What was told in confidence is not in the index; it is left out here too, in case it became so by another way.
    """
    return sa.and_(
        TimelineEntry.campaign_id.in_(readable(account)),
        TimelineEntry.redacted_at.is_(None),
        TimelineEntry.visibility.not_in(CONFIDENTIAL),
        entries_visible_to(account, today=today),
    )


def documents_seen_by(account: Account, today: dt.date) -> tuple[sa.Join, sa.ColumnElement[bool]]:
    """The documents with the entries they tell of, and the condition that this account may find them.

    An entry's campaign is asked of the entry itself, not of the index.
    """
    documents = sa.join(
        SearchDocument.__table__, TimelineEntry.__table__, SearchDocument.entry_id == TimelineEntry.id, isouter=True
    )
    cited = (
        sa.select(sa.literal(1))
        .select_from(entry_source.join(TimelineEntry.__table__, entry_source.c.entry_id == TimelineEntry.id))
        .where(entry_source.c.source_id == SearchDocument.record_id, told_openly(account, today))
        .correlate(SearchDocument.__table__)
        .exists()
    )
    kind = SearchDocument.kind
    issues = visible_issues(account).with_only_columns(Issue.id).order_by(None)
    condition = sa.or_(
        kind.in_(OF_EVERYBODY),
        sa.and_(kind == ISSUE, SearchDocument.record_id.in_(issues)),
        sa.and_(kind.in_([CAMPAIGN, ASK]), SearchDocument.campaign_id.in_(readable(account))),
        sa.and_(kind.in_(OF_ENTRIES), TimelineEntry.id.is_not(None), told_openly(account, today)),
        sa.and_(kind == SOURCE, cited),
    )
    return documents, condition


def campaigns_named_by(term: Term) -> list[sa.Select[Any]]:
    """Campaigns that a term finds by what stands above all their entries: title, letter, targets, companies, issues."""
    found = sa.select(SearchDocument.kind, SearchDocument.record_id, SearchDocument.campaign_id).where(
        SearchDocument.id.in_(having(term)), SearchDocument.kind.in_([CAMPAIGN, ISSUE, *OF_EVERYBODY])
    )
    named = found.subquery()
    key, kind = named.c.record_id, named.c.kind
    return [
        sa.select(named.c.campaign_id).where(kind == CAMPAIGN),
        sa.select(CampaignSubject.campaign_id).join(named, sa.and_(kind == COMPANY, key == CampaignSubject.company_id)),
        sa.select(CampaignSubject.campaign_id).join(
            named, sa.and_(kind == ORGANISATION, key == CampaignSubject.organisation_id)
        ),
        sa.select(campaign_issue.c.campaign_id).join(named, sa.and_(kind == ISSUE, key == campaign_issue.c.issue_id)),
    ]


def campaigns_with(term: Term, account: Account, today: dt.date) -> sa.CompoundSelect[Any]:
    """The ids of campaigns in which this account finds a term anywhere; of campaigns it may not read, some too."""
    documents, seen = documents_seen_by(account, today)
    within = (
        sa.select(sa.func.coalesce(TimelineEntry.campaign_id, SearchDocument.campaign_id))
        .select_from(documents)
        .where(SearchDocument.id.in_(having(term)), SearchDocument.kind.in_([ASK, *OF_ENTRIES]), seen)
    )
    cited = (
        sa.select(TimelineEntry.campaign_id)
        .join(entry_source, entry_source.c.entry_id == TimelineEntry.id)
        .join(SearchDocument, SearchDocument.record_id == entry_source.c.source_id)
        .where(SearchDocument.kind == SOURCE, SearchDocument.id.in_(having(term)), told_openly(account, today))
    )
    return sa.union(*campaigns_named_by(term), within, cited)
