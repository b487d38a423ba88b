"""Shareholders to Amazon: a letter, a resolution and its refilings, each vote with what it is a share of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tracker.accounts.models import Account
from tracker.campaigns import service
from tracker.campaigns.models import Campaign, CampaignKind, DemandKind, Stage, Visibility
from tracker.campaigns.queries import demands_of
from tracker.campaigns.service.campaigns import QuickLog
from tracker.companies.models import Company, OrganisationKind
from tracker.companies.service import find_or_add_company, find_or_add_organisation
from tracker.db import Precision
from tracker.operations.demonstration.employees import moratorium
from tracker.operations.demonstration.facts import fact, sources
from tracker.operations.demonstration.told import record, told
from tracker.resolutions.models import Denominator, DispositionKind, Resolution
from tracker.resolutions.service import Counted, Filing, Published, file_resolution, record_disposition, record_vote
from tracker.signatures.models import Qualifier
from tracker.signatures.service import SizeClaim, record_reported_count
from tracker.timeline.models import EntryKind
from tracker.web.dates import UncertainDate

TITLE = "Shareholders on Rekognition"
LEAD = "Sisters of St. Joseph of Brentwood"
FAITH = OrganisationKind.FAITH_BASED_INVESTOR
FILERS = {
    LEAD: FAITH,
    "Azzad Asset Management": OrganisationKind.ASSET_MANAGER,
    "Maryknoll Sisters": FAITH,
    "Sisters of St. Francis Charitable Trust": FAITH,
    "Sisters of St. Francis of Philadelphia": FAITH,
    "Harrington Investments": OrganisationKind.ASSET_MANAGER,
}
STUDY, DILIGENCE = "independent study", "customer due diligence"
INFERRED = "The page names no year; it is inferred."
NOT_FILED = "On the ballot of this meeting; when it was filed is not recorded."


@dataclass(frozen=True)
class Year:
    """One meeting's vote on one proposal: each percentage with its denominator and who published it."""

    on: str
    proposal: str
    percentages: Sequence[tuple[str, Denominator, str]]
    words: str = ""


STATED = Denominator.NOT_STATED
YEARS = (
    Year(
        "2019-05-22",
        STUDY,
        (
            ("27.5", Denominator.WITH_ABSTENTIONS, "Reuters"),
            ("28.22", Denominator.FOR_AND_AGAINST, "Harrington Investments"),
            ("37", Denominator.INDEPENDENT, "Open MIC"),
        ),
        "All three are right: the denominators differ.",
    ),
    Year(
        "2020-05-27",
        STUDY,
        (
            ("40.2", Denominator.INDEPENDENT, "Harrington Investments"),
            ("40", Denominator.INDEPENDENT, "Open MIC"),
        ),
        "Both count the shares without those of Jeff Bezos. Open MIC says 40 for each of two proposals.",
    ),
    Year("2021-05-26", STUDY, (("34.33", STATED, "PRI"), ("34.3", STATED, "Harrington Investments"))),
    Year("2022-05-25", STUDY, (("40.69", STATED, "PRI"),)),
    Year("2023-05-24", STUDY, (("37.4", STATED, "Harrington Investments"),)),
    Year("2024-05-22", STUDY, (("19.08", STATED, "PRI"),), INFERRED),
    Year("2022-05-25", DILIGENCE, (("40.3", STATED, "ICCR"), ("40", STATED, "Reuters"))),
    Year("2023-05-24", DILIGENCE, (("34.18", STATED, "PRI"),), INFERRED),
    Year("2024-05-22", DILIGENCE, (("16.79", STATED, "PRI"),), INFERRED),
)


def load(actor: Account, now: dt.datetime) -> Campaign:
    """The campaign with everything that is known of it."""
    amazon = find_or_add_company("Amazon", now=now)
    for name, kind in FILERS.items():
        find_or_add_organisation(name, kind=kind, now=now)
    letter = fact("2018-06-15")
    campaign = service.log_campaign(
        QuickLog(
            title=TITLE,
            kind=CampaignKind.SHAREHOLDER,
            company=amazon,
            demands=[
                "Halt the expansion and marketing of Rekognition to governments until the board oversees it",
                "Sell to no government unless the board finds no risk to rights",
                "Commission an independent study of the risks of Rekognition",
                "Report on due diligence about customers",
            ],
            began_on=dt.date(2018, 6, 15),
            sources=sources(letter, now=now),
        ),
        actor=None,
        now=now,
        visibility=Visibility.PUBLIC,
        announce=False,
    )
    campaign.summary = (
        "Shareholders of Amazon ask for oversight of facial recognition: first in a letter, then, organised by "
        "Open MIC, by resolutions that were filed again year after year."
    )
    service.set_issues(campaign, ["Facial recognition"], actor=None, now=now)
    kinds = (DemandKind.STOP, DemandKind.STOP, DemandKind.STUDY, DemandKind.DISCLOSE)
    for demand, kind_of in zip(demands_of(campaign), kinds, strict=True):
        demand.kind = kind_of
    _letter(campaign, actor, now)
    study = _meeting_of_2019(campaign, amazon, actor, now)
    _years(campaign, study, actor, now)
    moratorium(campaign, demands_of(campaign)[0], actor, now)
    return campaign


