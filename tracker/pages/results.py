"""What was found, as a page shows it: the record it is, where it belongs, and the words that were asked for in it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import selectinload

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, Demand, Issue
from tracker.campaigns.searching import ASK, CAMPAIGN, ISSUE
from tracker.companies.models import Company, Organisation
from tracker.companies.searching import COMPANY, ORGANISATION
from tracker.db import db
from tracker.finding.documents import Hit
from tracker.finding.seen import told_openly
from tracker.search.asking import Asked
from tracker.search.keeping import REGISTERED, Document
from tracker.search.marking import Piece, excerpt, marked, spans
from tracker.timeline.models import EntryVisibility, Source, TimelineEntry, entry_source
from tracker.timeline.queries import corrections_of, entries_visible_to
from tracker.timeline.searching import ENTRY, RESOLUTION, SOURCE, STATEMENT
from tracker.words import LazyString, _

# What each kind is called, one and several, and its mark.
KINDS: dict[str, tuple[LazyString, LazyString, str]] = {
    CAMPAIGN: (_("Campaign"), _("Campaigns"), "megaphone"),
    ASK: (_("Ask"), _("Asks"), "flag"),
    STATEMENT: (_("Statement"), _("Statements"), "chat-quote"),
    RESOLUTION: (_("Resolution"), _("Resolutions"), "journal-text"),
    ENTRY: (_("Entry"), _("History"), "clock-history"),
    SOURCE: (_("Source"), _("Sources"), "link-45deg"),
    COMPANY: (_("Company"), _("Companies"), "building"),
    ORGANISATION: (_("Organisation"), _("Organisations"), "people"),
    ISSUE: (_("Issue"), _("Issues"), "tag"),
}


@dataclass(frozen=True)
class Result:
    """One line of the results."""

    kind: str
    url: str
    heading: Sequence[Piece]
    excerpt: Sequence[Piece]
    campaign: Campaign | None = None
    date: dt.date | None = None
    precision: str | None = None
    visibility: EntryVisibility | None = None
    is_corrected: bool = False


@dataclass
class _Shelf:
    """The records behind the hits of one page."""

    documents: Mapping[tuple[str, int], Document]
    rows: Mapping[tuple[str, int], Any]
    campaigns: Mapping[int, Campaign]
    citing: Mapping[int, TimelineEntry]  # by source
    corrected: Collection[int]


def results(hits: Sequence[Hit], asked: Asked, account: Account, *, today: dt.date) -> list[Result]:
    """The lines of these hits, in their order, in a fixed number of queries."""
    shelf = _shelf(hits, account, today)
    shown = []
    for hit in hits:
        key = (hit.record_type, hit.record_id)
        if key in shelf.documents and key in shelf.rows:  # gone since it was found
            shown.append(_result(hit, shelf, asked))
    return shown


_MODELS: tuple[type[Any], ...] = (Campaign, Demand, TimelineEntry, Source, Company, Organisation, Issue)


def _shelf(hits: Sequence[Hit], account: Account, today: dt.date) -> _Shelf:
    ids: dict[str, list[int]] = defaultdict(list)
    for hit in hits:
        ids[hit.record_type].append(hit.record_id)
    documents: dict[tuple[str, int], Document] = {}
    rows: dict[tuple[str, int], Any] = {}
    for model in _MODELS:
        table = model.__tablename__
        if some := ids.get(table):
            documents |= {(table, key): one for key, one in REGISTERED[table].documents(some).items()}
            rows |= {(table, row.id): row for row in db.session.scalars(sa.select(model).where(model.id.in_(some)))}
    entries = [row for row in rows.values() if isinstance(row, TimelineEntry)]
    citing = _citing(ids.get(Source.__tablename__, []), account, today)
    campaign_ids = {document.campaign_id for document in documents.values()} | {
        entry.campaign_id for entry in (*entries, *citing.values())
    }
    found = db.session.scalars(sa.select(Campaign).where(Campaign.id.in_(campaign_ids)))
    return _Shelf(
        documents=documents,
        rows=rows,
        campaigns={one.id: one for one in found},
        citing=citing,
        corrected=corrections_of(entries, entries_visible_to(account, today=today)).keys(),
    )


def _citing(ids: Sequence[int], account: Account, today: dt.date) -> dict[int, TimelineEntry]:
    """The latest entry that cites each source and that this reader may read: sources have no page of their own."""
    if not ids:
        return {}
    found = (
        sa.select(entry_source.c.source_id, TimelineEntry)
        .join(TimelineEntry, TimelineEntry.id == entry_source.c.entry_id)
        .where(entry_source.c.source_id.in_(ids), told_openly(account, today))
        .order_by(TimelineEntry.occurred_on, TimelineEntry.id)
        .options(selectinload(TimelineEntry.sources))
    )
    return dict(db.session.execute(found).all())


def _result(hit: Hit, shelf: _Shelf, asked: Asked) -> Result:
    key = (hit.record_type, hit.record_id)
    row, document = shelf.rows[key], shelf.documents[key]
    entry = shelf.citing.get(row.id) if isinstance(row, Source) else row if isinstance(row, TimelineEntry) else None
    campaign = shelf.campaigns.get(entry.campaign_id if entry else document.campaign_id or 0)
    facts: dict[str, Any] = {"date": document.dated_on}
    if isinstance(row, TimelineEntry):
        facts["precision"] = row.occurred_precision
        facts["visibility"] = row.visibility if row.visibility is not EntryVisibility.PUBLIC else None
        facts["is_corrected"] = row.id in shelf.corrected
    elif isinstance(row, Source):
        facts["precision"] = row.published_precision
    elif isinstance(row, Campaign):
        facts["precision"] = row.began_precision
    return Result(
        kind=hit.kind,
        url=_url(row, campaign, entry),
        heading=marked(document.heading, asked.terms),
        excerpt=_excerpt(document, asked),
        campaign=campaign,
        **facts,
    )


def _excerpt(document: Document, asked: Asked) -> list[Piece]:
    """The part with most of what was asked for; the first when none has any of it; nothing that the heading says."""
    texts = [text for _weight, text in document.fields if text and text != document.heading]
    if not texts:
        return []
    best = max(texts, key=lambda text: len({number for *_where, number in spans(text, asked.terms)}))
    return excerpt(best, asked.terms)


def _url(row: Any, campaign: Campaign | None, entry: TimelineEntry | None) -> str:
    if isinstance(row, Company):
        return url_for("pages.company", slug=row.slug)
    if isinstance(row, Organisation):
        return url_for("companies.organisation", slug=row.slug)
    if isinstance(row, Issue):
        return url_for("pages.issue", slug=row.slug)
    assert campaign is not None
    if entry is not None:
        return url_for("timeline.show", slug=campaign.slug, public_id=entry.public_id)
    if isinstance(row, Demand):
        return url_for("outcomes.show", slug=campaign.slug, public_id=row.public_id)
    return url_for("pages.campaign", slug=campaign.slug)
