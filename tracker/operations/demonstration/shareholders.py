"""The campaign of Amazon's shareholders about Rekognition."""

from __future__ import annotations

import datetime as dt

from tracker.campaigns.models import Campaign, CampaignKind, DemandKind, Stage, Visibility
from tracker.campaigns.queries import demands_of
from tracker.campaigns.service import add_demand, change_stage, log_campaign, set_issues
from tracker.campaigns.service.campaigns import QuickLog
from tracker.companies.models import OrganisationKind
from tracker.companies.service import find_or_add_company, find_or_add_organisation
from tracker.engagements.models import Channel, EngagementKind
from tracker.engagements.service import Contact, Said, record_engagement, record_statement
from tracker.operations.demonstration.facts import WHO_MOVED_THEM, Evidence, day, fact
from tracker.operations.demonstration.resolutions import tell_resolutions
from tracker.outcomes.models import OutcomeStatus
from tracker.outcomes.service import Became, record_outcome
from tracker.signatures.models import Qualifier
from tracker.signatures.service import SizeClaim, record_reported_count

TITLE = "Shareholders to Amazon: Rekognition"

SUMMARY = (
    "Shareholders of Amazon ask that Rekognition is not sold to governments until the board has looked into what it "
    "does to people’s rights, that somebody independent studies this, and that the company knows its customers.\n\n"
    "They wrote a letter, filed resolutions from 2019 on, and had them voted on year after year."
)

FILERS = {
    "Sisters of St. Joseph of Brentwood": OrganisationKind.FAITH_BASED_INVESTOR,
    "Azzad Asset Management": OrganisationKind.ASSET_MANAGER,
    "Maryknoll Sisters": OrganisationKind.FAITH_BASED_INVESTOR,
    "Sisters of St. Francis Charitable Trust": OrganisationKind.FAITH_BASED_INVESTOR,
    "Sisters of St. Francis of Philadelphia": OrganisationKind.FAITH_BASED_INVESTOR,
    "Harrington Investments": OrganisationKind.ASSET_MANAGER,
}


def tell_shareholders(now: dt.datetime) -> Campaign:
    """Record the campaign with its letter, its resolutions and their votes, and what Amazon did."""
    evidence = Evidence(now)
    campaign = _begin(evidence, now)
    _letter(campaign, evidence, now)
    for name, kind in FILERS.items():
        find_or_add_organisation(name, kind=kind, now=now)
    _add_asks(campaign, evidence, now)
    tell_resolutions(campaign, evidence, now)
    _pause(campaign, evidence, now)
    return campaign


def _begin(evidence: Evidence, now: dt.datetime) -> Campaign:
    letter = fact("letter-of-shareholders")
    began = day(letter.date)
    log = QuickLog(
        title=TITLE,
        kind=CampaignKind.SHAREHOLDER,
        company=find_or_add_company("Amazon", now=now),
        demands=("Stop offering Rekognition to governments until the board has looked into the risks to rights",),
        began_on=began.date,
        began_precision=began.precision,
        sources=evidence.of(letter),
    )
    campaign = log_campaign(log, actor=None, now=now, visibility=Visibility.PUBLIC, announce=False)
    campaign.summary = SUMMARY
    ask = demands_of(campaign)[0]
    ask.kind = DemandKind.STOP
    ask.detail = (
        "The letter of 2018 asks to halt the expansion, development and marketing until the board oversees it. The "
        "resolution of 2019 asks to stop sales unless the board finds that there is no risk to rights."
    )
    set_issues(campaign, ["Facial recognition"], actor=None, now=now)
    return campaign


def _letter(campaign: Campaign, evidence: Evidence, now: dt.datetime) -> None:
    letter, groups, other = (
        fact("letter-of-shareholders"),
        fact("twenty-groups"),
        fact("letter-of-civil-rights-organisations"),
    )
    told = evidence.told(
        letter.date,
        letter,
        words="""To Jeff Bezos: halt the expansion, development and marketing of Rekognition to all governments until
        the board oversees it.""",
    )
    record_engagement(campaign, Contact(EngagementKind.LETTER, target=campaign.targets[0]), told, actor=None, now=now)
    change_stage(
        campaign,
        Stage.DELIVERED,
        told=evidence.told(letter.date, letter, words="The letter bears this date."),
        actor=None,
        now=now,
    )
    claim = SizeClaim(Qualifier.EXACTLY, groups.number, "groups of shareholders", day(groups.date))
    told = evidence.told(groups.date, groups, words="By one page, which names CNN as its source.")
    record_reported_count(campaign, claim, told, actor=None, now=now)
    evidence.note(
        campaign,
        other,
        "A letter of civil-rights organisations to Amazon bears a date three days later.",
        "It is another document, of others; neither is part of the other.",
    )


def _add_asks(campaign: Campaign, evidence: Evidence, now: dt.datetime) -> None:
    """Two more asks came with the resolutions; the day that each was first filed was not found, so: the year."""
    study, diligence = fact("vote-2019-study"), fact("vote-2022-due-diligence")
    for first, words, kind in (
        (study, "Have somebody independent study what Rekognition does to rights", DemandKind.STUDY),
        (diligence, "Report how the company checks what its customers do with its technology", DemandKind.DISCLOSE),
    ):
        year = first.date[:4]
        told = evidence.told(
            year, first, words=f"Known from the ballot of {year}; when it was first asked was not found."
        )
        add_demand(campaign, words, told=told, kind=kind, target=campaign.targets[0], actor=None, now=now)


def _pause(campaign: Campaign, evidence: Evidence, now: dt.datetime) -> None:
    stop = demands_of(campaign)[0]
    became = Became(OutcomeStatus.PARTLY_MET, attribution_words=WHO_MOVED_THEM)
    for each, said, done in (
        (
            fact("moratorium"),
            "Police may not use Rekognition for one year.",
            "It holds for the police and for a year; the ask is for all governments, until the board has looked.",
        ),
        (
            fact("moratorium-extended"),
            "Police may not use Rekognition until further notice.",
            "It still holds for the police alone.",
        ),
    ):
        statement = Said(company=campaign.subjects[0].company, demands=(stop,), channel=Channel.PRESS)
        told = evidence.told(each.date, each, words=said)
        record_statement(campaign, statement, told, actor=None, now=now)
        record_outcome(stop, became, evidence.told(each.date, each, words=done), actor=None, now=now)
