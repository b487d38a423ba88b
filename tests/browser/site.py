"""A tracker with something on every page: the demonstration, and a campaign of an invented team at an invented shop."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask

from tests.browser.signing import bring, call, decide, doubles, guard
from tests.support.accounts import make_account
from tracker import clock
from tracker.accounts import service as accounts
from tracker.accounts.models import Account, Membership, Reading, Role
from tracker.campaigns import service as campaigns
from tracker.campaigns.models import Campaign, CampaignKind, DemandKind, Stage, SubjectRole, TargetKind
from tracker.campaigns.queries import demands_of
from tracker.campaigns.service.campaigns import QuickLog
from tracker.companies.models import OrganisationKind
from tracker.companies.service import add_company_name, find_or_add_company, find_or_add_organisation
from tracker.db import Precision, db, transaction
from tracker.digests import joining, running
from tracker.digests import service as digests
from tracker.digests.models import Frequency
from tracker.engagements.models import Channel, EngagementKind
from tracker.engagements.service import Contact, Said, record_engagement, record_statement
from tracker.files import CleanFile, FileKind
from tracker.finding.saved import keep_search
from tracker.finding.wanted import Wanted
from tracker.importing import running as bringing
from tracker.operations.demo import load
from tracker.outcomes.models import Attribution, Implementation, OutcomeStatus
from tracker.outcomes.service import Became, Promise, grade_commitment, record_commitment, record_outcome
from tracker.signatures.models import Appearance, Qualifier, SignatoryKind
from tracker.signatures.pasting import read_list
from tracker.signatures.people import Person
from tracker.signatures.service import (
    SizeClaim,
    add_list,
    add_organisation,
    add_signatory,
    record_reported_count,
    withdraw_signature,
)
from tracker.signatures.service.looking import look
from tracker.timeline.editing import edit_fields
from tracker.timeline.models import EntryKind, EntryVisibility, Source, SourceKind, TimelineEntry
from tracker.timeline.service import Files, Told, append_entry, attach, correct_entry, redact_entry
from tracker.web.dates import UncertainDate

SHOP = "Fair rotas at Example Stores"
EMPTY = "Nothing yet at Example Stores"
PUBLIC = "Shareholders to Amazon: Rekognition"
PEOPLE = """Ada Example, Cashier, Store 12
Bo Sample, Baker, Store 12
Cas Placeholder, Driver, Depot North
Dee Specimen, Cashier, Store 7
Eli Instance, Shift lead, Store 7
"""
LETTER = """We work in the shops and depots of Example Stores.

We ask for three things:

