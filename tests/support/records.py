"""One record of each kind that is told anew by a form of its own, and what two people make of it at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.support.happenings import Team
from tracker.db import Precision
from tracker.engagements.models import EngagementKind
from tracker.engagements.service import Contact, Said, record_engagement, record_statement
from tracker.outcomes.models import Implementation, OutcomeStatus
from tracker.outcomes.service import Became, Promise, grade_commitment, record_commitment, record_outcome
from tracker.resolutions.models import Denominator, DispositionKind
from tracker.resolutions.service import Counted, Filing, Published, file_resolution, record_disposition, record_vote
from tracker.signatures.models import Qualifier
from tracker.signatures.service.sizes import SizeClaim, record_reported_count
from tracker.web.dates import UncertainDate


@dataclass(frozen=True)
class Kind:
    """How one kind of record is made, and what two people make of it."""

    make: Callable[[Team, dict[str, Any]], Any]  # returns the record
    field: str  # of the form, which both change
    theirs: str
    mine: str
    label: str
    told: Callable[[Any], Any]  # what the record holds of that field
    row: str = ""  # the field that is chosen, where it is not the one that is typed into


def note(team: Team, how: dict[str, Any]) -> Any:
    return team.note("Twelve were voted on.")


def outcome(team: Team, how: dict[str, Any]) -> Any:
    return record_outcome(team.demand(), Became(OutcomeStatus.MET, attribution_words="They"), **how)


def commitment(team: Team, how: dict[str, Any]) -> Any:
    return record_commitment(team.campaign, Promise("A pause"), **how)


def grade(team: Team, how: dict[str, Any]) -> Any:
    return grade_commitment(commitment(team, how), Implementation.PARTLY, **how)


def resolution(team: Team, how: dict[str, Any]) -> Any:
    company = team.campaign.subjects[0].company
    assert company is not None
    return file_resolution(team.campaign, Filing("A study", company, item_number="7"), **how)


def disposition(team: Team, how: dict[str, Any]) -> Any:
    return record_disposition(resolution(team, how), DispositionKind.CHALLENGED, campaign=team.campaign, **how)


def vote(team: Team, how: dict[str, Any]) -> Any:
    published = [Published(Decimal("27.50"), Denominator.WITH_ABSTENTIONS, "Reuters")]
    return record_vote(resolution(team, how), Counted(percentages=published), campaign=team.campaign, **how)


def statement(team: Team, how: dict[str, Any]) -> Any:
    said = Said(company=team.campaign.subjects[0].company, speaker="A spokesperson", quotation="No.")
    return record_statement(team.campaign, said, **how)


def engagement(team: Team, how: dict[str, Any]) -> Any:
    return record_engagement(team.campaign, Contact(EngagementKind.CALL, next_step="Write"), **how)


def size(team: Team, how: dict[str, Any]) -> Any:
    claim = SizeClaim(Qualifier.ABOUT, 450, "employees", UncertainDate(dt.date(2018, 10, 1), Precision.MONTH))
    return record_reported_count(team.campaign, claim, **how)


KINDS = {
    "note": Kind(note, "headline", "Ten.", "Eleven.", "What is right", lambda one: one.headline),
    "outcome": Kind(
        outcome, "attribution_words", "Theirs", "Mine", "Who says so, in which words", lambda o: o.attribution_words
    ),
    "commitment": Kind(commitment, "promise", "Theirs", "Mine", "What was promised", lambda one: one.words),
    "commitment_grade": Kind(
        grade, "implementation", "fully", "abandoned", "How far it went", lambda one: one.implementation.value
    ),
    "resolution": Kind(resolution, "item_number", "8", "9", "Item", lambda one: one.item_number),
    "disposition": Kind(disposition, "kind", "omitted", "withdrawn", "What happened to it", lambda one: one.kind.value),
    "vote": Kind(
        vote,
        "percentages-0-value",
        "28.22",
        "37",
        "Published percentages",
        lambda one: str(one.percentages[0].value.normalize()),
        row="percentages",
    ),
    "statement": Kind(statement, "speaker", "Theirs", "Mine", "Speaker", lambda one: one.speaker),
    "engagement": Kind(engagement, "next_step", "Theirs", "Mine", "Next step", lambda one: one.next_step),
    "reported_count": Kind(size, "value", "500", "400", "How many", lambda one: str(one.value)),
}
