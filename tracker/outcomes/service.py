"""Record what became of a demand, what was promised, and how far a promise went."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, CampaignKind, Demand
from tracker.campaigns.service import add_deadline
from tracker.companies.models import Company
from tracker.db import Precision, db
from tracker.outcomes.models import Attribution, Commitment, CommitmentGrade, Implementation, Outcome, OutcomeStatus
from tracker.timeline.models import CONFIDENTIAL, EntryKind
from tracker.timeline.service import TimelineError, Told, no_wider, record_revision, tell
from tracker.timeline.words import date_words, shortened
from tracker.words import _, gettext


class OutcomeError(TimelineError):
    """Why it was not recorded, in words; `field` says where that belongs."""


@dataclass(frozen=True)
class Became:
    """What became of a demand, as told."""

    status: OutcomeStatus
    attribution: Attribution = Attribution.NOT_CLAIMED
    attribution_words: str = ""
    replaced_by: Demand | None = None
    says_no_evidence: bool = False


def record_outcome(demand: Demand, became: Became, told: Told, *, actor: Account | None, now: dt.datetime) -> Outcome:
    """Record what became of a demand from a date on; earlier outcomes remain.

    Raises OutcomeError without evidence in words or a source, unless it is said that there is none; and when
    "replaced" does not name another demand of the same campaign.
    """
    if became.status is OutcomeStatus.REPLACED:
        other = became.replaced_by
        if other is None or other.id == demand.id or other.campaign_id != demand.campaign_id:
            raise OutcomeError(_("Say which other demand took its place."), "replaced_by")
    has_evidence = bool(told.words or told.sources or (told.corrects or told.replaces))
    if not (has_evidence or became.says_no_evidence or became.status is OutcomeStatus.UNANSWERED):
        raise OutcomeError(_("Give the evidence in words or by a source, or tick that there is none to give."), "words")
    entry = tell(
        told,
        campaign_id=demand.campaign_id,
        kind=EntryKind.OUTCOME,
        headline=outcome_headline(demand, became),
        record_type=Outcome.__tablename__,
        actor=actor,
        now=now,
    )
    outcome = Outcome(
        campaign_id=demand.campaign_id,
        demand=demand,
        entry=entry,
        status=became.status,
        attribution=became.attribution,
        attribution_words=became.attribution_words,
        replaced_by=became.replaced_by if became.status is OutcomeStatus.REPLACED else None,
        recorded_at=now,
    )
    db.session.add(outcome)
    db.session.flush()
    return outcome


def outcome_headline(demand: Demand, became: Became) -> str:
    """One sentence: which demand, and what became of it."""
    words = shortened(demand.words, 200).rstrip(".")
    is_ask = demand.campaign.kind is CampaignKind.SHAREHOLDER
    match became.status:
        case OutcomeStatus.UNANSWERED:
            return _said(
                is_ask,
                gettext("Ask unanswered: %(words)s.", words=words),
                gettext("Demand unanswered: %(words)s.", words=words),
            )
        case OutcomeStatus.REFUSED:
            return _said(
                is_ask,
                gettext("Ask refused: %(words)s.", words=words),
                gettext("Demand refused: %(words)s.", words=words),
            )
        case OutcomeStatus.PARTLY_MET:
            return _said(
                is_ask,
                gettext("Ask partly met: %(words)s.", words=words),
                gettext("Demand partly met: %(words)s.", words=words),
            )
        case OutcomeStatus.MET:
            return _said(
                is_ask, gettext("Ask met: %(words)s.", words=words), gettext("Demand met: %(words)s.", words=words)
            )
        case OutcomeStatus.REVERSED:
            return gettext("Granted once and now taken back: %(words)s.", words=words)
        case OutcomeStatus.REPLACED:
            other = shortened(became.replaced_by.words if became.replaced_by else "", 200).rstrip(".")
            return gettext("“%(words)s” is replaced by “%(other)s”.", words=words, other=other)


def _said(is_ask: bool, ask: str, demand: str) -> str:
    return ask if is_ask else demand


@dataclass(frozen=True)
class Promise:
    """What was promised, as told."""

    words: str
    company: Company | None = None
    demand: Demand | None = None
    due_on: dt.date | None = None
    due_precision: Precision | None = None
    is_deadline: bool = False


def record_commitment(
    campaign: Campaign,
    promise: Promise,
    told: Told,
    *,
    actor: Account,
    now: dt.datetime,
    known: Commitment | None = None,
) -> Commitment:
    """Record what the target promised, and by when; of a `known` one, tell anew what it was (its grades stay).

    Raises OutcomeError without words, or when something told in confidence would become a deadline.
    """
    if not promise.words:
        raise OutcomeError(_("Say what was promised."), "promise")
    if promise.is_deadline and told.visibility in CONFIDENTIAL:
        raise OutcomeError(
            _("A deadline is seen by all members and mailed; this was told in confidence."), "is_deadline"
        )
    if promise.is_deadline and promise.due_precision is not Precision.DAY:
        raise OutcomeError(_("A deadline needs a day, not only a month or a year."), "due_on")
    entry = tell(
        told,
        campaign_id=campaign.id,
        kind=EntryKind.COMMITMENT,
        headline=commitment_headline(promise),
        record_type=Commitment.__tablename__,
        actor=actor,
        now=now,
    )
    commitment = known or Commitment(campaign_id=campaign.id, recorded_at=now)
    if known is not None:
        _revise_commitment(known, promise, actor, now)
    commitment.entry = entry
    commitment.words = promise.words
    commitment.company = promise.company
    commitment.demand = promise.demand
    commitment.due_on = promise.due_on
    commitment.due_precision = promise.due_precision
    db.session.add(commitment)
    db.session.flush()
    if promise.is_deadline and promise.due_on:
        add_deadline(
            campaign,
            what=shortened(gettext("Promised: %(words)s", words=promise.words), 240),
            due_on=promise.due_on,
            owner=actor,
            actor=actor,
            now=now,
            commitment_id=commitment.id,
        )
    db.session.flush()
    return commitment


def commitment_headline(promise: Promise) -> str:
    """One sentence: who promised what, by when."""
    words = shortened(promise.words, 200).rstrip(".")
    who = promise.company.name if promise.company else gettext("The target")
    if promise.due_on:
        by = date_words(promise.due_on, promise.due_precision or Precision.DAY)
        return gettext("%(who)s promised, by %(date)s: %(words)s.", who=who, date=by, words=words)
    return gettext("%(who)s promised: %(words)s.", who=who, words=words)


def grade_commitment(
    commitment: Commitment, implementation: Implementation, told: Told, *, actor: Account, now: dt.datetime
) -> CommitmentGrade:
    """Say how far a promise had been carried out at a date, to no more people than read of it. The latest stands."""
    words = shortened(commitment.words or gettext("Words removed"), 160).rstrip(".")
    headline = {
        Implementation.NOT_KNOWN: gettext("Not known whether it was kept: %(words)s.", words=words),
        Implementation.NOT_STARTED: gettext("Promise not begun: %(words)s.", words=words),
        Implementation.PARTLY: gettext("Promise partly carried out: %(words)s.", words=words),
        Implementation.FULLY: gettext("Promise kept: %(words)s.", words=words),
        Implementation.ABANDONED: gettext("Promise abandoned: %(words)s.", words=words),
    }[implementation]
    entry = tell(
        no_wider(told, commitment.entry, actor=actor),
        campaign_id=commitment.campaign_id,
        kind=EntryKind.COMMITMENT,
        headline=headline,
        record_type=CommitmentGrade.__tablename__,
        actor=actor,
        now=now,
    )
    grade = CommitmentGrade(commitment=commitment, entry=entry, implementation=implementation, recorded_at=now)
    db.session.add(grade)
    db.session.flush()
    return grade


def _revise_commitment(known: Commitment, promise: Promise, actor: Account, now: dt.datetime) -> None:
    changes = {
        "words": (known.words, promise.words),
        "due_on": (known.due_on, promise.due_on),
        "company": (known.company and known.company.name, promise.company and promise.company.name),
        "demand": (known.demand and known.demand.words, promise.demand and promise.demand.words),
    }
    for field, (old, new) in changes.items():
        record_revision(
            record_type=Commitment.__tablename__,
            record_id=known.id,
            campaign_id=known.campaign_id,
            field=field,
            old_value=None if old is None else str(old),
            new_value=None if new is None else str(new),
            actor=actor,
            now=now,
        )