1. rotas four weeks ahead,
2. no shift shorter than four hours,
3. a **say** in how both are made.
"""
DRAFT = LETTER.replace("four weeks", "two weeks").replace("We work", "We all work")


@dataclass(frozen=True)
class Site:
    """What a test of the pages needs to name."""

    app: Flask
    url: str
    owner: int  # the account of an administrator, who leads the shop's campaign


def furnish(app: Flask) -> int:
    """Put everything there; the id of the administrator."""
    owner_id = make_account(
        app, Role.ADMINISTRATOR, name="Heron", password=True, may_see_contacts=True, may_export=True
    )
    viewer_id = make_account(app, Role.VIEWER, name="Kestrel", zone="Europe/Berlin")
    with app.app_context():
        now = clock.now()
        with transaction():
            load(now=now)
        with transaction():
            owner, viewer = db.session.get_one(Account, owner_id), db.session.get_one(Account, viewer_id)
            _log_empty(owner, now)
            campaign = _log_shop(owner, now)
            _sign(campaign, owner, now)
            _happen(campaign, owner, now)
            call(campaign, owner, now)
            bring(campaign, owner, now)
            doubles(campaign, owner, now)
            guard(campaign, owner, now)
            accounts.add_member(campaign.id, viewer, Membership.READER, actor=owner, now=now)
            public = _campaign(PUBLIC)
            joining.ask("cam@example.org", public, frequency=Frequency.WEEKLY, locale="en", now=now)
            accounts.invite("bo@example.org", role=Role.ORGANISER, actor=owner, now=now)
            accounts.record_access(
                owner, campaign_id=campaign.id, reading=Reading.VIEWED, count=5, reason="To thank them", now=now
            )
            earlier = now - dt.timedelta(hours=1)  # so that all of this is news
            digests.follow(owner, now=earlier, campaign=campaign)
            digests.follow(owner, now=earlier, company=campaign.subjects[0].company)
            kept = keep_search(owner, "Still unanswered", Wanted(outcome=("unanswered",)), now=now)
            digests.follow(owner, now=earlier, saved_search=kept)
            digests.follow(viewer, now=earlier)
        running.run(now + dt.timedelta(days=8))
        bringing.work()
        look()
        with transaction():
            decide(db.session.get_one(Account, owner_id), now)
            _confide(_campaign(SHOP), db.session.get_one(Account, owner_id), clock.now())
    return owner_id


def _campaign(title: str) -> Campaign:
    return db.session.scalars(sa.select(Campaign).where(Campaign.title == title)).one()


def _log_empty(owner: Account, now: dt.datetime) -> None:
    company = find_or_add_company("Example Stores", now=now)
    campaigns.log_campaign(QuickLog(title=EMPTY, kind=CampaignKind.PUBLIC, company=company), actor=owner, now=now)


def _log_shop(owner: Account, now: dt.datetime) -> Campaign:
    company = find_or_add_company("Example Stores", now=now)
    add_company_name(company, "Example Grocers", from_on=None, to_on=dt.date(2019, 1, 1), actor=owner, now=now)
    log = QuickLog(
        title=SHOP,
        kind=CampaignKind.EMPLOYEE,
        company=company,
        demands=("Publish rotas four weeks ahead", "No shift shorter than four hours", "A say in how rotas are made"),
        began_on=dt.date(2026, 3, 1),
        began_precision=Precision.MONTH,
        due_on=now.date() + dt.timedelta(days=6),
        due_what="Ask the managers again",
    )
    campaign = campaigns.log_campaign(log, actor=owner, now=now)
    campaign.goal = 40
    for summary in ("People in the shops ask for rotas.", "People in the shops ask for rotas they can *plan* by."):
        edit_fields(
            campaign,
            {"summary": summary},
            record_type="campaign",
            actor=owner,
            now=now,
            campaign_id=campaign.id,
        )
    campaigns.add_subject(
        campaign,
        SubjectRole.ABOUT,
        organisation=find_or_add_organisation("Example Shift Software", kind=OrganisationKind.OTHER, now=now),
        actor=owner,
        now=now,
    )
    campaigns.add_target(
        campaign, kind=TargetKind.BOARD, name="Board of Example Stores", company=company, actor=owner, now=now
    )
    campaigns.add_text(campaign, DRAFT, seen=0, told=_told("2026-03-01"), actor=owner, now=now)
    campaigns.add_text(campaign, LETTER, seen=1, told=_told("2026-03-02"), is_substantive=False, actor=owner, now=now)
    campaigns.change_stage(campaign, Stage.GATHERING, told=_told("2026-03-02"), actor=owner, now=now)
    demands_of(campaign)[0].kind = DemandKind.DISCLOSE
    return campaign


def _sign(campaign: Campaign, owner: Account, now: dt.datetime) -> None:
    add_list(
        campaign, read_list(PEOPLE), kind=SignatoryKind.PERSON, appearance=Appearance.INITIALS, actor=owner, now=now
    )
    gone = add_signatory(
        campaign,
        Person("Fay Exemplar", office="Cleaner", address="fay@example.org"),
        appearance=Appearance.COUNTED,
        actor=owner,
        now=now,
    )
    db.session.refresh(gone)
    withdraw_signature(gone.signatures[0], reason="Asked to be taken off", actor=owner, now=now)
    add_organisation(campaign, "Example Workers’ Union", kind=OrganisationKind.UNION, actor=owner, now=now)
    record_reported_count(
        campaign,
        SizeClaim(Qualifier.ABOUT, 60, "employees", UncertainDate(dt.date(2026, 4, 1), Precision.MONTH)),
        _told("2026-04-01", precision=Precision.MONTH, sources=[_source(now)]),
        actor=owner,
        now=now,
    )


def _happen(campaign: Campaign, owner: Account, now: dt.datetime) -> None:
    first, second, third = demands_of(campaign)
    company, target = campaign.subjects[0].company, campaign.targets[0]
    record_statement(
        campaign,
        Said(
            company=company, speaker="A spokesperson", quotation="We listen.", channel=Channel.PRESS, demands=(first,)
        ),
        _told("2026-04-10", sources=[_source(now)]),
        actor=owner,
        now=now,
    )
    record_statement(
        campaign, Said(company=company, is_silence=True, demands=(second,)), _told("2026-06-01"), actor=owner, now=now
    )
    record_engagement(
        campaign,
        Contact(EngagementKind.MEETING, target=target, participants="Four of us", next_step="Send the numbers"),
        _told("2026-04-20", EntryVisibility.MEMBERS, words="They asked for numbers."),
        actor=owner,
        now=now,
    )
    commitment = record_commitment(
        campaign,
        Promise(
            "Rotas three weeks ahead",
            company=company,
            demand=first,
            due_on=dt.date(2026, 9, 1),
            due_precision=Precision.DAY,
        ),
        _told("2026-05-05", sources=[_source(now)]),
        actor=owner,
        now=now,
    )
    grade_commitment(commitment, Implementation.PARTLY, _told("2026-09-10", words="In one shop."), actor=owner, now=now)
    for demand, status, words in (
        (first, OutcomeStatus.PARTLY_MET, "Three weeks are promised."),
        (third, OutcomeStatus.REFUSED, "The managers said no."),
    ):
        record_outcome(
            demand,
            Became(status, Attribution.CLAIMED_BY_ORGANISERS, "They had said no before."),
            _told("2026-05-06", words=words),
            actor=owner,
            now=now,
        )
    wrong = _note(campaign, "Forty people came to the vigil.", owner, now, EntryVisibility.PUBLIC)
    # Its correction shows it too.
    minutes = CleanFile("Minutes of the vigil.txt", FileKind.TEXT, b"Thirty-four people came.\n")
    attach(wrong, Files([minutes], is_open=True), actor=owner, now=now)
    correct_entry(
        wrong,
        reason="Counted again from the photograph.",
        headline="Thirty-four people came to the vigil.",
        occurred_on=wrong.occurred_on,
        actor=owner,
        now=now,
    )
    named = _note(campaign, "Somebody was named here by mistake.", owner, now, EntryVisibility.PUBLIC)
    redact_entry(named, reason="It named a person.", actor=owner, now=now)


def _confide(campaign: Campaign, owner: Account, now: dt.datetime) -> None:
    """What only its author can see may still be changed."""
    _note(campaign, "A manager says the board is divided.", owner, now, EntryVisibility.OFF_THE_RECORD)


def _note(
    campaign: Campaign, headline: str, owner: Account, now: dt.datetime, visibility: EntryVisibility
) -> TimelineEntry:
    return append_entry(
        campaign_id=campaign.id,
        kind=EntryKind.NOTE,
        headline=headline,
        occurred_on=dt.date(2026, 5, 1),
        actor=owner,
        visibility=visibility,
        now=now,
    )


def _told(on: str, visibility: EntryVisibility = EntryVisibility.PUBLIC, **rest: object) -> Told:
    return Told(occurred_on=dt.date.fromisoformat(on), visibility=visibility, **rest)  # type: ignore[arg-type]


def _source(now: dt.datetime) -> Source:
    return Source(
        citation="The Example Gazette, page 3",
        url="https://gazette.example.org/rotas",
        publisher="Example Gazette",
        published_on=dt.date(2026, 4, 11),
        published_precision=Precision.DAY,
        kind=SourceKind.PRESS,
        recorded_at=now,
    )
