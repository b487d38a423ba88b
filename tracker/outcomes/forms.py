"""The shape of outcomes, commitments and grades as typed."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from tracker.campaigns.models import Campaign, CampaignSubject, Demand
from tracker.companies.models import Company
from tracker.outcomes.models import Attribution, Commitment, CommitmentGrade, Implementation, Outcome, OutcomeStatus
from tracker.outcomes.service import Became, Promise
from tracker.outcomes.words import ATTRIBUTIONS, IMPLEMENTATIONS, STATUSES
from tracker.timeline.file_fields import ToldWithFiles
from tracker.timeline.forms import DateNeeded, EntryFields
from tracker.web.dates import UncertainDate
from tracker.web.forms import BaseForm, MarkdownField, UncertainDateField, choices_from, choices_of
from tracker.words import _


class OutcomeForm(ToldWithFiles, EntryFields, BaseForm):
    """What became of one demand."""

    status = RadioField(
        _("What became of it"),
        [DataRequired(_("Say what became of it."))],
        choices=choices_from(OutcomeStatus, STATUSES),
    )
    words = MarkdownField(_("The evidence, in words"), [Optional(), Length(max=20_000)], rows=4)
    no_evidence = BooleanField(_("There is no evidence to give"))
    replaced_by = SelectField(_("Replaced by"), default="", description=_("Only when another demand took its place."))
    attribution = SelectField(
        _("Whose doing it is"),
        choices=choices_from(Attribution, ATTRIBUTIONS),
        description=_("A claim that is recorded, never a fact."),
    )
    attribution_words = StringField(_("Who says so, in which words"), [Optional(), Length(max=1000)])

    def __init__(self, demand: Demand, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._others = {
            other.public_id: other
            for other in demand.campaign.demands
            if other.id != demand.id and other.deleted_at is None
        }
        self.replaced_by.choices = choices_of([("", _("No other")), *((k, o.words) for k, o in self._others.items())])

    def became(self) -> Became:
        """The outcome as typed."""
        return Became(
            status=OutcomeStatus(self.status.data),
            attribution=Attribution(self.attribution.data),
            attribution_words=self.attribution_words.data or "",
            replaced_by=self._others.get(self.replaced_by.data or ""),
            says_no_evidence=self.no_evidence.data,
        )


def outcome_values(outcome: Outcome) -> dict[str, Any]:
    """What the form shows at first when an outcome is told anew."""
    return {
        "status": outcome.status.value,
        "attribution": outcome.attribution.value,
        "attribution_words": outcome.attribution_words,
        "replaced_by": outcome.replaced_by.public_id if outcome.replaced_by else "",
        "no_evidence": not (outcome.entry.words or outcome.entry.sources),
    }


class CommitmentForm(ToldWithFiles, EntryFields, BaseForm):
    """What was promised, and by when."""

    occurred_on = UncertainDateField(_("Promised on"), [DateNeeded(_("Say when; a month or a year will do."))])
    promise = TextAreaField(
        _("What was promised"),
        [DataRequired(_("Say what was promised.")), Length(max=5000)],
        render_kw={"rows": 3},
    )
    company = SelectField(_("Who promised"))
    demand = SelectField(_("Which of these it answers"), default="")
    due_on = UncertainDateField(_("By when"), [Optional()])
    is_deadline = BooleanField(_("Put that day among the deadlines"))

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._companies = {company.public_id: company for company in _companies(campaign.subjects)}
        self._demands = {demand.public_id: demand for demand in campaign.demands if demand.deleted_at is None}
        self.company.choices = choices_of(
            [*((k, c.name) for k, c in self._companies.items()), ("", _("Somebody else"))]
        )
        self.demand.choices = choices_of([("", _("None of them")), *((k, d.words) for k, d in self._demands.items())])

    def promised(self) -> Promise:
        """The commitment as typed."""
        due: UncertainDate | None = self.due_on.data
        return Promise(
            words=self.promise.data or "",
            company=self._companies.get(self.company.data or ""),
            demand=self._demands.get(self.demand.data or ""),
            due_on=due.date if due else None,
            due_precision=due.precision if due else None,
            is_deadline=self.is_deadline.data,
        )


def commitment_values(commitment: Commitment) -> dict[str, Any]:
    """What the form shows at first when a commitment is told anew."""
    return {
        "promise": commitment.words,
        "company": commitment.company.public_id if commitment.company else "",
        "demand": commitment.demand.public_id if commitment.demand else "",
        "due_on": (commitment.due_on, commitment.due_precision) if commitment.due_on else None,
    }


class GradeForm(ToldWithFiles, EntryFields, BaseForm):
    """How far a promise had been carried out at a date."""

    implementation = RadioField(
        _("How far it went"),
        [DataRequired(_("Say how far it went."))],
        choices=choices_from(Implementation, IMPLEMENTATIONS),
    )
    words = MarkdownField(_("The evidence, in words"), [Optional(), Length(max=20_000)], rows=4)


def grade_values(grade: CommitmentGrade) -> dict[str, Any]:
    """What the form shows at first when a grade is told anew."""
    return {"implementation": grade.implementation.value}


def _companies(subjects: list[CampaignSubject]) -> list[Company]:
    return sorted(
        {subject.company for subject in subjects if subject.company is not None}, key=lambda company: company.name
    )
