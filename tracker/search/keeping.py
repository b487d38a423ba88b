"""Keeping the index true: what a transaction touches is indexed before it commits, and stands or falls with it.

A feature registers a table with the ids that are found and a function from ids to documents. Rows whose words are found
with another record's name the foreign keys to it in `FOUND_WITH`. Changes that bypass the session (`sa.update`) are not
seen: `touch` them by hand.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from tracker.db import Model, db, insert_missing
from tracker.search.models import SearchDocument, SearchPosting, SearchWord
from tracker.search.words import in_a_row, keys_of, words_in

NAME, SENTENCE, WORDS, ASIDE = 4, 3, 2, 1  # how much a word weighs by where it stands
MORE = " | "
BATCH = 500
_TOUCHED = "search_touched"
# The tables, not the models: many rows in one statement, and nothing for the session to remember.
_DOCUMENTS, _POSTINGS = (Model.metadata.tables[model.__tablename__] for model in (SearchDocument, SearchPosting))
_Key = TypeVar("_Key", str, tuple[str, int])


@dataclass(frozen=True)
class Document:
    """One record as it is found. `heading` and `fields` (weight, words as read) may be shown to whoever may see it."""

    kind: str
    heading: str
    weight: int = NAME
    fields: Sequence[tuple[int, str]] = ()
    hidden: str = ""  # finds it, but is not shown: other names of its kind
    campaign_id: int | None = None
    entry_id: int | None = None
    dated_on: Any = None


@dataclass(frozen=True)
class Searched:
    """A table whose rows are found: which of them, and how."""

    table: str
    ids: Callable[[], sa.Select[int]]
    documents: Callable[[Collection[int]], Mapping[int, Document]]


REGISTERED: dict[str, Searched] = {}


def register(
    model: type[Model],
    *,
    ids: Callable[[], sa.Select[int]],
    documents: Callable[[Collection[int]], Mapping[int, Document]],
) -> None:
    """Let rows of a model be found. Said once, at import."""
    REGISTERED[model.__tablename__] = Searched(model.__tablename__, ids, documents)


def touch(table: str, ids: Iterable[int]) -> None:
    """Look at these rows again before the transaction commits."""
    db.session().info.setdefault(_TOUCHED, set()).update((table, one) for one in ids)


@event.listens_for(db.session, "after_flush")
def _note(session: Session, _context: Any) -> None:
    touched: set[tuple[str, int]] = session.info.setdefault(_TOUCHED, set())
    for row in (*session.new, *session.dirty, *session.deleted):
        state: Any = sa.inspect(row)
        table = state.mapper.local_table
        if table.name in REGISTERED:
            touched.add((table.name, state.mapper.primary_key_from_instance(row)[0]))
        for name in getattr(row, "FOUND_WITH", ()):
            owner = next(iter(table.columns[name].foreign_keys)).column.table.name
            history = state.attrs[name].history
            touched.update((owner, key) for key in (*history.sum(), *history.deleted) if key is not None)


@event.listens_for(db.session, "before_commit")
def _keep(session: Session) -> None:
    session.flush()
    if touched := session.info.pop(_TOUCHED, None):
        keep(touched)


@event.listens_for(db.session, "after_soft_rollback")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_TOUCHED, None)


def keep(rows: Iterable[tuple[str, int]]) -> int:
    """Make the documents of these rows, (table, id), say what the rows say, or go with them.

    Returns how many were not true. Few statements, whatever the tables: most transactions touch some of several.
    """
    changed, new, old = 0, set[str](), set[str]()
    for some in _batches(rows):
        count, came, went = _keep_some(some)
        changed, new, old = changed + count, new | came, old | went
    # All at once and in order: writers that insert in different orders deadlock on PostgreSQL.
    insert_missing(SearchWord, [{"word": word, "length": len(word)} for word in sorted(new)])
    _forget_words(old - new)
    return changed


def _keep_some(rows: Sequence[tuple[str, int]]) -> tuple[int, set[str], set[str]]:
    # Locked before looking at the rows: whoever comes second must see what the first wrote.
    known = _known(rows, for_update=True)
    made = _made(rows)
    true = {key for key, (_number, mark) in known.items() if key in made and made[key].mark == mark}
    went = _remove([number for key, (number, _mark) in known.items() if key not in true])
    fresh = {key: row for key, row in made.items() if key not in true}
    _insert(fresh)
    return len(fresh.keys() | (known.keys() - true)), {word for row in fresh.values() for word in row.weights}, went


def _by_table(rows: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    ids: dict[str, list[int]] = defaultdict(list)
    for table, key in rows:
        ids[table].append(key)
    return ids


def _of(rows: Iterable[tuple[str, int]]) -> sa.ColumnElement[bool]:
    """The condition that a document is of one of these rows."""
    return sa.or_(
        *(
            sa.and_(SearchDocument.record_type == table, SearchDocument.record_id.in_(ids))
            for table, ids in _by_table(rows).items()
        )
    )


def _known(rows: Sequence[tuple[str, int]], *, for_update: bool = False) -> dict[tuple[str, int], tuple[int, str]]:
    """The number and fingerprint of the documents that these rows have."""
    found = (
        sa.select(SearchDocument.record_type, SearchDocument.record_id, SearchDocument.id, SearchDocument.fingerprint)
        .where(_of(rows))
        .order_by(SearchDocument.record_type, SearchDocument.record_id)
    )
    if for_update:
        found = found.with_for_update()
    return {(table, key): (number, mark) for table, key, number, mark in db.session.execute(found)}


def _made(rows: Iterable[tuple[str, int]]) -> dict[tuple[str, int], _Row]:
    """The documents that these rows should have."""
    return {
        (table, key): _row(table, key, document)
        for table, ids in _by_table(rows).items()
        for key, document in REGISTERED[table].documents(ids).items()
    }


def _remove(numbers: Sequence[int]) -> set[str]:
    """Take documents out; the words they had."""
    if not numbers:
        return set()
    words = sa.select(SearchPosting.word).where(SearchPosting.document_id.in_(numbers)).distinct()
    went = set(db.session.scalars(words))
    db.session.execute(sa.delete(SearchPosting).where(SearchPosting.document_id.in_(numbers)))
    db.session.execute(sa.delete(SearchDocument).where(SearchDocument.id.in_(numbers)))
    return went


@dataclass(frozen=True)
class _Row:
    columns: dict[str, Any]
    weights: dict[str, int]
    mark: str


def _row(table: str, key: int, document: Document) -> _Row:
    weights: dict[str, int] = {}
    texts = []
    parts = [(document.weight, document.heading), *document.fields, (ASIDE, document.hidden)]
    for weight, text in parts:
        if words := words_in(text):
            texts.append(in_a_row(words))
            for word in keys_of(words):
                weights[word] = max(weight, weights.get(word, 0))
    columns = {
        "record_type": table,
        "record_id": key,
        "kind": document.kind,
        "campaign_id": document.campaign_id,
        "entry_id": document.entry_id,
        "dated_on": document.dated_on,
        "text": f" {MORE.join(texts)} ",
    }
    told = repr((sorted(columns.items(), key=lambda pair: pair[0]), sorted(weights.items())))
    mark = hashlib.sha256(told.encode()).hexdigest()[:32]
    return _Row({**columns, "fingerprint": mark}, weights, mark)


def _batches(some: Iterable[_Key]) -> Iterator[list[_Key]]:
    ordered = sorted(some)
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]


def _insert(rows: Mapping[tuple[str, int], _Row]) -> None:
    if not rows:
        return
    db.session.execute(sa.insert(_DOCUMENTS), [row.columns for row in rows.values()])
    postings = [
        {"word": word, "document_id": number, "weight": weight}
        for key, (number, _mark) in _known(list(rows)).items()
        for word, weight in rows[key].weights.items()
    ]
    if postings:
        db.session.execute(sa.insert(_POSTINGS), postings)


def _forget_words(words: Collection[str]) -> None:
    """Those that no document has any longer: what was destroyed is not kept as a word that people use."""
    for some in _batches(words):
        used = sa.select(SearchPosting.word).where(SearchPosting.word == SearchWord.word)
        db.session.execute(sa.delete(SearchWord).where(SearchWord.word.in_(some), ~used.exists()))


def take_out(which: sa.ColumnElement[bool], most: int) -> int:
    """Take up to so many documents out, with the words that nothing else says; for rows that go past the session."""
    numbers = list(
        db.session.scalars(sa.select(SearchDocument.id).where(which).order_by(SearchDocument.id).limit(most))
    )
    _forget_words(_remove(numbers))
    return len(numbers)


def stale(rows: Sequence[tuple[str, int]]) -> int:
    """How many of these rows the index tells wrongly of."""
    known, made = _known(rows), _made(rows)
    return sum(
        (known[key][1] if key in known else None) != (made[key].mark if key in made else None)
        for key in known.keys() | made.keys()
    )
