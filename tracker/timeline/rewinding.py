"""A history as it stood: what had been recorded, or what had been published, by the end of a day.

Who may read an entry is today's rule (`entries_visible_to`). Words that were redacted since are gone here too, and a
wording that only its author could read stays its author's: others meet the entry from when it got the words they know.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from tracker.accounts.models import Account
from tracker.db import Precision, db
from tracker.search_text import normalise
from tracker.timeline.models import EntryKind, Revision, Source, TimelineEntry, entry_source
from tracker.timeline.queries import HistoryFilter, asked_for, entries_visible_to, open_to

Condition = sa.ColumnElement[bool]
ENTRY = TimelineEntry.__tablename__
WORDING = ("headline", "words")
DATING = ("occurred_on", "occurred_precision")
Undone = Mapping[int, Mapping[str, str | None]]  # by record id, what a field held then if it was changed since


@dataclass(frozen=True)
class Then:
    """An entry as it read then."""

    headline: str
    words: str
    occurred_on: dt.date
    precision: Precision
    sources: list[Source] = field(default_factory=list)


def as_now(entry: TimelineEntry) -> Then:
    """The entry as it reads today."""
    return Then(entry.headline, entry.words, entry.occurred_on, entry.occurred_precision, list(entry.sources))


def as_then(entry: TimelineEntry, undone: Undone, sources: Mapping[int, list[Source]]) -> Then:
    """The entry with its later changes taken back; of a redacted one only its date and its sources of then."""
    held = undone.get(entry.id, {})
    on, precision = held.get("occurred_on"), held.get("occurred_precision")
    return Then(
        headline=held.get("headline") or entry.headline,
        words=entry.words if held.get("words") is None else str(held["words"]),
        occurred_on=dt.date.fromisoformat(on) if on else entry.occurred_on,
        precision=Precision(precision) if precision else entry.occurred_precision,
        sources=sources.get(entry.id, []),
    )


@dataclass(frozen=True)
class RecordedBy:
    """What had been recorded before a moment (product.md, "what we had recorded by")."""

    day: dt.date
    before: dt.datetime
    account: Account | None
    today: dt.date

    @property
    def shown(self) -> Condition:
        """Recorded by then and not removed yet; what was removed since is its author's, or theirs who had seen it."""
        mine = TimelineEntry.actor_id == self.account.id if self.account else sa.false()
        known = sa.or_(
            entries_visible_to(self.account, today=self.today),
            sa.and_(
                TimelineEntry.deleted_at >= self.before,
                open_to(self.account, today=self.today),
                sa.or_(mine, TimelineEntry.exposed_at.is_not(None)),
            ),
        )
        return sa.and_(TimelineEntry.recorded_at < self.before, known, ~self._put_back_since(), ~self._hidden_draft())

    def standing(self, kind: EntryKind) -> Condition:
        """Not redacted, and not told anew by then."""
        anew = sa.alias(TimelineEntry.__table__)
        told_anew = sa.select(anew.c.id).where(
            anew.c.corrects_id == TimelineEntry.id,
            anew.c.kind == kind,
            anew.c.recorded_at < self.before,
            sa.or_(anew.c.deleted_at.is_(None), anew.c.deleted_at >= self.before),
        )
        return sa.and_(TimelineEntry.redacted_at.is_(None), ~sa.exists(told_anew))

    def sources(self, entries: Sequence[TimelineEntry]) -> dict[int, list[Source]]:
        """Without those that joined later."""
        later = set(
            db.session.execute(
                sa.select(entry_source.c.entry_id, entry_source.c.source_id).where(
                    entry_source.c.entry_id.in_([entry.id for entry in entries]), entry_source.c.added_at >= self.before
                )
            )
        )
        return {
            entry.id: [source for source in entry.sources if (entry.id, source.id) not in later] for entry in entries
        }

    def undone(self, campaign_id: int) -> Undone:
        """The first change of each field since then holds what stood before it."""
        return undone_since(self.before, ENTRY, campaign_id, (*WORDING, *DATING), recorded_before=self.before)

    def dated(self, undone: Undone) -> sa.ColumnElement[Any]:
        """The column itself while no date was changed since; otherwise the dates of then, as numbers."""
        if not any("occurred_on" in held for held in undone.values()):
            return sa.type_coerce(TimelineEntry.occurred_on, sa.Date())
        changed, first = aliased(Revision), aliased(Revision)
        earliest = sa.select(sa.func.min(first.id)).where(
            *self._later(first, ("occurred_on",)), first.is_sealed.is_(False)
        )
        held = sa.select(sa.cast(sa.func.replace(changed.old_value, "-", ""), sa.Integer)).where(
            changed.id == earliest.correlate(TimelineEntry).scalar_subquery()
        )
        on = TimelineEntry.occurred_on
        now = sa.extract("year", on) * 10000 + sa.extract("month", on) * 100 + sa.extract("day", on)
        return sa.func.coalesce(held.scalar_subquery(), now)

    def _put_back_since(self) -> Condition:
        """Removed before then, and put back only later: the first change of it since then ends a removal."""
        back, first = aliased(Revision), aliased(Revision)
        earliest = sa.select(sa.func.min(first.id)).where(*self._later(first, ("deleted_at",)))
        # Two selects deep, SQLAlchemy would ask the table anew instead of meaning the entry in hand.
        return sa.exists().where(
            back.id == earliest.correlate(TimelineEntry).scalar_subquery(), back.old_value.is_not(None)
        )

    def _hidden_draft(self) -> Condition:
        """Worded otherwise then, while only who recorded it could read it, and that is somebody else."""
        draft = aliased(Revision)
        others: Condition = sa.true()
        if self.account is not None:
            others = sa.or_(draft.actor_id.is_(None), draft.actor_id != self.account.id)
        return sa.exists().where(*self._later(draft, WORDING), draft.is_sealed.is_(False), others)

    def _later(self, revision: Any, fields: tuple[str, ...]) -> tuple[Condition, ...]:
        return (
            revision.record_type == ENTRY,
            revision.record_id == TimelineEntry.id,
            revision.field.in_(fields),
            revision.recorded_at >= self.before,
        )


