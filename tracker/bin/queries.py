"""What lies in the bin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.models import Campaign, Demand, Target
from tracker.db import db
from tracker.resolutions.models import Filer, Resolution
from tracker.timeline.models import TimelineEntry
from tracker.timeline.queries import entries_visible_to

# The parts of a campaign that can be removed, by the word in the address.
KINDS: dict[str, Any] = {
    "demand": Demand,
    "target": Target,
    "deadline": Deadline,
    "filer": Filer,
    "entry": TimelineEntry,
}


@dataclass(frozen=True)
class Removed:
    """One thing in the bin."""

    kind: str
    record: Any
    words: str
    removed_at: dt.datetime
    until: dt.datetime


def in_bin(
    campaign: Campaign, account: Account, *, today: dt.date, now: dt.datetime, kept: dt.timedelta
) -> list[Removed]:
    """What was removed from a campaign and may still be put back by this account, removed last first.

    An entry that nobody else could have seen is there for its author alone. Filers follow their resolution.
    """
    since = now - kept
    found = [
        Removed(kind, record, _words(kind, record), record.deleted_at, record.deleted_at + kept)
        for kind, rows in _rows(campaign, account, today, since)
        for record in rows
    ]
    return sorted(found, key=lambda one: one.removed_at, reverse=True)


def _rows(
    campaign: Campaign, account: Account, today: dt.date, since: dt.datetime
) -> Iterable[tuple[str, Iterable[Any]]]:
    for kind in ("demand", "target", "deadline"):
        model = KINDS[kind]
        yield (
            kind,
            db.session.scalars(sa.select(model).where(model.campaign_id == campaign.id, model.deleted_at > since)),
        )
    seen = sa.select(TimelineEntry.id).where(entries_visible_to(account, today=today))
    yield (
        "filer",
        db.session.scalars(
            sa.select(Filer)
            .join(Filer.resolution)
            .where(Resolution.campaign_id == campaign.id, Filer.deleted_at > since, Resolution.entry_id.in_(seen))
        ),
    )
    yield "entry", db.session.scalars(removed_entries(campaign.id, account).where(TimelineEntry.deleted_at > since))


def removed_entries(campaign_id: int, account: Account) -> sa.Select[TimelineEntry]:
    """Entries that their author took back; without the drafts whose fact was told anew, and those redacted."""
    return sa.select(TimelineEntry).where(
        TimelineEntry.campaign_id == campaign_id,
        TimelineEntry.actor_id == account.id,
        TimelineEntry.redacted_at.is_(None),
        # A draft points at what took its place, which came later; a correction points back.
        sa.or_(TimelineEntry.corrects_id.is_(None), TimelineEntry.corrects_id < TimelineEntry.id),
    )


def _words(kind: str, record: Any) -> str:
    match kind:
        case "demand":
            return str(record.words)
        case "target":
            return ", ".join(filter(None, (record.name, record.office)))
        case "deadline":
            return str(record.what)
        case "filer":
            return f"{record.organisation.name} – {record.resolution.title}"
        case _:
            return str(record.headline)
