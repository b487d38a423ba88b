"""What repeats a record's words: sentences composed of them, such as a vote's of its resolution's title, and rows made
of them, such as the deadline of a promise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from typing import Any

import sqlalchemy as sa

from tracker.db import Model, db
from tracker.timeline.models import EntryBacked, Revision, TimelineEntry
from tracker.timeline.queries import record_told_by

REMOVED = "Words removed"  # stands where a text may not be empty
_BEGINS, _ENDS = re.compile(r"^|[“„«\"]|: "), '”“»".;…'
_ENDED = (".”", ".“", ".»", '."')  # a quotation with a full stop of its own
SHORTEST = 8  # characters of a beginning by which words that were cut are known


@dataclass(frozen=True)
class Repetitions:
    """The words of an entry's record that others repeat, and who does."""

    phrases: tuple[str, ...] = ()
    entries: tuple[TimelineEntry, ...] = ()
    rows: tuple[Any, ...] = ()

    @classmethod
    def of(cls, entry: TimelineEntry) -> Repetitions:
        """To be asked before the entry is redacted."""
        record = record_told_by(entry)
        if record is None or not record.REPEATED:
            return cls()
        phrases = _phrases(record, is_current=record.entry_id == entry.id)
        told = db.session.scalars(_composed(record).where(TimelineEntry.id != entry.id)).all()
        rows = [
            row
            for kind in _repeating()
            for row in _with_words(
                db.session.scalars(sa.select(kind).where(kind.campaign_id == entry.campaign_id)).all(),
                kind.REPEATING,
                phrases,
            )
        ]
        return cls(phrases, tuple(_with_words(told, ("headline",), phrases)), tuple(rows))

    def strike(self) -> None:
        """Take the words out of all of them, and out of their revisions, so that what else they said then can still be
        looked back at; the rows are ours from here on."""
        for entry in self.entries:
            self._strike(entry, ("headline",))
        for row in sorted(self.rows, key=lambda one: (one.__tablename__, one.id)):
            self._strike(row, row.REPEATING)
        db.session.flush()

    def _strike(self, row: Any, names: Sequence[str]) -> None:
        for name in names:
            setattr(row, name, without(getattr(row, name), self.phrases))
        for change in _changes([row], names):
            old, new = (text and without(text, self.phrases) for text in (change.old_value, change.new_value))
            if old == new or any(phrase[:SHORTEST] in f"{old}\n{new}" for phrase in self.phrases):
                # Nothing is left of the change, or perhaps the words in another form.
                old, new, change.is_sealed = None, None, True
            change.old_value, change.new_value = old, new


def without(text: str, phrases: Iterable[str]) -> str:
    """A text without these, where it has one as a quotation, as its end after a colon, or is one: whole or cut."""
    for phrase in phrases:
        while (shorter := _without_one(text, phrase)) != text:
            text = shorter
    return text


def _without_one(text: str, phrase: str) -> str:
    for place in _BEGINS.finditer(text):
        start = place.end()
        end = start + len(commonprefix([text[start:], phrase]))  # noqa: RUF071 letters, not folders
        after = text[end : end + 1]
        is_whole = end - start == len(phrase) and (not after or after in _ENDS)
        if phrase != REMOVED and (is_whole or (after == "…" and end - start >= SHORTEST)):
            rest = text[end:].removeprefix("…")
            return text[:start] + REMOVED + (rest[1:] if rest[:2] in _ENDED else rest)
    return text


def _phrases(record: EntryBacked, *, is_current: bool) -> tuple[str, ...]:
    """All that its words ever were, the longest first; without those that stand, when it was told anew since."""
    table, number = record.__tablename__, record.id  # type: ignore[attr-defined]
    said = db.session.execute(
        sa.select(Revision.old_value, Revision.new_value).where(
            Revision.record_type == table, Revision.record_id == number, Revision.field.in_(record.REPEATED)
        )
    )
    current = {_phrase(getattr(record, name) or "") for name in record.REPEATED}
    found = {_phrase(one) for values in said for one in values if one}
    found = found | current if is_current else {one for one in found if not any(one in other for other in current)}
    return tuple(sorted(found - {""}, key=len, reverse=True))


def _phrase(words: str) -> str:
    return " ".join(words.split()).rstrip(".")


def _composed(record: EntryBacked) -> sa.Select[TimelineEntry]:
    """The entries of its campaign whose sentences are composed of its words, perhaps."""
    own = {one.entry_id for name in record.REPEATED_BY for one in getattr(record, name)}
    return (
        sa.select(TimelineEntry)
        .where(
            TimelineEntry.campaign_id == record.campaign_id,  # type: ignore[attr-defined]
            TimelineEntry.redacted_at.is_(None),
            sa.or_(
                TimelineEntry.id.in_(own),
                sa.and_(TimelineEntry.record_type == "", TimelineEntry.kind.in_(record.REPEATED_AMONG)),
            ),
        )
        .order_by(TimelineEntry.id)
    )


def _repeating() -> list[Any]:
    """The mapped classes with columns that may be made of a record's words."""
    return [one.class_ for one in Model.registry.mappers if getattr(one.class_, "REPEATING", ())]


def _with_words(rows: Sequence[Any], names: Sequence[str], phrases: Sequence[str]) -> list[Any]:
    """Those that have the words in one of these columns, or had them before a change."""
    texts = {row.id: [getattr(row, name) for name in names] for row in rows}
    for change in _changes(rows, names):
        texts[change.record_id] += [change.old_value or "", change.new_value or ""]
    return [row for row in rows if any(without(text, phrases) != text for text in texts[row.id])]


def _changes(rows: Sequence[Any], names: Sequence[str]) -> Sequence[Revision]:
    """What is known of how these columns of rows of one table were changed."""
    return db.session.scalars(
        sa.select(Revision).where(
            Revision.record_type.in_({row.__tablename__ for row in rows}),
            Revision.record_id.in_([row.id for row in rows]),
            Revision.field.in_(names),
            Revision.is_sealed.is_(False),
        )
    ).all()
