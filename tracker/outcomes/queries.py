"""What is asked of the database about outcomes and commitments.

`visible` is `entries_visible_to(account, today=…)`; left away, only what everybody may read counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, selectinload

from tracker.campaigns.models import Campaign, Demand
from tracker.db import Precision, db
from tracker.outcomes.models import Commitment, CommitmentGrade, Outcome, OutcomeStatus
from tracker.outcomes.words import CLAIMS
from tracker.timeline.models import EntryKind, Source, TimelineEntry
from tracker.timeline.queries import entries_visible_to, standing

Visible = sa.ColumnElement[bool]


def standing_outcomes(visible: Visible | None, stood: Visible | None = None) -> sa.Select[Outcome]:
    """Outcomes that stand, earliest first: by the day they occurred, then by when they were recorded."""
    stands = standing(EntryKind.OUTCOME) if stood is None else stood
    return (
        sa.select(Outcome)
        .join(Outcome.entry)
        .where(stands, entries_visible_to(None, today=dt.date.min) if visible is None else visible)
        .order_by(TimelineEntry.occurred_on, TimelineEntry.recorded_at, TimelineEntry.id)
        .options(contains_eager(Outcome.entry).selectinload(TimelineEntry.sources))
    )


def current_outcomes(
    campaign_ids: Iterable[int], visible: Visible | None = None, stood: Visible | None = None
) -> dict[int, Outcome]:
    """The latest outcome that stands of each demand, by demand id; a demand without one is unanswered.

    `stood`, instead of that it stands now, that it did at another time (`timeline/rewinding.py`).
    """
    return {demand_id: latest for demand_id, (_began, latest) in runs_of(campaign_ids, visible, stood).items()}


def runs_of(
    campaign_ids: Iterable[int], visible: Visible | None, stood: Visible | None = None
) -> dict[int, tuple[Outcome, Outcome]]:
    """By demand id, the latest outcome that stands and the one that began its status: a pause that is extended is
    partly met since the pause, with the extension as its evidence."""
    ids = list(campaign_ids)
    runs: dict[int, tuple[Outcome, Outcome]] = {}
    if not ids:
        return runs
    for outcome in db.session.scalars(standing_outcomes(visible, stood).where(Outcome.campaign_id.in_(ids))):
        began, before = runs.get(outcome.demand_id, (outcome, outcome))
        runs[outcome.demand_id] = (began if before.status is outcome.status else outcome, outcome)
    return runs


def score_of(demand: Demand, visible: Visible | None = None) -> Score:
    """How one demand stands."""
    began, latest = runs_of([demand.campaign_id], visible).get(demand.id, (None, None))
    return Score(demand, latest, began)


def outcome_history(demand: Demand, visible: Visible | None = None) -> list[Outcome]:
    """Every outcome of a demand that stands, latest first."""
    found = db.session.scalars(standing_outcomes(visible).where(Outcome.demand_id == demand.id))
    return list(reversed(found.all()))


@dataclass
class Score:
    """One row of a scoreboard, as `components/scoreboard.html` reads it; the page adds `url` and `actions`."""

    demand: Demand
    record: Outcome | None
    began: Outcome | None = None  # the first of those with its status
    url: str | None = None
    actions: Any = None
    campaign: str | None = None
    campaign_url: str | None = None
    target_url: str | None = None

    @property
    def number(self) -> int:
        """Its place in the letter."""
        return self.demand.position

    @property
    def text(self) -> str:
        """What is asked."""
        return self.demand.words

    @property
    def target(self) -> str:
        """Of whom."""
        return self.demand.target.name if self.demand.target else ""

    @property
    def outcome(self) -> OutcomeStatus:
        """What became of it; unanswered when nothing is known."""
        return self.record.status if self.record else OutcomeStatus.UNANSWERED

    @property
    def since(self) -> dt.date | None:
        """Since when, if anything is known."""
        return self.began.entry.occurred_on if self.began else None

    @property
    def since_precision(self) -> Precision | None:
        """How exactly that is known."""
        return self.began.entry.occurred_precision if self.began else None

    @property
    def evidence(self) -> list[Source]:
        """Who says so."""
        return self.record.entry.sources if self.record else []

    @property
    def attribution(self) -> str:
        """Whose doing it is said to be; empty when nobody claims to know."""
        if self.record is None or self.record.attribution not in CLAIMS:
            return ""
        claim = str(CLAIMS[self.record.attribution])
        return f"{claim}: {self.record.attribution_words}" if self.record.attribution_words else f"{claim}."


def scoreboard(campaign: Campaign, visible: Visible | None = None) -> list[Score]:
    """What became of each demand of a campaign, in the letter's order."""
    return scores_in([campaign.id], visible)


