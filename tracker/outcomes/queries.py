"""What is asked of the database about outcomes and commitments.

`visible` is `entries_visible_to(account, today=…)`; left away, only what everybody may read counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, selectinload

from tracker.campaigns.models import Campaign, CampaignSubject, Demand, SubjectRole, Target
from tracker.campaigns.queries import among
from tracker.companies.models import Company
from tracker.db import Precision, db
from tracker.outcomes.models import LOST, OPEN, WON, Commitment, CommitmentGrade, Outcome, OutcomeStatus
from tracker.outcomes.words import CLAIMS
from tracker.timeline.models import EntryKind, Source, TimelineEntry
from tracker.timeline.queries import entries_visible_to, standing

Visible = sa.ColumnElement[bool]


def _standing_outcomes(visible: Visible | None, stood: Visible | None = None) -> sa.Select[Outcome]:
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
    return {demand_id: latest for demand_id, (_began, latest) in _runs(campaign_ids, visible, stood).items()}


def _runs(
    campaign_ids: Iterable[int], visible: Visible | None, stood: Visible | None = None
) -> dict[int, tuple[Outcome, Outcome]]:
    """By demand id, the latest outcome that stands and the one that began its status: a pause that is extended is
    partly met since the pause, with the extension as its evidence."""
    ids = list(campaign_ids)
    runs: dict[int, tuple[Outcome, Outcome]] = {}
    if not ids:
        return runs
    for outcome in db.session.scalars(_standing_outcomes(visible, stood).where(Outcome.campaign_id.in_(ids))):
        began, before = runs.get(outcome.demand_id, (outcome, outcome))
        runs[outcome.demand_id] = (began if before.status is outcome.status else outcome, outcome)
    return runs


def score_of(demand: Demand, visible: Visible | None = None) -> Score:
    """How one demand stands."""
    began, latest = _runs([demand.campaign_id], visible).get(demand.id, (None, None))
    return Score(demand, latest, began)


def outcome_history(demand: Demand, visible: Visible | None = None) -> list[Outcome]:
    """Every outcome of a demand that stands, latest first."""
    found = db.session.scalars(_standing_outcomes(visible).where(Outcome.demand_id == demand.id))
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
    runs = _runs(ids, visible)
    known = [(demand, *runs.get(demand.id, (None, None))) for demand in demands]
    return sorted(
        (Score(demand, latest, began) for demand, began, latest in known),
        key=lambda score: place[score.demand.campaign_id],
    )


@dataclass(frozen=True)
class WonAndLost:
    """The demands made of a company, latest campaigns first, with what became of each; met in part counts as won and
    as open."""

    statuses: Sequence[tuple[int, int, OutcomeStatus]] = ()  # the demand's id, its campaign's, and what became of it

    def __len__(self) -> int:
        return len(self.statuses)

    @property
    def ids(self) -> list[int]:
        """The demands, to ask `scores_of` about."""
        return [demand for demand, _campaign, _status in self.statuses]

    @property
    def outcomes(self) -> list[OutcomeStatus]:
        """What became of each."""
        return [status for _demand, _campaign, status in self.statuses]

    @property
    def campaigns(self) -> int:
        """How many campaigns made them."""
        return len({campaign for _demand, campaign, _status in self.statuses})

    @property
    def won(self) -> int:
        """How many are met, or met in part."""
        return self._number(WON)

    @property
    def lost(self) -> int:
        """How many were refused, or taken back."""
        return self._number(LOST)

    @property
    def open(self) -> int:
        """How many are unanswered, or met only in part."""
        return self._number(OPEN)

    def _number(self, among: Collection[OutcomeStatus]) -> int:
        return sum(1 for status in self.outcomes if status in among)


def demands_won_and_lost(
    company: Company, *, campaign_ids: Iterable[int] | sa.Select[int], visible: Visible | None = None
) -> WonAndLost:
    """What became of each demand made of a company, in campaigns that may be read.

    A demand without a target is made of those whom its campaign asks.
    """
    asking = sa.select(CampaignSubject.campaign_id).where(
        CampaignSubject.company_id == company.id, CampaignSubject.role == SubjectRole.ASKED
    )
    of_company = sa.select(Target.id).where(Target.company_id == company.id)
    made_of_it = sa.and_(
        among(Demand.campaign_id, campaign_ids),
        Demand.deleted_at.is_(None),
        sa.or_(
            Demand.target_id.in_(of_company),
            sa.and_(Demand.target_id.is_(None), Demand.campaign_id.in_(asking)),
        ),
    )
    order = (Demand.campaign_id.desc(), Demand.position)
    demands = db.session.execute(sa.select(Demand.id, Demand.campaign_id).where(made_of_it).order_by(*order)).all()
    standing_ones = _standing_outcomes(visible).with_only_columns(
        Outcome.demand_id, Outcome.status, maintain_column_froms=True
    )
    told = db.session.execute(standing_ones.where(Outcome.demand_id.in_(sa.select(Demand.id).where(made_of_it))))
    latest = {row.demand_id: row.status for row in told}
    return WonAndLost([(made, campaign, latest.get(made, OutcomeStatus.UNANSWERED)) for made, campaign in demands])


def scores_of(demand_ids: Sequence[int], visible: Visible | None = None) -> list[Score]:
    """How these demands stand, in this order, each with its campaign's title."""
    demands = db.session.scalars(
        sa.select(Demand)
        .where(Demand.id.in_(demand_ids))
        .options(selectinload(Demand.target), selectinload(Demand.campaign))
    ).all()
    by_id = {demand.id: demand for demand in demands}
    runs = _runs({demand.campaign_id for demand in demands}, visible)
    return [
        Score(demand, latest, began, campaign=demand.campaign.title)
        for demand in (by_id[number] for number in demand_ids)
        for began, latest in [runs.get(demand.id, (None, None))]
    ]


def demand_by_public_id(campaign: Campaign, public_id: str) -> Demand | None:
    """A demand of a campaign, removed ones too: what became of it stays readable."""
    return db.session.scalar(sa.select(Demand).where(Demand.campaign_id == campaign.id, Demand.public_id == public_id))


def outcome_told_by(entry: TimelineEntry) -> Outcome | None:
    """The outcome that an entry tells of."""
    return db.session.scalar(sa.select(Outcome).where(Outcome.entry_id == entry.id))


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


def commitment_told_by(entry: TimelineEntry) -> Commitment | None:
    """The commitment that an entry tells of."""
    return db.session.scalar(sa.select(Commitment).where(Commitment.entry_id == entry.id))


def grade_told_by(entry: TimelineEntry) -> CommitmentGrade | None:
    """The grade that an entry tells of."""
    return db.session.scalar(sa.select(CommitmentGrade).where(CommitmentGrade.entry_id == entry.id))
