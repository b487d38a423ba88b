"""Campaigns with what belongs to each: who is asked what, the letter, members, deadlines, and their histories."""

from __future__ import annotations

import datetime as dt
import random
import secrets
from dataclasses import dataclass

from bench.room.world import words
from bench.room.world.histories import History
from bench.room.world.people import add_counted
from bench.room.world.rows import Rows
from tracker.accounts.models import Account, CampaignMember, Membership, Role
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.models import (
    Campaign,
    CampaignKind,
    CampaignSubject,
    CampaignText,
    Demand,
    DemandKind,
    Issue,
    Stage,
    SubjectRole,
    Target,
    TargetKind,
    Visibility,
)
from tracker.companies.models import Company, Organisation, OrganisationKind
from tracker.db import Precision, new_public_id

ISSUES = ("Facial recognition", "Pay", "Climate", "Organising", "Water", "Data brokers", "Lobbying", "Supply chains")
VISIBILITIES = (
    *[Visibility.PUBLIC] * 12,
    *[Visibility.SIGNED_IN] * 4,
    *[Visibility.MEMBERS] * 2,
    *[Visibility.LINK] * 2,
)
STAGES = (Stage.DRAFT, *[Stage.GATHERING] * 3, *[Stage.DELIVERED] * 2, *[Stage.IN_DIALOGUE] * 2, *[Stage.CONCLUDED] * 3)
MOST_OF_ONE = 400  # campaigns that ask one company
SIGNED_THE_OTHERS = 6  # people a campaign


@dataclass(frozen=True)
class Known:
    """A company in the world."""

    id: int
    slug: str
    name: str


