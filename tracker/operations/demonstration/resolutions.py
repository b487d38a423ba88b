"""The resolutions of the shareholders' campaign: filings, the SEC's refusals, and every vote with its denominator."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from tracker.campaigns.models import Campaign
from tracker.companies.models import Company
from tracker.companies.service import find_or_add_company
from tracker.operations.demonstration.facts import Evidence, Fact, day, fact
from tracker.resolutions.models import Denominator, DispositionKind, Resolution
from tracker.resolutions.service import Counted, Filing, Published, file_resolution, record_disposition, record_vote
from tracker.timeline.models import EntryKind, Source
from tracker.timeline.service import tell
from tracker.timeline.words import date_words

BAN = "Stop sales to governments unless the board finds no risk to rights"
STUDY = "Independent study of Rekognition"
DILIGENCE = "Customer due diligence"
SEC = "The staff wrote on both resolutions, the ban and the study."


@dataclass(frozen=True)
class Season:
    """One vote: which fact, on what, and the percentages beside the fact's own value as others published them."""

    fact_id: str
    title: str
    denominator: Denominator
    by: str
    others: tuple[tuple[str, Denominator, str, int], ...] = ()  # value, denominator, who, number of the fact's source
    words: str = ""
    source: int = 0


SEASONS = (
    Season(
        "vote-2020-study",
        STUDY,
        Denominator.INDEPENDENT,
        "Harrington Investments",
        (("40", Denominator.INDEPENDENT, "Open MIC", 1),),
        "Shares without those of Jeff Bezos. Open MIC writes 40 % for each of two resolutions.",
    ),
    Season(
        "vote-2021-study",
        STUDY,
        Denominator.NOT_STATED,
        "Principles for Responsible Investment",
        (("34.3", Denominator.NOT_STATED, "Harrington Investments", 1),),
    ),
    Season("vote-2022-study", STUDY, Denominator.NOT_STATED, "Principles for Responsible Investment"),
    Season(
        "vote-2022-due-diligence",
        DILIGENCE,
        Denominator.NOT_STATED,
        "Interfaith Center on Corporate Responsibility",
        (("40", Denominator.NOT_STATED, "Reuters", 1),),
    ),
    Season("vote-2023-study", STUDY, Denominator.NOT_STATED, "Harrington Investments"),
    Season(
        "vote-2023-due-diligence",
        DILIGENCE,
        Denominator.NOT_STATED,
        "Principles for Responsible Investment",
        words="The page names no year; that it is 2023 is inferred.",
    ),
    Season(
        "vote-2024-study",
        STUDY,
        Denominator.NOT_STATED,
        "Principles for Responsible Investment",
        words="The year is inferred from a date that the resolution sets, the end of 2024.",
    ),
    Season(
        "vote-2024-due-diligence",
        DILIGENCE,
        Denominator.NOT_STATED,
        "Principles for Responsible Investment",
        words="The page names no year; that it is 2024 is inferred.",
    ),
)


def tell_resolutions(campaign: Campaign, evidence: Evidence, now: dt.datetime) -> None:
    """Record the two resolutions of 2019 with all that is known, then each later vote as a refiling."""
    amazon = find_or_add_company("Amazon", now=now)
    chains = _first_season(campaign, amazon, evidence, now)
    for season in SEASONS:
        each = fact(season.fact_id)
        before = chains.get(season.title)
        resolution = _on_ballot(campaign, amazon, season.title, each, evidence, now, refiled_from=before)
        chains[season.title] = resolution
        first = _published(each.share, season.denominator, season.by, evidence.at(each.sources[season.source]))
        others = [
            _published(Decimal(value), denominator, by, evidence.at(each.sources[number]))
            for value, denominator, by, number in season.others
        ]
        told = evidence.told(each.date, each, words=season.words)
        counted = Counted(percentages=(first, *others))
        record_vote(resolution, counted, told, campaign=campaign, actor=None, now=now)