def scores_in(campaign_ids: Iterable[int], visible: Visible | None = None) -> list[Score]:
    """What became of each demand of several campaigns, campaign by campaign as they are given."""
    ids = list(campaign_ids)
    demands = db.session.scalars(
        sa.select(Demand)
        .where(Demand.campaign_id.in_(ids), Demand.deleted_at.is_(None))
        .order_by(Demand.position, Demand.id)
        .options(selectinload(Demand.target), selectinload(Demand.campaign))
    ).all()
    place = {campaign_id: number for number, campaign_id in enumerate(ids)}
    runs = runs_of(ids, visible)
    known = [(demand, *runs.get(demand.id, (None, None))) for demand in demands]
    return sorted(
        (Score(demand, latest, began) for demand, began, latest in known),
        key=lambda score: place[score.demand.campaign_id],
    )


def demand_by_public_id(campaign: Campaign, public_id: str) -> Demand | None:
    """A demand of a campaign, removed ones too: what became of it stays readable."""
    return db.session.scalar(sa.select(Demand).where(Demand.campaign_id == campaign.id, Demand.public_id == public_id))


def commitments(
    campaign_ids: Iterable[int] | sa.Select[int], visible: Visible | None = None, *, due_by: dt.date | None = None
) -> list[Commitment]:
    """What was promised in these campaigns and stands, the next due first; `due_by`: only what was to begin by then."""
    ids = campaign_ids if isinstance(campaign_ids, sa.Select) else list(campaign_ids)
    return list(
        db.session.scalars(
            sa.select(Commitment)
            .join(Commitment.entry)
            .where(
                Commitment.campaign_id.in_(ids),
                sa.true() if due_by is None else Commitment.due_on <= due_by,
                standing(EntryKind.COMMITMENT),
                entries_visible_to(None, today=dt.date.min) if visible is None else visible,
            )
            .order_by(Commitment.due_on.is_(None), Commitment.due_on, Commitment.id)
            .options(
                contains_eager(Commitment.entry).selectinload(TimelineEntry.sources), selectinload(Commitment.company)
            )
        )
    )


def current_grades(commitments: Iterable[Commitment], visible: Visible | None = None) -> dict[int, CommitmentGrade]:
    """The latest grade that stands of each commitment, by commitment id."""
    found = db.session.scalars(
        sa.select(CommitmentGrade)
        .join(CommitmentGrade.entry)
        .where(
            CommitmentGrade.commitment_id.in_([commitment.id for commitment in commitments]),
            standing(EntryKind.COMMITMENT),
            entries_visible_to(None, today=dt.date.min) if visible is None else visible,
        )
        .order_by(TimelineEntry.occurred_on, TimelineEntry.recorded_at, TimelineEntry.id)
        .options(contains_eager(CommitmentGrade.entry).selectinload(TimelineEntry.sources))
    )
    return {grade.commitment_id: grade for grade in found}


def commitment_by_public_id(campaign: Campaign, public_id: str, visible: Visible) -> Commitment | None:
    """A commitment recorded in a campaign, if its entry may be read."""
    return db.session.scalar(
        sa.select(Commitment)
        .join(Commitment.entry)
        .where(Commitment.campaign_id == campaign.id, Commitment.public_id == public_id, visible)
    )