@dataclass(frozen=True)
class PublishedBy:
    """What a source had published by the end of a day (product.md, "what was published by").

    A source dated to a month counts once the month is over; one without a date, from when it was seen.
    """

    day: dt.date
    account: Account | None
    today: dt.date

    @property
    def shown(self) -> Condition:
        """With a source of that time."""
        cited = sa.select(entry_source.c.entry_id).join(Source, Source.id == entry_source.c.source_id)
        return sa.and_(
            entries_visible_to(self.account, today=self.today),
            TimelineEntry.id.in_(cited.where(self._published(), Source.redacted_at.is_(None))),
        )

    def standing(self, kind: EntryKind) -> Condition:
        """Not told anew by a correction whose sources were out by then, nor by one that corrects its correction."""
        later = (
            sa.select(TimelineEntry.corrects_id.label("wrong"), TimelineEntry.id.label("right"))
            .where(TimelineEntry.corrects_id.is_not(None), TimelineEntry.kind == kind)
            .cte("later", recursive=True)
        )
        anew, right = aliased(TimelineEntry), aliased(TimelineEntry)
        later = later.union(
            sa.select(later.c.wrong, anew.id).where(anew.corrects_id == later.c.right, anew.kind == kind)
        )
        cited = sa.select(entry_source.c.entry_id).join(Source, Source.id == entry_source.c.source_id)
        told_anew = TimelineEntry.id.in_(
            sa.select(later.c.wrong)
            .join(right, right.id == later.c.right)
            .where(
                right.deleted_at.is_(None), right.id.in_(cited.where(self._published(), Source.redacted_at.is_(None)))
            )
        )
        return sa.and_(TimelineEntry.redacted_at.is_(None), ~told_anew)

    def sources(self, entries: Sequence[TimelineEntry]) -> dict[int, list[Source]]:
        """Those that were out by then."""
        return {entry.id: [source for source in entry.sources if self._is_out(source)] for entry in entries}

    def undone(self, campaign_id: int) -> Undone:
        """Nothing: what a source said, it says."""
        return {}

    def dated(self, undone: Undone) -> sa.ColumnElement[Any]:
        """As it is dated now."""
        return sa.type_coerce(TimelineEntry.occurred_on, sa.Date())

    def _is_out(self, source: Source) -> bool:
        out = out_by(source.published_on, source.published_precision, source.seen_on)
        return out is not None and out <= self.day

    def _published(self) -> Condition:
        after = self.day + dt.timedelta(days=1)
        exact = sa.func.coalesce(Source.published_precision, Precision.DAY.value)
        return sa.or_(
            sa.and_(exact == Precision.DAY.value, Source.published_on < after),
            sa.and_(exact == Precision.MONTH.value, Source.published_on < after.replace(day=1)),
            sa.and_(exact == Precision.YEAR.value, Source.published_on < after.replace(month=1, day=1)),
            sa.and_(Source.published_on.is_(None), Source.seen_on < after),
        )


