"""A tracker's worth of records with words in many scripts, the same from the same seed; and three readers."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from flask import Flask

from tests.support.accounts import make_account, make_member
from tracker.accounts.models import Membership, Role
from tracker.campaigns.models import (
    Campaign,
    CampaignKind,
    CampaignSubject,
    CampaignText,
    Demand,
    Issue,
    Stage,
    SubjectRole,
    Target,
    TargetKind,
    Visibility,
)
from tracker.companies.models import Company, CompanyName, Organisation
from tracker.db import Precision, db, transaction
from tracker.engagements.models import Statement
from tracker.outcomes.models import Outcome, OutcomeStatus
from tracker.resolutions.models import Resolution
from tracker.timeline.models import EntryKind, EntryVisibility, Source, TimelineEntry

WORDS = [
    "amazon",
    "Amazon’s",
    "palantir",
    "rekognition",
    "resolution",
    "resolutions",
    "proposal",
    "company",
    "companies",
    "ethics",
    "oversight",
    "S&P",
    "AT&T",
    "U.S.",
    "co-filer",
    "cofilers",
    "14a-8",
    "27.5",
    "27,5",
    "1,000",
    "Žižek",
    "Łódź",
    "straße",
    "亚马逊员工",
    "亚马逊",
    "员工",
    "الأمازون",
    "الامازون",
    "쿠팡은",
    "हिन्दी",
    "moratorium",
    "vote",
    "votes",
    "board",
    "a",
    "no",
    "of",
    "the",
    "facial",
    "recognition",
    "l’oréal",
    "ﬁnal",
    "facial-recognition",
    "category",
    "cat",
]
MOMENT = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Readers:
    """Who asks: an administrator, a member of every third campaign, and a viewer who is a member of none."""

    administrator: int
    member: int
    viewer: int


def fill(app: Flask, seed: int, campaigns: int = 24, entries: int = 12) -> Readers:
    """Write it all, in the same order everywhere."""
    chance = random.Random(seed)
    readers = Readers(
        make_account(app, Role.ADMINISTRATOR, name="Administrator"),
        make_account(app, Role.VIEWER, name="Member"),
        make_account(app, Role.VIEWER, name="Viewer"),
    )
    with app.app_context(), transaction():
        companies = [_company(chance, number) for number in range(6)]
        bodies = [_organisation(chance, number) for number in range(4)]
        issues = [Issue(slug=f"issue-{n}", name=_some(chance, 1), description=_some(chance)) for n in range(4)]
        sources = [
            Source(
                citation=_some(chance), title=_some(chance, 2), quotation=_some(chance), recorded_at=MOMENT,
                published_on=_day(chance),
            )
            for _ in range(40)
        ]  # fmt: skip
        db.session.add_all([*companies, *bodies, *issues, *sources])
        db.session.flush()
        made = []
        for number in range(campaigns):
            campaign = _campaign(chance, number, companies, bodies, issues)
            db.session.add(campaign)
            db.session.flush()
            made.append(campaign.id)
            for _entry in range(entries):
                _entry_of(chance, campaign, companies, sources, readers)
    for campaign_id in made[::3]:
        make_member(app, campaign_id, readers.member, Membership.READER)
    return readers


def _some(chance: random.Random, most: int = 12) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(chance.randint(1, most)))


def _day(chance: random.Random) -> dt.date | None:
    return chance.choice([None, dt.date(2018, 6, 1), dt.date(2019, 5, 22), dt.date(2020, 6, 10), dt.date(2021, 5, 26)])


def _company(chance: random.Random, number: int) -> Company:
    name = _some(chance, 2)
    company = Company(slug=f"company-{number}", name=name, ticker=name[:3].upper(), created_at=MOMENT)
    company.names = [CompanyName(name=_some(chance, 2)) for _ in range(number % 3)]
    return company


def _organisation(chance: random.Random, number: int) -> Organisation:
    return Organisation(slug=f"organisation-{number}", name=_some(chance, 3), created_at=MOMENT)


def _campaign(
    chance: random.Random, number: int, companies: list[Company], bodies: list[Organisation], issues: list[Issue]
) -> Campaign:
    campaign = Campaign(
        slug=f"campaign-{number}",
        title=_some(chance, 5),
        summary=_some(chance),
        kind=chance.choice(list(CampaignKind)),
        stage=chance.choice(list(Stage)),
        visibility=chance.choice(list(Visibility)),
        link_token=f"token-{number}",
        is_protected=False,
        began_on=_day(chance),
        created_at=MOMENT + dt.timedelta(hours=number),
        changed_at=MOMENT + dt.timedelta(hours=number),
        deleted_at=MOMENT if number % 11 == 10 else None,
    )
    campaign.subjects.append(CampaignSubject(company=chance.choice(companies), role=SubjectRole.ASKED))
    campaign.subjects.append(CampaignSubject(organisation=chance.choice(bodies), role=SubjectRole.ABOUT))
    campaign.issues = chance.sample(issues, chance.randint(0, 2))
    campaign.texts = [CampaignText(number=n, body=_some(chance), recorded_at=MOMENT) for n in range(1, number % 3 + 1)]
    campaign.targets = [Target(kind=TargetKind.OFFICE_HOLDER, name=_some(chance, 2), office=_some(chance, 1))]
    campaign.demands = [
        Demand(position=n, words=_some(chance, 6), detail=_some(chance), created_at=MOMENT) for n in (1, 2)
    ]
    return campaign


def _entry_of(
    chance: random.Random, campaign: Campaign, companies: list[Company], sources: list[Source], readers: Readers
) -> None:
    kind = chance.choice([EntryKind.NOTE, EntryKind.STATEMENT, EntryKind.RESOLUTION, EntryKind.OUTCOME])
    moment = MOMENT + dt.timedelta(minutes=chance.randint(0, 90_000))
    entry = TimelineEntry(
        campaign_id=campaign.id,
        kind=kind,
        record_type={EntryKind.NOTE: ""}.get(kind, kind.value),
        headline=_some(chance, 6),
        words=_some(chance),
        occurred_on=_day(chance) or dt.date(2018, 1, 1),
        occurred_precision=Precision.DAY,
        recorded_at=moment,
        actor_id=readers.administrator,
        visibility=chance.choice(list(EntryVisibility)),
        public_from=chance.choice([None, None, dt.date(2100, 1, 1)]),
        deleted_at=chance.choice([None, None, None, moment]),
        sources=chance.sample(sources, chance.randint(0, 2)),
    )
    campaign.changed_at = max(campaign.changed_at, moment)
    db.session.add(entry)
    db.session.flush()
    if kind is EntryKind.STATEMENT:
        db.session.add(
            Statement(
                campaign_id=campaign.id, entry_id=entry.id, quotation=_some(chance), speaker=_some(chance, 2),
                recorded_at=moment,
            )
        )  # fmt: skip
    elif kind is EntryKind.RESOLUTION:
        db.session.add(
            Resolution(
                campaign_id=campaign.id, entry_id=entry.id, company=chance.choice(companies), title=_some(chance, 4),
                resolved_clause=_some(chance), recorded_at=moment,
            )
        )  # fmt: skip
    elif kind is EntryKind.OUTCOME:
        db.session.add(
            Outcome(
                campaign_id=campaign.id, entry_id=entry.id, demand_id=chance.choice(campaign.demands).id,
                status=chance.choice(list(OutcomeStatus)), attribution_words=_some(chance), recorded_at=moment,
            )
        )  # fmt: skip