def _first_season(campaign: Campaign, amazon: Company, evidence: Evidence, now: dt.datetime) -> dict[str, Resolution]:
    received, filers, public = fact("received"), fact("five-filers"), fact("made-public")
    meeting = day(fact("vote-2019-ban").date)
    filing = Filing(
        title=BAN,
        company=amazon,
        received_on=day(received.date).date,
        meeting_on=meeting.date,
        meeting_precision=meeting.precision,
        item_number="6",
        lead_filer="Sisters of St. Joseph of Brentwood",
        co_filers=(
            "Azzad Asset Management",
            "Maryknoll Sisters",
            "Sisters of St. Francis Charitable Trust",
            "Sisters of St. Francis of Philadelphia",
        ),
    )
    told = evidence.told(
        received.date[:7], received, filers, words="Organised by Open MIC. Amazon received it on 19 December."
    )
    ban = file_resolution(campaign, filing, told, actor=None, now=now)
    evidence.note(campaign, public, "The resolution of the five filers is made public.")
    holdings = fact("holdings")
    evidence.note(
        campaign,
        holdings,
        "USD 1.32 billion, as reported by Business Insider: what the investors behind the resolution hold.",
        """The same page says it in two ways that do not mean the same: shares worth that much, and that much of
        Amazon’s shares under management. What Open MIC itself wrote was not found.""",
    )
    study = _on_ballot(
        campaign, amazon, STUDY, fact("vote-2019-study"), evidence, now, lead="Harrington Investments", item="7"
    )
    _challenge(campaign, (ban, study), evidence, now)
    _votes_of_2019(campaign, ban, study, evidence, now)
    return {BAN: ban, STUDY: study}


def _on_ballot(
    campaign: Campaign,
    amazon: Company,
    title: str,
    vote: Fact,
    evidence: Evidence,
    now: dt.datetime,
    *,
    lead: str = "",
    item: str = "",
    refiled_from: Resolution | None = None,
) -> Resolution:
    """A resolution known from its vote alone: when it was filed was not found, and the entry does not say so."""
    meeting = day(vote.date)
    filing = Filing(
        title=title,
        company=amazon,
        meeting_on=meeting.date,
        meeting_precision=meeting.precision,
        item_number=item,
        lead_filer=lead,
        refiled_from=refiled_from,
    )
    told = evidence.told(vote.date[:4], vote, words="When it was filed was not found.")
    resolution = file_resolution(campaign, filing, told, actor=None, now=now)
    resolution.filed_on = resolution.filed_precision = None
    on = date_words(meeting.date, meeting.precision)
    again = " again" if refiled_from else ""
    by = f" by {lead}" if lead else ""
    resolution.entry.headline = f"On the ballot at Amazon{again}, for the meeting of {on}: “{title}”{by}."
    return resolution


def _challenge(campaign: Campaign, both: tuple[Resolution, ...], evidence: Evidence, now: dt.datetime) -> None:
    refused, again = fact("sec-refusal"), fact("sec-reconsideration")
    for resolution in both:
        told = evidence.told(refused.date, refused, words=SEC)
        record_disposition(resolution, DispositionKind.CHALLENGE_REFUSED, told, campaign=campaign, actor=None, now=now)
    told = evidence.told(
        again.date, again, words="The letter is dated 3 April, a Wednesday. Fast Company writes that it was Tuesday."
    )
    tell(
        told,
        campaign_id=campaign.id,
        kind=EntryKind.DISPOSITION,
        headline="The SEC’s staff declined to reconsider: both resolutions stay on Amazon’s ballot.",
        record_type="",
        actor=None,
        now=now,
    )


def _votes_of_2019(
    campaign: Campaign, ban: Resolution, study: Resolution, evidence: Evidence, now: dt.datetime
) -> None:
    item_6, item_7 = fact("vote-2019-ban"), fact("vote-2019-study")
    reuters, geekwire = (evidence.at(name) for name in item_6.sources)
    counted = Counted(
        percentages=(
            _published(item_6.share, Denominator.NOT_STATED, "Reuters", reuters),
            _published(Decimal("2.5"), Denominator.NOT_STATED, "GeekWire", geekwire),
        )
    )
    told = evidence.told(item_6.date, item_6, words="GeekWire writes “about 2.5 %”.")
    record_vote(ban, counted, told, campaign=campaign, actor=None, now=now)
    reuters, harrington, open_mic = (evidence.at(name) for name in item_7.sources)
    counted = Counted(
        percentages=(
            _published(item_7.share, Denominator.WITH_ABSTENTIONS, "Reuters", reuters),
            _published(Decimal("28.22"), Denominator.FOR_AND_AGAINST, "Harrington Investments", harrington),
            _published(Decimal("37"), Denominator.INDEPENDENT, "Open MIC", open_mic),
        )
    )
    words = "All three are right: each is a share of something else. Amazon itself counts abstentions as against."
    told = evidence.told(item_7.date, item_7, words=words)
    record_vote(study, counted, told, campaign=campaign, actor=None, now=now)
    number = fact("number-of-proposals-2019")
    evidence.note(
        campaign,
        number,
        f"{number.number} resolutions of shareholders were voted on at the meeting, or 11: accounts differ.",
        "12 by iasj.org and Responsible Investor; 11 by the copy of GeekWire’s report.",
    )


def _published(value: Decimal, denominator: Denominator, by: str, source: Source) -> Published:
    return Published(value=value, denominator=denominator, published_by=by, source=source)
