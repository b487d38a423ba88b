"""How far an entry reaches: what tells of another entry never reaches further than that one."""

from __future__ import annotations

from dataclasses import replace

from tracker.accounts.models import Account
from tracker.timeline.models import CONFIDENTIAL, EntryVisibility, TimelineEntry
from tracker.timeline.service.append import Told

WIDTH = {visibility: rank for rank, visibility in enumerate(reversed(EntryVisibility))}


def circle_of(entry: TimelineEntry, actor: Account | None) -> list[Account]:
    """Who is named for what `actor` adds to this entry: its readers and, in confidence, who recorded it."""
    if entry.visibility not in CONFIDENTIAL:
        return list(entry.readers)
    circle = {one.id: one for one in (entry.actor, *entry.readers) if one is not None}
    return [one for key, one in sorted(circle.items()) if actor is None or key != actor.id]


def no_wider(told: Told, than: TimelineEntry, *, actor: Account | None) -> Told:
    """The same, for no more people and no sooner than an entry that it repeats words of: a vote its resolution's.

    A correction keeps the readers of what it corrects.
    """
    if told.corrects is not None:
        return told
    dates = [day for day in (told.public_from, than.public_from) if day is not None]
    told = replace(told, public_from=max(dates, default=None))
    if WIDTH[told.visibility] < WIDTH[than.visibility]:
        return told
    if than.visibility is told.visibility and than.visibility is not EntryVisibility.OFF_THE_RECORD:
        return told
    circle = circle_of(than, actor)
    if than.visibility is told.visibility and told.readers:
        chosen = {reader.id for reader in told.readers}
        circle = [one for one in circle if one.id in chosen]
    return replace(told, visibility=than.visibility, readers=circle)
