"""Promises and resolutions as they stood at another time, each in the sentence that told it then.

A promise or a filing that is told anew moves on to another entry, and its record holds what is right today. What it was
then is said by the entry that stood then; how far it had come, by the grades, steps and votes that stood then.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.outcomes.models import Commitment, CommitmentGrade, Implementation
from tracker.resolutions.models import Disposition, Resolution, Vote
from tracker.timeline.models import EntryKind, TimelineEntry
from tracker.timeline.rewinding import Past, Then, Undone, read_then


@dataclass(frozen=True)
class Promised:
    """A promise as it was told then, and how far it had been carried out."""

    sentence: str
    how_far: Implementation


@dataclass(frozen=True)
class Filed:
    """A resolution as it was told then, and the last step or vote; empty while there was none."""

    sentence: str
    last: str


def promised(campaign: Campaign, past: Past, undone: Undone) -> list[Promised]:
    """What had been promised, the earliest first."""
    told = _told(campaign, past, undone, Commitment, EntryKind.COMMITMENT)
    if not told:
        return []
    grades = db.session.execute(
        _standing(past, EntryKind.COMMITMENT)
        .join(CommitmentGrade, CommitmentGrade.entry_id == TimelineEntry.id)
        .where(CommitmentGrade.commitment_id.in_(list(told)))
        .with_only_columns(CommitmentGrade.commitment_id, CommitmentGrade.implementation)
    )
    how_far = {row.commitment_id: row.implementation for row in grades}
    return [
        Promised(then.headline, how_far.get(key, Implementation.NOT_KNOWN))
        for key, then in sorted(told.items(), key=lambda one: (one[1].occurred_on, one[0]))
    ]


def filed(campaign: Campaign, past: Past, undone: Undone) -> list[Filed]:
    """The resolutions that had been filed, the earliest first."""
    told = _told(campaign, past, undone, Resolution, EntryKind.RESOLUTION)
    if not told:
        return []
    steps: dict[int, list[TimelineEntry]] = defaultdict(list)
    for kind, record in ((EntryKind.DISPOSITION, Disposition), (EntryKind.VOTE, Vote)):
        found = db.session.execute(
            _standing(past, kind)
            .join(record, record.entry_id == TimelineEntry.id)
            .where(record.resolution_id.in_(list(told)))
            .add_columns(record.resolution_id)
        )
        for entry, resolution_id in found:
            steps[resolution_id].append(entry)
    read = read_then(past, [entry for entries in steps.values() for entry in entries], undone)
    last = {
        key: read[max(entries, key=lambda one: (read[one.id].occurred_on, one.recorded_at, one.id)).id].headline
        for key, entries in steps.items()
    }
    return [
        Filed(then.headline, last.get(key, ""))
        for key, then in sorted(told.items(), key=lambda one: (one[1].occurred_on, one[0]))
    ]


def _standing(past: Past, kind: EntryKind) -> sa.Select[TimelineEntry]:
    """The entries of a kind that told something which held then, in the order of what they tell."""
    return (
        sa.select(TimelineEntry)
        .where(TimelineEntry.kind == kind, past.shown, past.standing(kind))
        .order_by(TimelineEntry.occurred_on, TimelineEntry.recorded_at, TimelineEntry.id)
    )


def _told(
    campaign: Campaign, past: Past, undone: Undone, record: type[Commitment] | type[Resolution], kind: EntryKind
) -> dict[int, Then]:
    """How each record of this kind was told then, by its id."""
    of_kind = (TimelineEntry.campaign_id == campaign.id, TimelineEntry.record_type == record.__tablename__)
    entries = db.session.scalars(_standing(past, kind).where(*of_kind)).all()
    if not entries:
        return {}
    owners = _owners(campaign, record, of_kind)
    read = read_then(past, entries, undone)
    return {owners[entry.id]: read[entry.id] for entry in entries if entry.id in owners}


def _owners(
    campaign: Campaign, record: type[Commitment] | type[Resolution], of_kind: tuple[sa.ColumnElement[bool], ...]
) -> dict[int, int]:
    """Which record each entry tells of or told of: a correction points at what it corrects, a replaced draft at what
    took its place."""
    beside: dict[int, set[int]] = defaultdict(set)
    linked = sa.select(TimelineEntry.id, TimelineEntry.corrects_id).where(*of_kind)
    for entry_id, other in db.session.execute(linked):
        if other is not None:
            beside[entry_id].add(other)
            beside[other].add(entry_id)
    owners: dict[int, int] = {}
    for record_id, entry_id in db.session.execute(
        sa.select(record.id, record.entry_id).where(record.campaign_id == campaign.id)
    ):
        reached = [entry_id]
        while reached:
            here = reached.pop()
            if here not in owners:
                owners[here] = record_id
                reached.extend(beside[here])
    return owners
