"""Record what a target said, that it was silent, and every meeting, call and letter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, Demand, Target
from tracker.campaigns.service import add_deadline
from tracker.companies.models import Company
from tracker.db import db
from tracker.engagements.models import Channel, Engagement, EngagementKind, Statement
from tracker.timeline.models import CONFIDENTIAL, EntryKind
from tracker.timeline.service import TimelineError, Told, tell
from tracker.timeline.words import date_words, shortened
from tracker.words import _, gettext


class EngagementError(TimelineError):
    """Why it was not recorded, in words; `field` says where that belongs."""


@dataclass(frozen=True)
class Said:
    """A statement as told: whose, and in what words."""

    company: Company | None = None
    target: Target | None = None
    is_silence: bool = False
    speaker: str = ""
    office: str = ""
    quotation: str = ""
    channel: Channel | None = None
    demands: Sequence[Demand] = ()

    @property
    def body(self) -> str:
        """Who is answerable for it: the company, else the target."""
        company = self.company or (self.target.company if self.target else None)
        if company is not None:
            return company.name
        return self.target.name if self.target is not None else ""


def record_statement(
    campaign: Campaign, said: Said, told: Told, *, actor: Account | None, now: dt.datetime
) -> Statement:
    """Record what a target said, or that it had not answered by the entry's date.

    Raises EngagementError when nobody or no words are given.
    """
    if not said.body:
        raise EngagementError(_("Say who spoke, or who kept silent."), "by")
    if not said.is_silence and not said.quotation and not told.words:
        raise EngagementError(_("Give the words, or say in your own what they were."), "quotation")
    entry = tell(
        told,
        campaign_id=campaign.id,
        kind=EntryKind.STATEMENT,
        headline=statement_headline(said, told),
        record_type=Statement.__tablename__,
        actor=actor,
        now=now,
    )
    statement = Statement(
        campaign_id=campaign.id,
        entry=entry,
        company=said.company or (said.target.company if said.target else None),
        target=said.target,
        is_silence=said.is_silence,
        speaker="" if said.is_silence else said.speaker,
        office="" if said.is_silence else said.office,
        quotation="" if said.is_silence else said.quotation,
        channel=None if said.is_silence else said.channel,
        demands=list(said.demands),
        recorded_at=now,
    )
    db.session.add(statement)
    db.session.flush()
    return statement


def statement_headline(said: Said, told: Told) -> str:
    """One sentence: who, and in which words."""
    if said.is_silence:
        on = date_words(told.occurred_on, told.precision)
        return gettext("%(company)s had not answered by %(date)s.", company=said.body, date=on)
    who = said.body
    if said.speaker:
        office = f", {said.office}" if said.office else ""
        who = gettext("%(speaker)s of %(company)s", speaker=f"{said.speaker}{office}", company=said.body)
        if said.body in said.speaker or said.body in said.office:
            who = f"{said.speaker}{office}"
    if said.quotation:
        return gettext("%(who)s: “%(words)s”", who=who, words=shortened(said.quotation))
    return gettext("%(who)s answered: %(words)s", who=who, words=shortened(told.words))


@dataclass(frozen=True)
class Contact:
    """A meeting, call or letter as told."""

    kind: EngagementKind
    target: Target | None = None
    participants: str = ""
    next_step: str = ""
    next_step_on: dt.date | None = None


def record_engagement(
    campaign: Campaign, contact: Contact, told: Told, *, actor: Account | None, now: dt.datetime
) -> Engagement:
    """Record a contact with a target; a next step with a date becomes a deadline of whoever records it.

    The headline names the body, never a person: who took part is told apart, to whom it may be (safety.md, 9).
    Raises EngagementError when a date has no step, or the step was told in confidence.
    """
    if contact.next_step_on and not contact.next_step:
        raise EngagementError(_("Say what is to be done by then."), "next_step")
    if contact.next_step_on and told.visibility in CONFIDENTIAL:
        raise EngagementError(
            _("A deadline is seen by all members and mailed; of something in confidence, leave the date away."),
            "next_step_on",
        )
    entry = tell(
        told,
        campaign_id=campaign.id,
        kind=EntryKind.ENGAGEMENT,
        headline=engagement_headline(contact),
        record_type=Engagement.__tablename__,
        actor=actor,
        now=now,
    )
    engagement = Engagement(
        campaign_id=campaign.id,
        entry=entry,
        target=contact.target,
        kind=contact.kind,
        participants=contact.participants,
        next_step=contact.next_step,
        recorded_at=now,
    )
    db.session.add(engagement)
    if contact.next_step_on:
        what = shortened(contact.next_step, 240)
        add_deadline(campaign, what=what, due_on=contact.next_step_on, owner=actor, actor=actor, now=now)
    db.session.flush()
    return engagement


def engagement_headline(contact: Contact) -> str:
    """One sentence without a person's name."""
    body = _body(contact.target)
    return {
        EngagementKind.MEETING: gettext("Meeting with %(body)s.", body=body),
        EngagementKind.CALL: gettext("Call with %(body)s.", body=body),
        EngagementKind.LETTER: gettext("Letter to %(body)s.", body=body),
    }[contact.kind]


def _body(target: Target | None) -> str:
    """The body behind a target; an office-holder's name would tell who took part."""
    if target is not None and target.company is not None:
        return target.company.name
    if target is not None and target.organisation is not None:
        return target.organisation.name
    return gettext("those who are asked")
