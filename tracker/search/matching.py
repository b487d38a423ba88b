"""Which documents have what was asked, and how much it weighs there; alike on both databases, by plain comparisons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from tracker.search.asking import Term, forms_of
from tracker.search.models import SearchDocument, SearchPosting

_LAST = chr(0x10FFFF)  # after every word that begins alike
Condition = sa.ColumnElement[bool]


def with_term(term: Term) -> sa.SelectBase:
    """(document_id, weight) of each place where the term is found; a document may come more than once.

    Twice the weight of the place, and one more where it stands exactly as typed.
    """
    found = [sa.select(SearchPosting.document_id, weight.label("weight")).where(*on) for weight, on in _ways(term)]
    if len(found) == 1:
        return found[0]
    return sa.union_all(*found)


def having(term: Term) -> sa.Select[Any]:
    """The ids of the documents that have the term."""
    return sa.select(with_term(term).subquery().c.document_id)


def _ways(term: Term) -> Iterator[tuple[sa.ColumnElement[int], list[Condition]]]:
    weight: sa.ColumnElement[int] = SearchPosting.weight * 2
    if term.words:
        text = sa.select(SearchDocument.text).where(SearchDocument.id == SearchPosting.document_id).scalar_subquery()
        # Words hold neither % nor _.
        yield (
            weight + 1,
            [SearchPosting.word == term.key, text.like(f"%{term.row}%")]
            if _must_look(term)
            else [SearchPosting.word == term.key],
        )
    if term.is_excluded and term.one:
        yield weight, [SearchPosting.word.in_(sorted(forms_of(term.one)))]
        return
    if term.one and not term.stems:
        yield weight + 1, [SearchPosting.word == term.one]
    for stem in term.stems:
        exact = sa.case((SearchPosting.word == term.one, 1), else_=0)
        yield weight + exact, [SearchPosting.word >= stem, SearchPosting.word < stem + _LAST]


def _must_look(term: Term) -> bool:
    return not (len(term.words) == 1 and term.words[0] == term.key) and "".join(term.words) != term.key


def weight_of(term: Term) -> sa.ScalarSelect[Any]:
    """How much the term weighs in a document that has it, looked up for each document."""
    ways = [(weight, sa.and_(*on)) for weight, on in _ways(term)]  # whichever comes first weighs more
    most = sa.func.max(sa.case(*((on, weight) for weight, on in ways)))
    here = SearchPosting.document_id == SearchDocument.id
    return (
        sa.select(most).where(here, sa.or_(*(on for _weight, on in ways))).correlate(SearchDocument).scalar_subquery()
    )


def having_all(terms: Sequence[Term]) -> sa.CTE:
    """(document_id) of the documents that have every one of the terms, once each."""
    return sa.intersect(*(having(term) for term in terms)).cte("having_all")


def hits(terms: Sequence[Term]) -> sa.Subquery:
    """(document_id, t0, t1, …): every document that has any of the terms, with the weight of each, 0 for none."""
    legs = []
    for number, term in enumerate(terms):
        leg = with_term(term).subquery()
        legs.append(sa.select(leg.c.document_id, sa.literal(number).label("term"), leg.c.weight))
    every = sa.union_all(*legs).subquery() if len(legs) > 1 else legs[0].subquery()
    columns = [
        sa.func.max(sa.case((every.c.term == number, every.c.weight), else_=0)).label(f"t{number}")
        for number in range(len(terms))
    ]
    return sa.select(every.c.document_id, *columns).group_by(every.c.document_id).subquery("hits")
