"""A campaign's history: entries of every sort with the records that they tell of, and who says so."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bench.room.world import words
from tracker.campaigns.models import Stage, StageChange
from tracker.db import Precision
from tracker.engagements.models import Channel, Statement
from tracker.outcomes.models import Outcome, OutcomeStatus
from tracker.resolutions.models import Denominator, Filer, FilerRole, Resolution, Vote, VotePercentage
from tracker.signatures.models import Qualifier, ReportedCount
from tracker.timeline.models import EntryKind, EntryVisibility, Source, SourceKind, TimelineEntry

if TYPE_CHECKING:
    from bench.room.world.campaigns import Campaigns, Known

VISIBILITIES = (
    *[EntryVisibility.PUBLIC] * 12,
    *[EntryVisibility.SIGNED_IN] * 3,
    *[EntryVisibility.MEMBERS] * 3,
    EntryVisibility.NOT_FOR_ATTRIBUTION,
    EntryVisibility.OFF_THE_RECORD,
)
# Reported sizes and votes stay few however long a history grows; notes and answers are what it grows by.
SOMETIMES = (
    *[EntryKind.NOTE] * 9,
    *[EntryKind.STATEMENT] * 1,
    *[EntryKind.ENGAGEMENT] * 2,
    *[EntryKind.CORRECTION] * 1,
)


class History:
    """Tells one campaign's history, earliest first."""

    def __init__(self, world: Campaigns, campaign_id: int, company: Known, demands: Sequence[int]) -> None:
        self.world, self.rows, self.chance = world, world.rows, world.chance
        self.campaign_id, self.company, self.demands = campaign_id, company, demands
        self.at = world.changed_at[campaign_id] - dt.timedelta(days=900)
        self.step = dt.timedelta(days=1)
        self.last_note: int | None = None

    def tell(self, number: int) -> None:
        """So many entries: how it began, what came of it, and as much between as is needed."""
        self.step = dt.timedelta(days=880) / number
        self._entry(EntryKind.CAMPAIGN_LOGGED, "The campaign was logged", "", EntryVisibility.PUBLIC)
        self._stage()
        self._size()
        self._statement()
        if self.chance.random() < 0.5:
            self._outcome()
            number -= 1
        # Often where the company is the one that is measured: a page of votes should be full in a small world too.
        if self.chance.random() < (1 if self.company.id == 1 else 0.12):
            self._resolution()
            number -= 2
        for _ in range(number - 4):
            self._one_more()

    def _one_more(self) -> None:
        kind = self.chance.choice(SOMETIMES)
        if kind is EntryKind.STATEMENT:
            self._statement()
        elif kind is EntryKind.CORRECTION and self.last_note is not None:
            self._entry(kind, f"{self.chance.choice(words.NOTES)}, as was found out later", "", corrects=self.last_note)
            self.last_note = None
        else:
            text = f"{self.chance.choice(words.NOTES)} {self.chance.choice(words.PLACES)}"
            entry_id = self._entry(EntryKind.NOTE, text, words.DETAIL if self.chance.random() < 0.3 else "")
            self.last_note = entry_id

    def _entry(
        self,
        kind: EntryKind,
        headline: str,
        detail: str,
        visibility: EntryVisibility | None = None,
        *,
        record: str = "",
        corrects: int | None = None,
    ) -> int:
        self.at += self.step * self.chance.uniform(0.2, 1)
        entry_id = self.rows.add(
            TimelineEntry,
            campaign_id=self.campaign_id,
            kind=kind,
            record_type=record,
            headline=headline,
            words=detail,
            occurred_on=self.at.date(),
            occurred_precision=Precision.DAY,
            recorded_at=self.at,
            actor_id=self.chance.choice(self.world.team),
            visibility=visibility or self.chance.choice(VISIBILITIES),
            exposed_at=self.at,
            corrects_id=corrects,
            correction_reason="It was counted twice." if corrects else "",
        )
        for _ in range(self.chance.choice((0, 1, 1, 2))):
            self.rows.put("entry_source", entry_id=entry_id, source_id=self._source(headline))
        return entry_id

    def _source(self, headline: str) -> int:
        number = self.chance.randrange(10**6)
        return self.rows.add(
            Source,
            citation=f"{headline}, report {number}",
            url=f"https://example.org/reports/{number}",
            publisher=self.chance.choice(words.COMPANY) + " Gazette",
            published_on=self.at.date(),
            published_precision=Precision.DAY,
            kind=self.chance.choice((SourceKind.PRESS, SourceKind.PRESS, SourceKind.PRIMARY)),
            recorded_at=self.at,
        )

    def _common(self, entry_id: int) -> dict[str, Any]:
        return {"campaign_id": self.campaign_id, "entry_id": entry_id, "recorded_at": self.at}

    def _stage(self) -> None:
        entry_id = self._entry(EntryKind.STAGE, "Signatures are gathered", "", record=StageChange.__tablename__)
        self.rows.add(StageChange, from_stage=Stage.DRAFT, to_stage=Stage.GATHERING, **self._common(entry_id))

    def _size(self) -> None:
        value = self.chance.randrange(40, 900)
        entry_id = self._entry(
            EntryKind.REPORTED_COUNT, f"About {value} people signed", "", record=ReportedCount.__tablename__
        )
        self.rows.add(
            ReportedCount,
            qualifier=Qualifier.ABOUT,
            value=value,
            population="people",
            as_of_on=self.at.date(),
            **self._common(entry_id),
        )

    def _statement(self) -> None:
        headline = f"{self.company.name} {self.chance.choice(words.ANSWERS)} {self.chance.choice(words.PLACES)}"
        entry_id = self._entry(EntryKind.STATEMENT, headline, "", record=Statement.__tablename__)
        statement_id = self.rows.add(
            Statement,
            company_id=self.company.id,
            is_silence=self.chance.random() < 0.1,
            speaker="a spokesperson",
            quotation="We hear our people, and we will answer in our own time.",
            channel=self.chance.choice(list(Channel)),
            **self._common(entry_id),
        )
        self.rows.put("statement_demand", statement_id=statement_id, demand_id=self.chance.choice(self.demands))

    def _outcome(self) -> None:
        entry_id = self._entry(EntryKind.OUTCOME, "The demand was answered", "", record=Outcome.__tablename__)
        status = self.chance.choice([status for status in OutcomeStatus if status is not OutcomeStatus.UNANSWERED])
        self.rows.add(Outcome, demand_id=self.demands[0], status=status, **self._common(entry_id))

    def _resolution(self) -> None:
        entry_id = self._entry(EntryKind.RESOLUTION, "A resolution was filed", "", record=Resolution.__tablename__)
        resolution_id = self.rows.add(
            Resolution,
            company_id=self.company.id,
            title=self.chance.choice(words.AIMS),
            meeting_on=self.at.date(),
            meeting_precision=Precision.DAY,
            **self._common(entry_id),
        )
        filer = self.chance.choice(self.world.filers)
        self.rows.add(
            Filer, resolution_id=resolution_id, organisation_id=filer, role=FilerRole.LEAD, created_at=self.at
        )
        entry_id = self._entry(EntryKind.VOTE, "The meeting voted", "", record=Vote.__tablename__)
        share = self.chance.randrange(50, 450)
        vote_id = self.rows.add(
            Vote,
            resolution_id=resolution_id,
            entry_id=entry_id,
            for_shares=share * 1000,
            against_shares=(1000 - share) * 1000,
            recorded_at=self.at,
        )
        self.rows.add(
            VotePercentage,
            vote_id=vote_id,
            value=decimal.Decimal(share) / 10,
            denominator=Denominator.FOR_AND_AGAINST,
            published_by="The company",
            recorded_at=self.at,
        )