def _letter(campaign: Campaign, actor: Account, now: dt.datetime) -> None:
    letter, groups = fact("2018-06-15"), fact("2018-06")
    service.change_stage(
        campaign,
        Stage.DELIVERED,
        told=told(
            dt.date(2018, 6, 15),
            sources(letter, now=now),
            "A letter to Jeff Bezos on fiduciary oversight. Another letter, of civil-rights organisations, followed "
            "three days later; it is not this one.",
        ),
        actor=None,
        now=now,
    )
    june = dt.date(2018, 6, 1)
    record_reported_count(
        campaign,
        SizeClaim(Qualifier.EXACTLY, groups["value"], "groups of shareholders", UncertainDate(june, Precision.MONTH)),
        told(
            june,
            sources(groups, now=now),
            "As one page says, after CNN. Who they are was not found.",
            precision=Precision.MONTH,
        ),
        actor=actor,
        now=now,
    )


def _meeting_of_2019(campaign: Campaign, amazon: Company, actor: Account, now: dt.datetime) -> Resolution:
    """Both proposals of the first meeting; the study, which was filed again, comes back."""
    received, public = fact("2018-12-19"), fact("2019-01-17", "Resolution made public")
    five, worth = fact("2019-01-17", "Five filers"), fact("2019-01-17", "1.32")
    meeting = dt.date(2019, 5, 22)
    ban = file_resolution(
        campaign,
        Filing(
            title="Ban on selling facial recognition to governments",
            company=amazon,
            received_on=dt.date(2018, 12, 19),
            meeting_on=meeting,
            meeting_precision=Precision.DAY,
            item_number="6",
            lead_filer=LEAD,
            co_filers=[name for name in FILERS if name not in (LEAD, "Harrington Investments")],
        ),
        told(
            dt.date(2018, 12, 19),
            sources(received, public, five, now=now),
            "Amazon received it on this day; it was made public on 17 January 2019. Organised by Open MIC.",
        ),
        actor=actor,
        now=now,
    )
    record(
        campaign,
        EntryKind.NOTE,
        "The filers’ stake was given as USD 1.32 billion, as reported by Business Insider.",
        told(
            dt.date(2019, 1, 17),
            sources(worth, now=now),
            "The page writes both “shares worth” and “under management”; Open MIC’s own words were not found.",
        ),
        actor,
        now,
    )
    study = file_resolution(
        campaign,
        Filing(
            title="Independent study of Rekognition",
            company=amazon,
            meeting_on=meeting,
            meeting_precision=Precision.DAY,
            item_number="7",
            lead_filer="Harrington Investments",
        ),
        told(
            dt.date(2019, 3, 28),
            sources(fact("2019-03-28"), now=now),
            "Filed by this day, when the staff of the SEC wrote about it; the day of its filing is not recorded.",
        ),
        actor=actor,
        now=now,
    )
    for resolution in (ban, study):
        record_disposition(
            resolution,
            DispositionKind.CHALLENGE_REFUSED,
            told(
                dt.date(2019, 3, 28),
                sources(fact("2019-03-28"), now=now),
                "The staff of the SEC would not let Amazon leave the two proposals out.",
            ),
            campaign=campaign,
            actor=actor,
            now=now,
        )
    record(
        campaign,
        EntryKind.DISPOSITION,
        "The staff of the SEC declined to reconsider.",
        told(
            dt.date(2019, 4, 3),
            sources(fact("2019-04-03"), now=now),
            "The letter bears the date of Wednesday 3 April; Fast Company says Tuesday.",
        ),
        actor,
        now,
    )
    _vote(
        campaign,
        ban,
        Year(
            "2019-05-22",
            "ban on sales",
            (("2.4", STATED, "Reuters"), ("2.5", STATED, "GeekWire")),
            "GeekWire says about 2.5.",
        ),
        actor,
        now,
    )
    _vote(campaign, study, YEARS[0], actor, now)
    many = fact("2019-05-22", "number of shareholder proposals")
    record(
        campaign,
        EntryKind.NOTE,
        "Twelve shareholder proposals were voted on, or eleven: the sources differ.",
        told(
            meeting,
            sources(many, now=now),
            "Twelve according to the IASJ and Responsible Investor; eleven according to GeekWire and Packt.",
        ),
        actor,
        now,
    )
    return study


def _years(campaign: Campaign, study: Resolution, actor: Account, now: dt.datetime) -> None:
    """Each later meeting's proposal, filed again from the one before."""
    before = {STUDY: study}
    titles = {STUDY: "Independent study of Rekognition", DILIGENCE: "Report on customer due diligence"}
    for year in YEARS[1:]:
        on = dt.date.fromisoformat(year.on)
        known = fact(year.on, year.proposal)
        resolution = file_resolution(
            campaign,
            Filing(
                title=f"{titles[year.proposal]} ({on.year})",
                company=study.company,
                meeting_on=on,
                meeting_precision=Precision.DAY,
                refiled_from=before.get(year.proposal),
            ),
            told(on, sources(known, now=now), " ".join(filter(None, (NOT_FILED, year.words)))),
            actor=actor,
            now=now,
        )
        _vote(campaign, resolution, year, actor, now)
        before[year.proposal] = resolution


def _vote(campaign: Campaign, resolution: Resolution, year: Year, actor: Account, now: dt.datetime) -> None:
    known: dict[str, Any] = fact(year.on, year.proposal)
    record_vote(
        resolution,
        Counted(percentages=[Published(Decimal(value), share, by) for value, share, by in year.percentages]),
        told(dt.date.fromisoformat(year.on), sources(known, now=now), year.words),
        campaign=campaign,
        actor=actor,
        now=now,
    )
