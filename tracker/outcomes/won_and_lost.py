"""What became of everything that was asked of one company, counted as a whole and told a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from tracker.campaigns.models import CampaignSubject, Demand, SubjectRole, Target
from tracker.campaigns.queries import among
from tracker.companies.models import Company
from tracker.db import db
from tracker.outcomes.models import LOST, OPEN, WON, Outcome, OutcomeStatus
from tracker.outcomes.queries import Score, Visible, runs_of, standing_outcomes


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

    @property
    def unanswered(self) -> int:
        """How many nothing is known of."""
        return self._number({OutcomeStatus.UNANSWERED})

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
    standing_ones = standing_outcomes(visible).with_only_columns(
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
    runs = runs_of({demand.campaign_id for demand in demands}, visible)
    return [
        Score(demand, latest, began, campaign=demand.campaign.title)
        for demand in (by_id[number] for number in demand_ids)
        for began, latest in [runs.get(demand.id, (None, None))]
    ]
