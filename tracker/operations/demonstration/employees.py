"""The campaign of Amazon's employees, "We won’t build it"."""

from __future__ import annotations

import datetime as dt

from tracker.campaigns.models import Campaign, CampaignKind, DemandKind, Stage, SubjectRole, TargetKind, Visibility
from tracker.campaigns.queries import demands_of
from tracker.campaigns.service import add_demand, add_subject, change_stage, log_campaign, set_issues
from tracker.campaigns.service.campaigns import QuickLog
from tracker.companies.service import find_or_add_company
from tracker.operations.demonstration.facts import WHO_MOVED_THEM, Evidence, Fact, day, fact
from tracker.outcomes.models import OutcomeStatus
from tracker.outcomes.service import Became, record_outcome
from tracker.signatures.models import Qualifier
from tracker.signatures.service import SizeClaim, record_reported_count

TITLE = "We won’t build it"

SUMMARY = (
    "Employees of Amazon ask Jeff Bezos not to sell facial recognition to law enforcement, not to run servers for "
    "Palantir and others who enable ICE, and to give employees a say in such decisions.\n\n"
    "The names of those who signed were never published. How many they were is told by others, at three dates."
)


def tell_employees(now: dt.datetime) -> Campaign:
    """Record the campaign with its demands, its three reported sizes and what became of each demand."""
    evidence = Evidence(now)
    june, october, july = (
        fact("letter-of-employees"),
        fact("four-hundred-and-fifty"),
        fact("five-hundred"),
    )
    campaign = _begin(evidence, june, now)
    _grow(campaign, evidence, june, october, july, now)
    _become(campaign, evidence, now)
    return campaign


def _begin(evidence: Evidence, june: Fact, now: dt.datetime) -> Campaign:
    amazon = find_or_add_company("Amazon", now=now)
    began = day("2018-06")
    log = QuickLog(
        title=TITLE,
        kind=CampaignKind.EMPLOYEE,
        company=amazon,
        demands=(
            "Stop selling Rekognition and other facial recognition to law enforcement",
            "Stop running AWS for Palantir and for others who enable ICE’s deportations",
        ),
        began_on=began.date,
        began_precision=began.precision,
        sources=evidence.of(june),
    )
    campaign = log_campaign(log, actor=None, now=now, visibility=Visibility.PUBLIC, announce=False)
    campaign.summary = SUMMARY
    addressee = campaign.targets[0]
    addressee.kind, addressee.name, addressee.office = TargetKind.OFFICE_HOLDER, "Jeff Bezos", "Chief executive"
    for demand in demands_of(campaign):
        demand.kind = DemandKind.STOP
    add_subject(
        campaign, SubjectRole.ABOUT, company=find_or_add_company("Palantir Technologies", now=now), actor=None, now=now
    )
    set_issues(campaign, ["Facial recognition", "Immigration enforcement"], actor=None, now=now)
    return campaign


def _grow(campaign: Campaign, evidence: Evidence, june: Fact, october: Fact, july: Fact, now: dt.datetime) -> None:
    told = evidence.told(
        june.date[:7],
        june,
        words="""Accounts differ on how it was handed in: sent on that week’s Thursday, reported on the Wednesday
        before, or put on an internal wiki.""",
    )
    change_stage(campaign, Stage.GATHERING, told=told, actor=None, now=now)
    _size(campaign, evidence, june, Qualifier.MORE_THAN, now, "Senior engineers were among them.")
    add_demand(
        campaign,
        "Give employees oversight of ethical decisions",
        told=evidence.told(
            october.date,
            october,
            words="""The letter of June asked for transparency and accountability. The op-ed of October asks that
            employees oversee such decisions.""",
        ),
        kind=DemandKind.ADOPT,
        target=campaign.targets[0],
        actor=None,
        now=now,
    )
    _size(
        campaign,
        evidence,
        october,
        Qualifier.MORE_THAN,
        now,
        """By one account the letter of June had grown to this number; Business Insider writes that it is not clear
        whether it is the same letter.""",
    )
    told = evidence.told(
        october.date[:7],
        october,
        words="""The op-ed of 16 October says that the letter had reached Jeff Bezos a few weeks earlier; the day is not
        known.""",
    )
    change_stage(campaign, Stage.DELIVERED, told=told, actor=None, now=now)
    evidence.note(
        campaign,
        july,
        "An e-mail to internal lists of Amazon Web Services repeats the demand to end the work for Palantir.",
        "Sent on a Monday and reported by the press later that week.",
    )
    _size(
        campaign,
        evidence,
        july,
        Qualifier.ABOUT,
        now,
        "Some of the press write “some 500”, others “more than 500”; all of the petition begun in 2018.",
    )


def _size(
    campaign: Campaign, evidence: Evidence, each: Fact, qualifier: Qualifier, now: dt.datetime, words: str
) -> None:
    month = each.date[:7]
    claim = SizeClaim(qualifier, each.number, "employees", day(month))
    record_reported_count(campaign, claim, evidence.told(month, each, words=words), actor=None, now=now)


def _become(campaign: Campaign, evidence: Evidence, now: dt.datetime) -> None:
    """Of the other two demands nothing is known, so nothing is recorded: they are unanswered."""
    recognition = demands_of(campaign)[0]
    became = Became(
        OutcomeStatus.PARTLY_MET,
        attribution_words=WHO_MOVED_THEM,
    )
    for each, words in (
        (fact("moratorium"), "For one year Amazon lets no police force use Rekognition. The demand is for an end."),
        (fact("moratorium-extended"), "The pause goes on until further notice."),
    ):
        record_outcome(recognition, became, evidence.told(each.date, each, words=words), actor=None, now=now)
