"""A campaign that random things happen to, one an hour, with notes of what stood after each.

The notes are plain rows; nothing that looks back is used for them. See tests/timeline/test_rewinding.py.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa
from hypothesis import strategies as st

from tests.support.happenings import Team
from tracker.accounts.models import Account, CampaignMember, Membership
from tracker.campaigns.models import Campaign, CampaignKind, Demand, Stage, Visibility
from tracker.campaigns.queries import demands_of
from tracker.campaigns.service.campaigns import QuickLog, log_campaign
from tracker.companies.models import Company
from tracker.companies.service import find_or_add_company
from tracker.db import Precision, db, transaction
from tracker.outcomes.models import Commitment, Outcome, OutcomeStatus
from tracker.resolutions.models import Resolution
from tracker.signatures.models import ReportedCount
from tracker.timeline.models import EntryBacked, Source, SourceKind, TimelineEntry
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.service import (
    TimelineError,
    Told,
)

Record = TypeVar("Record", bound=EntryBacked)
START = dt.datetime(2019, 3, 1, 8, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 24)
WORDS = ("alder", "birch", "cedar")


def draw_day(data: Any) -> dt.date:
    """One of a few days, so that several fall together."""
    return dt.date(2018, 1, 1) + dt.timedelta(days=data.draw(st.integers(0, 6)) * 40)


@dataclass(frozen=True)
class Row:
    """An entry as it stood when it was noted down."""

    id: int
    kind: str
    tells: str  # the table of the record that it tells of
    headline: str
    words: str
    on: dt.date
    precision: str
    recorded_at: dt.datetime
    sources: tuple[int, ...]
    corrects: int | None


@dataclass(frozen=True)
class Promise:
    """A promise as its record held it: which entry told it, what, and how far by which entry."""

    id: int
    entry: int
    words: str
    due_on: dt.date | None
    grades: tuple[tuple[int, str], ...]  # entry and how far

    @property
    def repeated(self) -> str:
        """What other sentences say of it."""
        return self.words.rstrip(".")


@dataclass(frozen=True)
class Filing:
    """A resolution as its record held it, and the entries of its steps and votes."""

    id: int
    entry: int
    title: str
    steps: tuple[int, ...]

    @property
    def repeated(self) -> str:
        """What other sentences say of it."""
        return self.title.rstrip(".")


@dataclass
class Notes:
    """What stood at one moment."""

    at: dt.datetime
    entries: dict[int, Row]
    stage: Stage
    asks: list[tuple[int, str]]
    outcomes: dict[int, tuple[int, OutcomeStatus]]  # by entry: demand and status
    sizes: dict[int, tuple[dt.date, int, int]]  # by entry: as of, row, value
    promises: list[Promise]
    filings: list[Filing]


@dataclass
class Story:
    """A campaign that things happen to, one an hour."""

    team: Team
    campaign_id: int = 0
    now: dt.datetime = START
    number: int = 0
    notes: list[Notes] = field(default_factory=list)
    struck: set[str] = field(default_factory=set)  # what redactions took from sentences that repeat it

    @property
    def campaign(self) -> Campaign:
        return db.session.get_one(Campaign, self.campaign_id)

    def begin(self, alone: bool) -> None:
        with self.team.app.app_context(), transaction():
            for name in ("lead", "reader", "viewer", "administrator", "organiser"):
                self.team.account(name).active = not alone
            company = find_or_add_company("Amazon.com, Inc.", now=self.now)
            log = QuickLog("A campaign", CampaignKind.SHAREHOLDER, company, ["Stop selling it", "Commission a study"])
            made = log_campaign(log, actor=self.team.account("editor"), now=self.now, visibility=Visibility.PUBLIC)
            # While its author is alone, a public campaign would show drafts to everybody.
            made.visibility = Visibility.MEMBERS if alone else Visibility.PUBLIC
            self.campaign_id = made.id
            for name in ("lead", "reader"):
                db.session.add(
                    CampaignMember(
                        campaign_id=made.id,
                        account_id=self.team.ids[name],
                        membership=Membership.EDITOR,
                        joined_at=self.now,
                    )
                )
        self.note_down()

    def happen(self, act: Callable[[Story, Any], None], data: Any) -> None:
        self.now += dt.timedelta(hours=1)
        self.number += 1
        with self.team.app.app_context(), transaction():
            try:
                act(self, data)
            except TimelineError:
                db.session.rollback()
        self.note_down()

    def note_down(self) -> None:
        with self.team.app.app_context():
            rows = db.session.scalars(
                sa.select(TimelineEntry).where(
                    TimelineEntry.campaign_id == self.campaign_id, TimelineEntry.deleted_at.is_(None)
                )
            ).all()
            ids = {row.id for row in rows}
            outcomes = db.session.scalars(sa.select(Outcome).where(Outcome.entry_id.in_(ids)))
            sizes = db.session.scalars(sa.select(ReportedCount).where(ReportedCount.entry_id.in_(ids)))
            promises = db.session.scalars(sa.select(Commitment).where(Commitment.entry_id.in_(ids)))
            filings = db.session.scalars(sa.select(Resolution).where(Resolution.entry_id.in_(ids)))
            self.notes.append(
                Notes(
                    at=self.now,
                    entries={
                        row.id: Row(
                            row.id,
                            row.kind.value,
                            row.record_type,
                            row.headline,
                            row.words,
                            row.occurred_on,
                            row.occurred_precision.value,
                            row.recorded_at,
                            tuple(source.id for source in row.sources),
                            row.corrects_id,
                        )
                        for row in rows
                    },
                    stage=self.campaign.stage,
                    asks=[(demand.id, demand.words) for demand in demands_of(self.campaign)],
                    outcomes={one.entry_id: (one.demand_id, one.status) for one in outcomes},
                    sizes={one.entry_id: (one.as_of_on, one.id, one.value) for one in sizes},
                    promises=[
                        Promise(
                            one.id,
                            one.entry_id,
                            one.words,
                            one.due_on,
                            tuple((grade.entry_id, grade.implementation.value) for grade in one.grades),
                        )
                        for one in promises
                    ],
                    filings=[
                        Filing(
                            one.id,
                            one.entry_id,
                            one.title,
                            tuple(step.entry_id for step in (*one.dispositions, *one.votes)),
                        )
                        for one in filings
                    ],
                )
            )

            redacted = set(db.session.scalars(sa.select(TimelineEntry.id).where(TimelineEntry.redacted_at == self.now)))
        self._note_what_was_struck(redacted)

    def _note_what_was_struck(self, redacted: set[int]) -> None:
        """All that was ever said of a promise or a resolution goes, except what stands after the redacted was told
        anew."""
        known: dict[tuple[type, int], list[Promise | Filing]] = defaultdict(list)
        for note in self.notes:
            for one in (*note.promises, *note.filings):
                known[type(one), one.id].append(one)
        for told in known.values():
            if gone := redacted & {one.entry for one in told}:
                stands = "" if told[-1].entry in gone else told[-1].repeated
                self.struck |= {one.repeated for one in told if one.repeated not in stands}

    # -- what may be done with what there is --

    def pick(self, data: Any, *conditions: sa.ColumnElement[bool]) -> TimelineEntry | None:
        found = db.session.scalars(
            sa.select(TimelineEntry)
            .where(TimelineEntry.campaign_id == self.campaign_id, TimelineEntry.deleted_at.is_(None), *conditions)
            .order_by(TimelineEntry.id)
        ).all()
        return found[data.draw(st.integers(0, len(found) - 1))] if found else None

    def demand(self, data: Any) -> Demand | None:
        found = demands_of(self.campaign)
        return found[data.draw(st.integers(0, len(found) - 1))] if found else None

    def record(self, data: Any, kind: type[Record]) -> Record | None:
        """One of the records of this kind whose entry stands."""
        told = sa.and_(TimelineEntry.campaign_id == self.campaign_id, TimelineEntry.deleted_at.is_(None))
        found = db.session.scalars(sa.select(kind).join(kind.entry).where(told).order_by(kind.entry_id)).all()
        return found[data.draw(st.integers(0, len(found) - 1))] if found else None

    def words(self, data: Any) -> str:
        return f"{data.draw(st.sampled_from(WORDS)).capitalize()} number {self.number}."

    def source(self) -> Source:
        """One that was out on some day, month or year, or has no date."""
        on = dt.date(2018, 1, 1) + dt.timedelta(days=self.number * 67 % 500)
        precision = (Precision.DAY, Precision.MONTH, Precision.YEAR, None)[self.number % 4]
        return Source(
            citation=f"Source {self.number}",
            kind=SourceKind.PRIMARY,
            published_on=on if precision else None,
            published_precision=precision,
            recorded_at=self.now,
        )

    def told(self, data: Any) -> Told:
        return Told(occurred_on=draw_day(data), visibility=To.PUBLIC, sources=[self.source()])

    @property
    def company(self) -> Company:
        company = self.campaign.subjects[0].company
        assert company is not None
        return company

    @property
    def editor(self) -> Account:
        return self.team.account("editor")
