"""How a campaign stood at another time, and when it changed: what is asked of several features for looking back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, Demand, Stage, StageChange
from tracker.campaigns.queries import stage_changes_of
from tracker.db import Precision, db
from tracker.outcomes.models import OPEN, OutcomeStatus
from tracker.outcomes.queries import current_outcomes
from tracker.pages.told_then import Filed, Promised, filed, promised
from tracker.signatures.models import ReportedCount
from tracker.signatures.queries import is_well_sourced, reported_counts
from tracker.timeline.models import EntryKind, Revision, Source, TimelineEntry, entry_source
from tracker.timeline.queries import day_in, entries_visible_to
from tracker.timeline.rewinding import (
    DATING,
    ENTRY,
    WORDING,
    Past,
    PublishedBy,
    RecordedBy,
    Undone,
    end_of,
    last_day,
    out_by,
    undone_since,
)


@dataclass(frozen=True)
class Standing:
    """How things stood: what a campaign's page says first, as of then."""

    stage: Stage | None
    asks: Sequence[tuple[str, OutcomeStatus]]
    size: ReportedCount | None
    promised: Sequence[Promised] = ()
    filed: Sequence[Filed] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of then."""
        return not (self.stage or self.asks or self.size or self.promised or self.filed)

    @property
    def open(self) -> int:
        """How many asks were not decided."""
        return sum(status in OPEN for _words, status in self.asks)

    @property
    def unanswered(self) -> int:
        """How many asks had no answer at all."""
        return sum(status is OutcomeStatus.UNANSWERED for _words, status in self.asks)


def how_it_stood(campaign: Campaign, past: Past, undone: Undone, *, sees_changes: bool) -> Standing:
    """Stage, asks, headline size, promises and resolutions as of then.

    `undone`: what entries held then that were changed since. Earlier wordings of asks are for those who may read the
    changes.
    """
    outcomes = current_outcomes([campaign.id], past.shown, past.standing(EntryKind.OUTCOME))
    return Standing(
        stage=_stage(campaign, past),
        asks=[
            (words, outcomes[key].status if key in outcomes else OutcomeStatus.UNANSWERED)
            for key, words in _asked(campaign, past, sees_changes=sees_changes)
        ],
        size=_size(campaign, past),
        promised=promised(campaign, past, undone),
        filed=filed(campaign, past, undone),
    )


def _stage(campaign: Campaign, past: Past) -> Stage | None:
    """The stage then. What moved it unseen by this reader counts from the beginning, so that no date of it is told."""
    if isinstance(past, RecordedBy):
        if campaign.created_at >= past.before:
            return None
        visible = entries_visible_to(past.account, today=past.today)
        for change in stage_changes_of(campaign, sa.or_(visible, _removed_by(past.account))):
            if change.recorded_at >= past.before:
                return change.from_stage
        return campaign.stage
    changes = stage_changes_of(campaign, past.shown)
    latest = max(changes, key=_when, default=None)
    return latest.to_stage if latest else None


def _when(change: StageChange) -> tuple[dt.date, int]:
    return change.entry.occurred_on, change.id


def _asked(campaign: Campaign, past: Past, *, sees_changes: bool) -> list[tuple[int, str]]:
    """What was asked then, by id, in the letter's order."""
    demands = db.session.scalars(
        sa.select(Demand).where(Demand.campaign_id == campaign.id).order_by(Demand.position, Demand.id)
    ).all()
    if not isinstance(past, RecordedBy):
        precision = campaign.began_precision or Precision.DAY
        if campaign.began_on is None or last_day(campaign.began_on, precision) > past.day:
            return []
        later = _asked_later(campaign, past)
        return [(d.id, d.words) for d in demands if d.deleted_at is None and d.created_at not in later]
    held = undone_since(past.before, "demand", campaign.id, ("words", "deleted_at"))
    found = []
    for demand in demands:
        then = held.get(demand.id, {})
        removed = then.get("deleted_at", demand.deleted_at)
        if demand.created_at < past.before and not removed:
            found.append((demand.id, (then.get("words") if sees_changes else None) or demand.words))
    return found


def _asked_later(campaign: Campaign, past: PublishedBy) -> set[dt.datetime]:
    """When asks were recorded whose own entries, as far as this reader may see them, say that they came after then."""
    entries = db.session.scalars(
        sa.select(TimelineEntry).where(
            TimelineEntry.campaign_id == campaign.id,
            TimelineEntry.kind == EntryKind.DEMAND,
            entries_visible_to(past.account, today=past.today),
        )
    )
    return {one.recorded_at for one in entries if last_day(one.occurred_on, one.occurred_precision) > past.day}


