"""A search that reads every record one after another: what the index is compared with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.issues import visible_issues
from tracker.campaigns.models import Campaign, CampaignSubject, Issue, campaign_issue
from tracker.campaigns.queries import readable_campaigns
from tracker.db import db
from tracker.search.asking import Asked, Term, forms_of
from tracker.search.keeping import REGISTERED, Document
from tracker.search.marking import spans
from tracker.timeline.models import CONFIDENTIAL, TimelineEntry, entry_source
from tracker.timeline.queries import entries_visible_to

TODAY = dt.date(2026, 11, 24)


def kept_out(asked: Asked) -> Iterator[Term]:
    """What an exclusion keeps out: its words in a row, and its word in the singular and in the plural."""
    for term in asked.excluded:
        if term.words:
            yield replace(term, one="")
        if term.one:
            yield from (Term(term.typed, one=form) for form in forms_of(term.one))


def has(document: Document, term: Term) -> bool:
    texts = [document.heading, document.hidden.split(" | ")[0], *document.hidden.split(" | ")[1:]]
    return any(spans(text, [term]) for text in (*texts, *(text for _weight, text in document.fields)))


def readable_by(account: Account) -> dict[tuple[str, int], Document]:
    """Every record that this reader may read, found by reading them all."""
    campaigns = {one.id for one in db.session.scalars(readable_campaigns(account))}
    open_to_reader = sa.select(TimelineEntry).where(
        entries_visible_to(account, today=TODAY), TimelineEntry.campaign_id.in_(campaigns)
    )
    entries = {one.id for one in db.session.scalars(open_to_reader) if one.visibility not in CONFIDENTIAL}
    links = sa.select(entry_source.c.entry_id, entry_source.c.source_id)
    cited = {key for entry, key in db.session.execute(links) if entry in entries}
    issues = set(db.session.scalars(visible_issues(account).with_only_columns(Issue.id)))
    readable = {}
    for table, searched in REGISTERED.items():
        for key, document in searched.documents(db.session.scalars(searched.ids()).all()).items():
            if table == "timeline_entry":
                seen = key in entries
            elif table == "source":
                seen = key in cited
            elif table == "issue":
                seen = key in issues
            else:
                seen = document.campaign_id is None or document.campaign_id in campaigns
            if seen:
                readable[table, key] = document
    return readable


def named_from_above(term: Term) -> set[int | None]:
    """The campaigns whose own words, companies, organisations or issues have a term, whoever may read those."""
    links = {
        "campaign": (Campaign.id, Campaign.id),
        "company": (CampaignSubject.company_id, CampaignSubject.campaign_id),
        "organisation": (CampaignSubject.organisation_id, CampaignSubject.campaign_id),
        "issue": (campaign_issue.c.issue_id, campaign_issue.c.campaign_id),
    }
    found: set[int | None] = set()
    for table, (key, campaign) in links.items():
        documents = REGISTERED[table].documents(db.session.scalars(REGISTERED[table].ids()).all())
        keys = [one for one, document in documents.items() if has(document, term)]
        found.update(db.session.scalars(sa.select(campaign).where(key.in_(keys))))
    return found
