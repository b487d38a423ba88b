"""Readers whose turn has come, with all that decides the words of each, asked for all of them at once (ADR 29)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from tracker.campaigns.merged import standing_for
from tracker.digests.addressees import Addressee
from tracker.digests.models import Subscriber
from tracker.digests.movements import Movement, moved_for
from tracker.digests.numbers import as_told, team_of
from tracker.digests.periods import Schedule, next_period
from tracker.digests.queries import latest_due
from tracker.digests.readers import Reader, alike, readers_of
from tracker.digests.selecting import Tellable, tellable
from tracker.digests.surroundings import own_deadlines


@dataclass(frozen=True)
class Turn:
    """A reader whose turn has come, with all that decides what they are told."""

    reader: Reader
    due_at: dt.datetime
    told: Sequence[Tellable]
    last: dt.datetime | None  # when their last digest fell due
    next_on: dt.date
    moved: Mapping[int, Movement]  # as they may know of it, by the campaign that stands for others
    deadlines: frozenset[int]  # their own

    @property
    def words(self) -> Hashable:
        """Alike to all who read the same words: the news, who may read what, the calendar on which it is told."""
        of = self.reader.subscriber
        return (
            self.reader.follows,
            self.reader.neutral,
            self.reader.is_neutral_anywhere,
            (of.neutral_subject, of.locale, of.zone, of.account_id is None),
            self.due_at,
            self.last,
            self.next_on,
            tuple((one.entry.id, one.entry.version, one.is_history) for one in self.told),
            frozenset(self.moved.items()),
            self.deadlines,
        )


def turns(
    subscribers: Sequence[Subscriber | Addressee], *, due_at: Mapping[int, dt.datetime], now: dt.datetime
) -> list[Turn]:
    """What decides the words of each, asked for all of them at once; in their order. Moments by subscriber."""
    readers = readers_of(subscribers, today=now.date())
    told = tellable(readers, due_at=due_at, now=now)
    last: dict[int, dt.datetime] = {}
    for moment in set(due_at.values()):
        last |= latest_due([one.id for one in readers if due_at[one.id] == moment], before=moment)
    heard = [one for one in readers if told[one.id]]
    moved = moved_for(heard, last=last, due_at=due_at)
    owned = own_deadlines(heard)
    standing = {
        group[0].follows: standing_for(group[0].since, group[0].account)
        for group in alike(heard, lambda one: one.follows)
    }
    coming: dict[tuple[Schedule, dt.datetime], dt.date] = {}  # many have the same
    found = []
    for one in readers:
        of = one.subscriber
        schedule, due = Schedule.of(of), due_at[one.id]
        if (schedule, due) not in coming:
            coming[schedule, due] = next_period(schedule, after=due).due_at.astimezone(ZoneInfo(of.zone)).date()
        growth: Mapping[int, Movement] = {}
        if moved.get(one.id):
            growth = as_told(moved[one.id], standing[one.follows], team_of(one, standing[one.follows]))
        found.append(
            Turn(
                reader=one,
                due_at=due,
                told=told[one.id],
                last=last.get(one.id),
                next_on=coming[schedule, due],
                moved=growth,
                deadlines=owned.get(of.account_id or 0, frozenset()),
            )
        )
    return found
