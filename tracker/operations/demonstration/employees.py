"""Employees to Amazon: three demands, three reported sizes, no name of a signatory, no known concession on Palantir."""

from __future__ import annotations

import datetime as dt

from tracker.accounts.models import Account
from tracker.campaigns import service
from tracker.campaigns.models import (
    Campaign,
    CampaignKind,
    Demand,
    DemandKind,
    Stage,
    SubjectRole,
    TargetKind,
    Visibility,
)
from tracker.campaigns.queries import demands_of
from tracker.campaigns.service.campaigns import QuickLog
from tracker.companies.service import find_or_add_company
from tracker.db import Precision
from tracker.engagements.service import Said, record_statement
from tracker.operations.demonstration.facts import fact, sources
from tracker.operations.demonstration.told import record, told
from tracker.outcomes.models import Attribution, OutcomeStatus
from tracker.outcomes.service import Became, record_outcome
from tracker.signatures.models import Qualifier
from tracker.signatures.service import SizeClaim, record_reported_count
from tracker.timeline.models import EntryKind
from tracker.web.dates import UncertainDate

TITLE = "We won’t build it"
NOBODY_KNOWS = "Several campaigns had asked for it; nobody can prove which of them caused it."


def load(actor: Account, now: dt.datetime) -> Campaign:
    """The campaign with everything that is known of it."""
    amazon = find_or_add_company("Amazon", now=now)
    june = fact("2018-06-21")
    campaign = service.log_campaign(
        QuickLog(
            title=TITLE,
            kind=CampaignKind.EMPLOYEE,
            company=amazon,
            demands=[
                "Stop selling facial recognition to law enforcement",
                "Stop providing infrastructure to Palantir and others who enable ICE",
                "Let employees oversee ethical decisions",
            ],
            began_on=dt.date(2018, 6, 1),
            began_precision=Precision.MONTH,
            sources=sources(june, now=now),
        ),
        actor=None,
        now=now,
        visibility=Visibility.PUBLIC,
        announce=False,
    )
    campaign.summary = (
        "Employees of Amazon ask its chief executive, Jeff Bezos, to keep facial recognition from the police and "
        "hosting from those who enable deportations. Who signed was never published; how many did is known only from "
        "what others reported."
    )
    service.set_issues(campaign, ["Facial recognition", "Immigration enforcement"], actor=None, now=now)
    service.add_subject(
        campaign, SubjectRole.ABOUT, company=find_or_add_company("Palantir Technologies", now=now), actor=None, now=now
    )
    bezos = service.add_target(
        campaign,
        kind=TargetKind.OFFICE_HOLDER,
        name="Jeff Bezos",
        office="chief executive",
        company=amazon,
        actor=None,
        now=now,
    )
    kinds = (DemandKind.STOP, DemandKind.STOP, DemandKind.ADOPT)
    for demand, kind in zip(demands_of(campaign), kinds, strict=True):
        demand.target, demand.kind = bezos, kind
    _sizes(campaign, actor, now)
    _what_happened(campaign, actor, now)
    _what_came_of_it(campaign, actor, now)
    return campaign


def _sizes(campaign: Campaign, actor: Account, now: dt.datetime) -> None:
    for date, qualifier in (
        ("2018-06-21", Qualifier.MORE_THAN),
        ("2018-10-16", Qualifier.MORE_THAN),
        ("2019-07-08", Qualifier.ABOUT),
    ):
        known = fact(date)
        month = dt.date.fromisoformat(date).replace(day=1)
        claim = SizeClaim(qualifier, known["value"], "employees", UncertainDate(month, Precision.MONTH))
        record_reported_count(
            campaign, claim, told(month, sources(known, now=now), precision=Precision.MONTH), actor=actor, now=now
        )


def _what_happened(campaign: Campaign, actor: Account, now: dt.datetime) -> None:
    june, october, july = fact("2018-06-21"), fact("2018-10-16"), fact("2019-07-08")
    service.change_stage(
        campaign,
        Stage.GATHERING,
        told=told(
            dt.date(2018, 6, 21),
            sources(june, now=now),
            "Pages differ on how it began: sent on Thursday 21 June, reported the day before, or posted on an internal "
            "wiki.",
        ),
        actor=None,
        now=now,
    )
    service.change_stage(
        campaign,
        Stage.DELIVERED,
        told=told(
            dt.date(2018, 10, 16),
            sources(october, now=now),
            "An employee’s article, verified by Medium, says on this day that the letter had been delivered a couple of "
            "weeks earlier. Medium takes it for the letter of June, grown; Business Insider says that this is unclear.",
        ),
        actor=None,
        now=now,
    )
    record(
        campaign,
        EntryKind.NOTE,
        "Employees repeated the demand about Palantir by e-mail on lists of AWS.",
        told(dt.date(2019, 7, 8), sources(july, now=now)),
        actor,
        now,
    )


def _what_came_of_it(campaign: Campaign, actor: Account, now: dt.datetime) -> None:
    police, palantir, _oversight = demands_of(campaign)
    july = fact("2019-07-08")
    record_outcome(
        palantir,
        Became(OutcomeStatus.UNANSWERED),
        told(
            dt.date(2019, 7, 8),
            sources(july, now=now),
            "Repeated by employees a year later. Not met as far as is known: no page read says otherwise.",
        ),
        actor=actor,
        now=now,
    )
    moratorium(campaign, police, actor, now)


def moratorium(campaign: Campaign, demand: Demand, actor: Account, now: dt.datetime) -> None:
    """Amazon's moratorium of 2020 and its extension: what it said, and what became of a demand."""
    begun, extended = fact("2020-06-10"), fact("2021-05-18")
    amazon = next(subject.company for subject in campaign.subjects if subject.role is SubjectRole.ASKED)
    for known, day, words in (
        (begun, dt.date(2020, 6, 10), "the police may not use Rekognition for one year."),
        (extended, dt.date(2021, 5, 18), "its moratorium on police use of Rekognition lasts until further notice."),
    ):
        record_statement(
            campaign,
            Said(company=amazon, demands=[demand]),
            told(day, sources(known, now=now), words),
            actor=actor,
            now=now,
        )
        record_outcome(
            demand,
            Became(OutcomeStatus.PARTLY_MET, Attribution.DISPUTED, NOBODY_KNOWS),
            told(
                day,
                sources(known, now=now),
                "A moratorium for one year, on use by the police alone."
                if known is begun
                else "The moratorium on use by the police was extended until further notice.",
            ),
            actor=actor,
            now=now,
        )