Past = RecordedBy | PublishedBy


def out_by(published_on: dt.date | None, precision: Precision | None, seen_on: dt.date | None) -> dt.date | None:
    """By which day a source was surely out: the last of its month or year; when it was seen, if nothing is known."""
    if published_on is None:
        return seen_on
    return last_day(published_on, precision or Precision.DAY)


def last_day(on: dt.date, precision: Precision) -> dt.date:
    """The last day that an uncertain date may mean."""
    if precision is Precision.YEAR:
        return dt.date(on.year, 12, 31)
    if precision is Precision.MONTH:
        following = dt.date(on.year + on.month // 12, on.month % 12 + 1, 1)
        return following - dt.timedelta(days=1)
    return on


def end_of(day: dt.date, zone: str) -> dt.datetime:
    """The first moment after a day in a zone."""
    after = day + dt.timedelta(days=1)
    return dt.datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


def undone_since(
    moment: dt.datetime,
    record_type: str,
    campaign_id: int,
    fields: Iterable[str],
    *,
    recorded_before: dt.datetime | None = None,
) -> Undone:
    """What the fields of a campaign's records held at a moment, where they were changed since."""
    found = sa.select(Revision.record_id, Revision.field, Revision.old_value).where(
        Revision.campaign_id == campaign_id,
        Revision.record_type == record_type,
        Revision.field.in_(list(fields)),
        Revision.recorded_at >= moment,
        Revision.is_sealed.is_(False),
    )
    if recorded_before is not None:
        there = sa.select(TimelineEntry.id).where(
            TimelineEntry.campaign_id == campaign_id, TimelineEntry.recorded_at < recorded_before
        )
        found = found.where(Revision.record_id.in_(there))
    held: dict[int, dict[str, str | None]] = {}
    for record_id, name, old in db.session.execute(found.order_by(Revision.recorded_at, Revision.id)):
        held.setdefault(record_id, {}).setdefault(name, old)
    return held


def read_then(past: Past, entries: Sequence[TimelineEntry], undone: Undone) -> dict[int, Then]:
    """Each entry as it read then, by its id."""
    sources = past.sources(entries) if entries else {}
    return {entry.id: as_then(entry, undone, sources) for entry in entries}


def rewound(campaign_id: int, past: Past, wanted: HistoryFilter, undone: Undone) -> sa.Select[TimelineEntry]:
    """The entries of a campaign as they stood, in the order of the dates they had, found by the words they had."""
    found = asked_for([campaign_id], past.shown, wanted)
    if terms := normalise(wanted.text).split():
        reworded = {key: held for key, held in undone.items() if held.keys() & set(WORDING)}
        still = [TimelineEntry.search_text.contains(term, autoescape=True) for term in terms]
        found = found.where(
            sa.or_(
                sa.and_(*still, TimelineEntry.id.not_in(list(reworded))),
                TimelineEntry.id.in_(_with_words(reworded, terms)),
            )
        )
    order = [past.dated(undone), TimelineEntry.recorded_at, TimelineEntry.id]
    return found.order_by(*(order if wanted.oldest_first else [column.desc() for column in order]))


def _with_words(reworded: Undone, terms: list[str]) -> list[int]:
    entries = db.session.scalars(sa.select(TimelineEntry).where(TimelineEntry.id.in_(list(reworded))))
    then = {entry.id: as_then(entry, reworded, {}) for entry in entries}
    return [
        key for key, read in then.items() if all(term in normalise(f"{read.headline} {read.words}") for term in terms)
    ]