def _size(campaign: Campaign, past: Past) -> ReportedCount | None:
    """The headline size by the claims and sources of then (product.md, "Headline size")."""
    claims = reported_counts([campaign.id], past.shown, past.standing(EntryKind.REPORTED_COUNT))
    cited = past.sources([claim.entry for claim in claims])
    well_sourced = (claim for claim in claims if is_well_sourced(claim, cited[claim.entry_id]))
    return next(well_sourced, claims[0] if claims else None)


@dataclass(frozen=True)
class Steps:
    """The days before and after on which something changed; None where there is none."""

    before: dt.date | None
    after: dt.date | None


def steps(campaign: Campaign, past: Past, *, sees_changes: bool) -> Steps:
    """Where the page would look different: the last day earlier than what it shows, and the next one later."""
    if isinstance(past, RecordedBy):
        return _steps_recorded(campaign, past, sees_changes=sees_changes)
    days = _days_published(campaign, past)
    shown = max((day for day in days if day <= past.day), default=None)
    return Steps(
        before=max((day for day in days if shown and day < shown), default=None),
        after=min((day for day in days if day > past.day), default=None),
    )


def _steps_recorded(campaign: Campaign, past: RecordedBy, *, sees_changes: bool) -> Steps:
    """By the moments at which something that this reader may see was recorded, changed, sourced or removed, or an ask
    was put otherwise."""
    of_campaign = TimelineEntry.campaign_id == campaign.id
    seen = sa.select(TimelineEntry.id).where(of_campaign, entries_visible_to(past.account, today=past.today))
    mine = sa.and_(of_campaign, _removed_by(past.account))
    moments = sa.union_all(
        sa.select(TimelineEntry.recorded_at.label("at")).where(sa.or_(TimelineEntry.id.in_(seen), mine)),
        sa.select(TimelineEntry.deleted_at).where(mine),
        sa.select(entry_source.c.added_at).where(
            entry_source.c.entry_id.in_(seen), entry_source.c.added_at.is_not(None)
        ),
        sa.select(Revision.recorded_at).where(
            Revision.record_type == ENTRY,
            Revision.campaign_id == campaign.id,
            Revision.record_id.in_(seen),
            Revision.field.in_((*WORDING, *DATING)),
        ),
        sa.select(Revision.recorded_at).where(
            Revision.record_type == Demand.__tablename__,
            Revision.campaign_id == campaign.id,
            Revision.field == "words",
            sa.true() if sees_changes else sa.false(),
        ),
    ).subquery()
    at = moments.c.at
    last = db.session.scalar(sa.select(sa.func.max(at)).where(at < past.before))
    after = db.session.scalar(sa.select(sa.func.min(at)).where(at >= past.before))
    before = None
    if last is not None:
        begins = end_of(day_in(campaign.zone, last) - dt.timedelta(days=1), campaign.zone)
        before = db.session.scalar(sa.select(sa.func.max(at)).where(at < begins))
    return Steps(
        before=None if before is None else day_in(campaign.zone, before),
        after=None if after is None else day_in(campaign.zone, after),
    )


def _removed_by(account: Account | None) -> sa.ColumnElement[bool]:
    """Removed since by its author, who alone had seen it."""
    if account is None:
        return sa.false()
    return sa.and_(TimelineEntry.deleted_at.is_not(None), TimelineEntry.actor_id == account.id)


def _days_published(campaign: Campaign, past: Past) -> set[dt.date]:
    """The days by which one more source was out."""
    assert isinstance(past, PublishedBy)
    seen = sa.select(TimelineEntry.id).where(
        TimelineEntry.campaign_id == campaign.id, entries_visible_to(past.account, today=past.today)
    )
    cited = sa.select(entry_source.c.source_id).where(entry_source.c.entry_id.in_(seen))
    dates = (Source.published_on, Source.published_precision, Source.seen_on)
    found = db.session.execute(sa.select(*dates).where(Source.id.in_(cited), Source.redacted_at.is_(None)).distinct())
    days = {out_by(published, precision, seen) for published, precision, seen in found}
    return {day for day in days if day is not None and day <= past.today}


def without_dates(campaign: Campaign, past: PublishedBy) -> int:
    """How many entries this reader may see cite nothing that has a date, so that no day of publication finds them."""
    dated = (
        sa.select(entry_source.c.entry_id)
        .join(Source, Source.id == entry_source.c.source_id)
        .where(sa.or_(Source.published_on.is_not(None), Source.seen_on.is_not(None)), Source.redacted_at.is_(None))
    )
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(TimelineEntry)
            .where(
                TimelineEntry.campaign_id == campaign.id,
                entries_visible_to(past.account, today=past.today),
                TimelineEntry.id.not_in(dated),
            )
        )
        or 0
    )
