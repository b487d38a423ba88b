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
    """The condition that an entry, of a campaign this account may read, is one it may find."""
    return sa.and_(TimelineEntry.campaign_id.in_(readable(account)), found_in_its_campaign(account, today))


def found_in_its_campaign(account: Account, today: dt.date) -> sa.ColumnElement[bool]:
    """The condition that whoever may read an entry's campaign may find the entry.

    What was told in confidence is not in the index; it is left out here too, in case it became so by another way.
    """
    return sa.and_(
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


def documents_having(term: Term) -> sa.CTE:
    """(kind, record_id, campaign_id, entry_id) of the documents that have a term, looked up once however often used."""
    document = SearchDocument
    found = sa.select(document.kind, document.record_id, document.campaign_id, document.entry_id)
    return found.where(document.id.in_(having(term))).cte()


def documents_above(term: Term) -> sa.CTE:
    """The same of what stands above the entries of campaigns, which is little of all that has a common word."""
    document = SearchDocument
    found = sa.select(document.kind, document.record_id, document.campaign_id)
    return found.where(document.kind.in_([CAMPAIGN, ISSUE, *OF_EVERYBODY]), document.id.in_(having(term))).cte()


def campaigns_named_by(found: sa.CTE) -> list[sa.Select[Any]]:
    """Campaigns that a term finds by what stands above all their entries: title, letter, targets, companies, issues."""
    key, kind = found.c.record_id, found.c.kind
    return [
        sa.select(found.c.campaign_id).where(kind == CAMPAIGN),
        sa.select(CampaignSubject.campaign_id).join(found, sa.and_(kind == COMPANY, key == CampaignSubject.company_id)),
        sa.select(CampaignSubject.campaign_id).join(
            found, sa.and_(kind == ORGANISATION, key == CampaignSubject.organisation_id)
        ),
        sa.select(campaign_issue.c.campaign_id).join(found, sa.and_(kind == ISSUE, key == campaign_issue.c.issue_id)),
    ]


def campaigns_with(term: Term, account: Account, today: dt.date) -> sa.CompoundSelect[Any]:
    """The ids of campaigns in which this account finds a term anywhere, if it may read them: that is not asked here."""
    found = documents_having(term)
    asks = sa.select(found.c.campaign_id).where(found.c.kind == ASK)
    told = sa.select(TimelineEntry.campaign_id).where(
        TimelineEntry.id.in_(sa.select(found.c.entry_id).where(found.c.kind.in_(OF_ENTRIES))),
        found_in_its_campaign(account, today),
    )
    cited = (
        sa.select(TimelineEntry.campaign_id)
        .join(entry_source, entry_source.c.entry_id == TimelineEntry.id)
        .where(
            entry_source.c.source_id.in_(sa.select(found.c.record_id).where(found.c.kind == SOURCE)),
            found_in_its_campaign(account, today),
        )
    )
    return sa.union(*campaigns_named_by(found), asks, told, cited)
