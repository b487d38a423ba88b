"""A history counted once for all its filters, and read a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.db import db
from tracker.timeline.models import EntryKind, EntryVisibility, TimelineEntry
from tracker.timeline.queries import HistoryFilter, in_order, with_evidence


@dataclass(frozen=True)
class Tally:
    """How many entries there are of each kind, visibility and recorder: a history counted once for all its filters."""

    rows: Sequence[tuple[EntryKind, EntryVisibility, int | None, int]]

    @property
    def kinds(self) -> dict[EntryKind, int]:
        """By kind, in their own order; those of which there are none are left out."""
        return {one: number for one in EntryKind if (number := sum(row[3] for row in self.rows if row[0] is one))}

    @property
    def visibilities(self) -> dict[EntryVisibility, int]:
        """By who may read them, widest first."""
        return {one: number for one in EntryVisibility if (number := sum(row[3] for row in self.rows if row[1] is one))}

    @property
    def actor_ids(self) -> set[int]:
        """Who recorded any."""
        return {actor for _kind, _visibility, actor, _number in self.rows if actor is not None}

    def number(self, wanted: HistoryFilter, actor_id: int | None = None) -> int:
        """How many of them somebody asks for, whatever their words; `actor_id` belongs to `wanted.actor`."""
        return sum(
            number
            for kind, visibility, actor, number in self.rows
            if (not wanted.kinds or kind in wanted.kinds)
            and (not wanted.visibilities or visibility in wanted.visibilities)
            and (not wanted.actor or (actor is not None and actor == actor_id))
        )


def tally_of(campaign_ids: Collection[int], seen: sa.ColumnElement[bool]) -> Tally:
    """The entries of campaigns that are `seen`, counted; what may not be read is not counted."""
    columns = (TimelineEntry.kind, TimelineEntry.visibility, TimelineEntry.actor_id)
    rows = db.session.execute(
        sa.select(*columns, sa.func.count()).where(TimelineEntry.campaign_id.in_(campaign_ids), seen).group_by(*columns)
    )
    return Tally([(kind, visibility, actor, number) for kind, visibility, actor, number in rows])


def accounts_of(ids: Collection[int]) -> list[Account]:
    """The accounts of these ids, by name."""
    return list(db.session.scalars(sa.select(Account).where(Account.id.in_(ids)).order_by(Account.name)))


def page_of_history(
    found: sa.Select[TimelineEntry], *, oldest_first: bool, total: int, start: int, size: int
) -> list[TimelineEntry]:
    """So many entries of a history from a place on, with their evidence.

    Their keys are found in the index first, beyond the middle from its end: what lies before them is never read.
    """
    size = max(0, min(size, total - start))
    from_the_end = start > total // 2
    if from_the_end:
        start = total - start - size
    keys = found.with_only_columns(TimelineEntry.id).order_by(None)
    ordered = keys.order_by(*in_order(oldest_first=oldest_first != from_the_end))
    ids = list(db.session.scalars(ordered.limit(size).offset(start)))
    entries = with_evidence(sa.select(TimelineEntry).where(TimelineEntry.id.in_(ids)))
    by_id = {entry.id: entry for entry in db.session.scalars(entries)}
    return [by_id[number] for number in (reversed(ids) if from_the_end else ids)]