class Campaigns:
    """Adds campaigns, and remembers what the rest of the world needs to know of them."""

    def __init__(self, rows: Rows, chance: random.Random, now: dt.datetime) -> None:
        self.rows, self.chance, self.now = rows, chance, now
        self.slugs: dict[int, str] = {}
        self.public_ids: dict[int, str] = {}
        self.text_ids: dict[int, int] = {}
        self.changed_at: dict[int, dt.datetime] = {}  # no entry of it was recorded later
        self._protected: set[int] = set()
        self.reader_id = self._account("Reader", Role.ORGANISER)
        self.team = [self.reader_id, *(self._account(f"Organiser {n}", Role.ORGANISER) for n in range(1, 8))]
        self.companies = [self._company(number) for number in range(300)]
        self.filers = [self._organisation(number) for number in range(40)]
        self.issues = [rows.add(Issue, slug=f"issue-{n}", name=name) for n, name in enumerate(ISSUES)]

    def is_protected(self, campaign_id: int) -> bool:
        """Whether the names of its signatories are sealed."""
        return campaign_id in self._protected

    def add_measured(self, *, entries: int) -> tuple[int, int]:
        """The campaign that is measured, and another whose names are sealed; the reader leads both."""
        found = []
        for visibility in (Visibility.PUBLIC, Visibility.LINK):
            campaign_id = self._campaign(visibility, Stage.GATHERING, self.companies[0], lead=self.reader_id)
            found.append(campaign_id)
            history = History(self, campaign_id, self.companies[0], self._demands(campaign_id, self.companies[0]))
            history.tell(entries if visibility is Visibility.PUBLIC else 10)
        return found[0], found[1]

    def add_others(self, number: int) -> None:
        """Campaigns as they usually are. One in four asks the first company, up to more than any real one has."""
        for count in range(number):
            is_first = count % 4 == 0 and count < 4 * MOST_OF_ONE
            company = self.companies[0] if is_first else self.chance.choice(self.companies[1:])
            lead = self.chance.choice(self.team[1:])
            visibility = self.chance.choice(VISIBILITIES)
            campaign_id = self._campaign(visibility, self.chance.choice(STAGES), company, lead=lead)
            if count % 20 == 7:
                self._member(campaign_id, self.reader_id, Membership.EDITOR)
            History(self, campaign_id, company, self._demands(campaign_id, company)).tell(self.chance.randint(5, 11))
            add_counted(self, campaign_id, SIGNED_THE_OTHERS, self.now)

    def _account(self, name: str, role: Role) -> int:
        return self.rows.add(
            Account,
            email=f"{name.replace(' ', '.').lower()}@example.org",
            name=name,
            role=role,
            fs_uniquifier=secrets.token_hex(16),
            confirmed_at=self.now,
            created_at=self.now,
        )

    def _company(self, number: int) -> Known:
        name, slug = words.company_name(number), f"company-{number}"
        values = {"slug": slug, "name": name, "ticker": f"ZZ{number}", "sector": "Invented", "country": "US"}
        return Known(self.rows.add(Company, created_at=self.now, **values), slug, name)

    def _organisation(self, number: int) -> int:
        name = f"{words.LAST[number % len(words.LAST)]} Fund {number}"
        kind = OrganisationKind.FOUNDATION
        return self.rows.add(Organisation, slug=f"fund-{number}", name=name, kind=kind, created_at=self.now)

    def _campaign(self, visibility: Visibility, stage: Stage, company: Known, *, lead: int) -> int:
        chance, rows = self.chance, self.rows
        number, began = len(self.slugs) + 1, self.now.date() - dt.timedelta(days=chance.randrange(30, 3000))
        slug, public_id = f"campaign-{number}", new_public_id()
        recorded = self.now - dt.timedelta(hours=number)
        campaign_id = rows.add(
            Campaign,
            public_id=public_id,
            slug=slug,
            title=f"{chance.choice(words.AIMS)}, {company.name} ({number})",
            kind=CampaignKind.EMPLOYEE if visibility is Visibility.LINK else chance.choice(list(CampaignKind)),
            stage=stage,
            visibility=visibility,
            link_token=secrets.token_urlsafe(18),
            summary=words.DETAIL,
            began_on=began,
            began_precision=Precision.DAY,
            goal=1000,
            is_protected=visibility is Visibility.LINK,
            created_at=recorded - dt.timedelta(days=900),
            created_by_id=lead,
            changed_at=recorded,
        )
        self.slugs[campaign_id], self.public_ids[campaign_id] = slug, public_id
        self.changed_at[campaign_id] = recorded
        if visibility is Visibility.LINK:
            self._protected.add(campaign_id)
        self._subjects(campaign_id, company)
        self._member(campaign_id, lead, Membership.LEAD)
        body = words.LETTER.format(company=company.name)
        self.text_ids[campaign_id] = rows.add(
            CampaignText, campaign_id=campaign_id, number=1, body=body, recorded_at=recorded, recorded_by_id=lead
        )
        rows.add(
            Deadline,
            campaign_id=campaign_id,
            what="Call the company",
            due_on=self.now.date() + dt.timedelta(days=chance.randrange(-200, 200)),
            owner_id=lead,
            created_at=recorded,
        )
        return campaign_id

    def _subjects(self, campaign_id: int, company: Known) -> None:
        self.rows.add(CampaignSubject, campaign_id=campaign_id, company_id=company.id, role=SubjectRole.ASKED)
        if self.chance.random() < 0.3:
            # Often about the company that is measured: a page of those should be full in a small world too.
            about = self.companies[0] if self.chance.random() < 0.6 else self.chance.choice(self.companies)
            self.rows.add(CampaignSubject, campaign_id=campaign_id, company_id=about.id, role=SubjectRole.ABOUT)
        for issue in self.chance.sample(self.issues, self.chance.choice((1, 1, 2))):
            self.rows.put("campaign_issue", campaign_id=campaign_id, issue_id=issue)

    def _member(self, campaign_id: int, account_id: int, membership: Membership) -> None:
        values = {"campaign_id": campaign_id, "account_id": account_id, "membership": membership}
        self.rows.add(CampaignMember, joined_at=self.now, **values)

    def _demands(self, campaign_id: int, company: Known) -> list[int]:
        target = self.rows.add(
            Target, campaign_id=campaign_id, kind=TargetKind.COMPANY, name=company.name, company_id=company.id
        )
        return [
            self.rows.add(
                Demand,
                campaign_id=campaign_id,
                target_id=target,
                position=position,
                kind=DemandKind.ADOPT,
                words=words,
                created_at=self.now,
            )
            for position, words in enumerate(self.chance.sample(words.AIMS, self.chance.choice((1, 2, 2, 3))), start=1)
        ]
