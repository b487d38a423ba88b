"""Everything that is found by words: by how much they weigh where they stand, then the latest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.db import db, dialect, one_of
from tracker.finding.seen import campaigns_named_by, documents_above, documents_seen_by
from tracker.search.asking import Asked, Term, read, written
from tracker.search.matching import having, having_all, hits, weight_of
from tracker.search.models import SearchDocument
from tracker.search.suggesting import meant_by
from tracker.timeline.models import TimelineEntry
from tracker.words import LazyString, _

SORTS: dict[str, LazyString] = {"best": _("Best match"), "newest": _("Newest first"), "oldest": _("Oldest first")}


@dataclass(frozen=True)
class Hit:
    """One document that was found."""

    kind: str
    record_type: str
    record_id: int
    score: int


@dataclass(frozen=True)
class Results:
    """One page of what was found, and how much of each kind there is."""

    asked: Asked
    instead_of: str = ""  # the query as typed, when nothing had it and one like it was asked instead
    query: str = ""
    hits: Sequence[Hit] = ()
    counts: Mapping[str, int] = None  # type: ignore[assignment]
    page: int = 1
    pages: int = 1

    @property
    def total(self) -> int:
        """Of all kinds."""
        return sum((self.counts or {}).values())


def find_documents(
    query: str, account: Account, *, today: dt.date, kind: str, sort: str, page: int, per_page: int
) -> Results:
    """What this account finds; when that is nothing, what it finds by words that may have been meant."""
    asked = read(query)
    wanted = Page(kind, sort, page, per_page)
    counts, rows = look_up(asked, account, today, wanted)
    instead_of = ""
    if asked and not counts:
        better = meant(asked, lambda one: sum(count_by_kind(one, account, today).values()))
        if better is not None:
            instead_of, query, asked = query, better, read(better)
            counts, rows = look_up(asked, account, today, wanted)
    total = counts.get(kind, 0) if kind else sum(counts.values())
    pages = max(1, -(-total // per_page))
    if page > pages:  # nobody's link leads there; the last page is shown
        page = pages
        _counts, rows = look_up(asked, account, today, replace(wanted, number=page))
    return Results(asked, instead_of, query, rows, counts, page, pages)


@dataclass(frozen=True)
class Page:
    """Which of all hits are shown."""

    kind: str  # empty: of every kind
    sort: str
    number: int
    size: int


def look_up(asked: Asked, account: Account, today: dt.date, page: Page) -> tuple[dict[str, int], list[Hit]]:
    """How much of each kind this account finds, and one page of it: all that matches is gone through once for both."""
    if not asked:
        return {}, []
    found = _matching(asked, account, today).cte("found")
    columns = found.c
    counts = sa.select(
        columns.kind, sa.null().label("record_type"), sa.null().label("record_id"), sa.func.count(), sa.literal(0)
    ).group_by(columns.kind)
    shown = sa.select(found).where(columns.kind == page.kind) if page.kind else sa.select(found)
    shown = shown.order_by(*_order(columns, page.sort)).limit(page.size).offset((page.number - 1) * page.size)
    top = shown.subquery()
    place = sa.func.row_number().over(order_by=_order(top.c, page.sort))
    hits_shown = sa.select(top.c.kind, top.c.record_type, top.c.record_id, top.c.score, place)
    both = sa.union_all(counts, hits_shown).subquery()
    kind, record_type, record_id, number, at = both.c
    rows = db.session.execute(sa.select(kind, record_type, record_id, number, at).order_by(at)).all()
    return (
        {kind: number for kind, _type, _id, number, at in rows if at == 0},
        [Hit(kind, record_type, record_id, score) for kind, record_type, record_id, score, at in rows if at],
    )


def count_by_kind(asked: Asked, account: Account, today: dt.date) -> dict[str, int]:
    """How much of each kind this account finds."""
    if not asked:
        return {}
    found = _matching(asked, account, today).subquery()
    return dict(db.session.execute(sa.select(found.c.kind, sa.func.count()).group_by(found.c.kind)).all())


def meant(asked: Asked, finds: Callable[[Asked], int]) -> str | None:
    """The query with each word that finds nothing replaced by the one that may have been meant; None for no idea."""
    instead = {}
    for term in asked.terms:
        if term.one and not term.words and not finds(Asked((term,))):
            word = meant_by(term.one, lambda one: finds(replace(read(one), excluded=())))
            if word is None:
                return None
            instead[term.typed] = word
    return written(asked, instead) if instead else None


def _matching(asked: Asked, account: Account, today: dt.date) -> sa.Select[Any]:
    """Documents with at least one of the words, whose campaign is named by the others they lack."""
    # Looked up first: of the many documents that have one common word and lack another, most are in no campaign that is
    # named by it, and need not be read to know.
    named: list[Sequence[int]] = [
        db.session.scalars(sa.union(*campaigns_named_by(documents_above(term)))).all()
        for term in (asked.terms if len(asked.terms) > 1 else ())
    ]
    documents, seen = documents_seen_by(account, today)
    # PostgreSQL groups all that has a word four times as quickly as it looks the few up.
    if len(asked.terms) > 1 and not any(named) and dialect() == "sqlite":
        matching = _with_all(asked.terms, documents, seen)
    else:
        matching = _with_any(asked.terms, named, documents, seen)
    for term in asked.excluded:
        matching = matching.where(SearchDocument.id.not_in(having(term)))
    return matching


def _found(score: sa.ColumnElement[Any]) -> sa.Select[Any]:
    document = SearchDocument
    return sa.select(document.kind, document.record_type, document.record_id, document.dated_on, score.label("score"))


def _with_all(terms: Sequence[Term], documents: sa.Join, seen: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Documents that have every one of the words: those are few of all that have one, and weighed once that is known
    (weighing first took three times as long)."""
    weights = [weight_of(term) for term in terms]
    theirs = sa.select(having_all(terms).c.document_id)
    return _found(sum(weights[1:], weights[0])).select_from(documents).where(SearchDocument.id.in_(theirs), seen)


def _with_any(
    terms: Sequence[Term], named: Sequence[Sequence[int]], documents: sa.Join, seen: sa.ColumnElement[bool]
) -> sa.Select[Any]:
    found = hits(terms)
    candidates: sa.ColumnElement[bool] = sa.true()
    weights = [found.c[f"t{number}"] for number in range(len(terms))]
    if named:
        theirs = one_of(SearchDocument.campaign_id, sorted({one for ids in named for one in ids}))
        candidates = sa.and_(*(weight > 0 for weight in weights))
        candidates = sa.or_(candidates, found.c.document_id.in_(sa.select(SearchDocument.id).where(theirs)))
    matching = (
        _found(sum(weights[1:], weights[0]))
        .select_from(documents.join(found, found.c.document_id == SearchDocument.id))
        .where(candidates, seen)
    )
    campaign = sa.func.coalesce(TimelineEntry.campaign_id, SearchDocument.campaign_id)
    for weight, ids in zip(weights, named, strict=False):
        matching = matching.where(sa.or_(weight > 0, one_of(campaign, ids)))
    return matching


def _order(found: Any, sort: str) -> list[sa.ColumnElement[Any]]:
    """Nothing is left to the database: the same rows come in the same order on either."""
    dated = found.dated_on
    by_date: list[sa.ColumnElement[Any]] = [dated.is_(None), dated.asc() if sort == "oldest" else dated.desc()]
    last: list[sa.ColumnElement[Any]] = [found.record_type, found.record_id.desc()]
    score = found.score.desc()
    return [*by_date, score, *last] if sort in ("newest", "oldest") else [score, *by_date, *last]
