"""What a digest tells of the records behind its entries: votes, evidence, falls, corrections, files."""

import datetime as dt
from decimal import Decimal

import pytest
import sqlalchemy as sa

from tests.digests.world import World, html_of, texts_of
from tests.support.papers import LIMITS
from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, CampaignKind, Demand
from tracker.companies.models import Company
from tracker.db import Precision, db, transaction
from tracker.digests.content import gather
from tracker.digests.facts import Content
from tracker.files import CleanFile, FileKind
from tracker.outcomes.models import Attribution, OutcomeStatus
from tracker.outcomes.service import Became, record_outcome
from tracker.resolutions.models import Denominator, Resolution, Vote, VotePercentage
from tracker.resolutions.service.votes import vote_headline
from tracker.signatures.models import (
    Qualifier,
)
from tracker.signatures.service.sizes import SizeClaim, record_reported_count
from tracker.timeline.models import EntryKind, EntryVisibility, Source, SourceKind, TimelineEntry
from tracker.timeline.service import Files, Told, attach
from tracker.web.dates import UncertainDate

pytestmark = pytest.mark.each_database
DAY = dt.timedelta(days=1)


def content_for(world: World, account_id: int) -> Content | None:
    """What somebody would be told now."""
    gathered = gather(world.subscriber(account_id), due_at=clock.now(), now=clock.now())
    return gathered.content if gathered else None


def correct(world: World, campaign: int, headline: str, wrong: int, reason: str) -> None:
    """Correct an entry by another."""
    world.change(TimelineEntry, world.entry(campaign, headline), corrects_id=wrong, correction_reason=reason)


def told(now: dt.datetime, **columns: object) -> Told:
    return Told(**{"occurred_on": now.date(), "visibility": EntryVisibility.PUBLIC, **columns})  # type: ignore[arg-type]


def test_a_vote_with_its_counts(world: World) -> None:
    """The percentages with their denominators, and the four raw counts."""
    campaign, reader = world.campaign(), world.account()
    world.follow(reader, campaign)
    now = world.at("2026-11-23 07:00")
    filed = world.entry(campaign, "A resolution was filed", kind=EntryKind.RESOLUTION, announce=False)
    counted = world.entry(campaign, "A vote", kind=EntryKind.VOTE)
    with transaction():
        company = db.session.scalars(sa.select(Company)).one()
        resolution = Resolution(
            campaign_id=campaign, company=company, title="Report on human rights", entry_id=filed, recorded_at=now
        )
        vote = Vote(
            resolution=resolution,
            entry_id=counted,
            for_shares=30_000_000,
            against_shares=70_000_000,
            abstained_shares=1_000_000,
            recorded_at=now,
        )
        vote.percentages = [
            VotePercentage(value=Decimal("29.7"), denominator=Denominator.WITH_ABSTENTIONS, recorded_at=now)
        ]
        db.session.add(vote)
        db.session.flush()
        db.session.get_one(TimelineEntry, counted).headline = vote_headline(resolution, vote)
    world.run("2026-11-23 08:00")
    (words,) = texts_of(world)
    words = words.replace("\N{NO-BREAK SPACE}", " ")
    assert "29.7 % for, abstentions counted as against; 30 % of for and against" in words
    assert "Shares: 30,000,000 for, 70,000,000 against, 1,000,000 abstained\n" in words
    subject = world.mails()[0]["Subject"].replace("\N{NO-BREAK SPACE}", " ")
    assert subject == "Amazon.com: 30 % of for and against, on “Report on human rights”"


def test_a_decided_ask_with_its_evidence(world: World) -> None:
    """The evidence in words and by its source, and whose doing it is said to be."""
    campaign, reader = world.campaign(kind=CampaignKind.SHAREHOLDER), world.account()
    world.follow(reader, campaign)
    now = world.at("2026-11-23 07:00")
    with transaction():
        demand = Demand(campaign_id=campaign, words="Stop selling it to police", position=1, created_at=now)
        db.session.add(demand)
        db.session.flush()
        record_outcome(
            demand,
            Became(OutcomeStatus.PARTLY_MET, attribution=Attribution.CREDITED_BY_PRESS),
            told(now, words="A **moratorium** of one year, [said](https://example.org/x) its blog."),
            actor=None,
            now=now,
        )
    world.run("2026-11-23 08:00")
    (words,) = texts_of(world)
    assert "Ask partly met: Stop selling it to police." in words
    assert "  Evidence: A moratorium of one year, said its blog.\n  The press credits the campaign\n" in words


def report(campaign: int, value: int, month: int, population: str = "employees") -> int:
    now = clock.now()
    with transaction():
        count = record_reported_count(
            db.session.get_one(Campaign, campaign),
            SizeClaim(Qualifier.ABOUT, value, population, UncertainDate(dt.date(2018, month, 1), Precision.MONTH)),
            told(
                now,
                sources=[Source(citation="A page", publisher="Reuters", kind=SourceKind.PRESS, recorded_at=now)],
            ),
            actor=None,
            now=now,
        )
        return count.entry_id


def test_a_count_that_fell_says_so(world: World) -> None:
    """Fewer than the same people reported before is said plainly, in the line and in the subject."""
    campaign, reader = world.campaign(), world.account()
    world.follow(reader, campaign)
    world.at("2026-11-23 07:00")
    report(campaign, 500, 7)
    report(campaign, 20, 8, "shareholders")
    world.run("2026-11-23 08:00")
    assert "Fewer than" not in texts_of(world)[0]
    world.at("2026-11-23 12:00")
    report(campaign, 450, 10)
    world.run("2026-11-24 08:00")
    words = texts_of(world)[1]
    assert "About 450 employees, October 2018\n  Fewer than reported before: about 500 employees, July 2018\n" in words
    assert "Reported by Reuters: about 450 employees, October 2018" in words
    assert world.mails()[1]["Subject"] == "Amazon.com: fewer than before: about 450 employees, October 2018"


def test_a_correction_says_what_stood_before(world: World) -> None:
    """Marked, with its reason and the earlier words; not where the earlier entry was never told or may not be read."""
    campaign, reader = world.campaign(), world.account()
    world.follow(reader, campaign)
    world.at("2026-11-23 07:00")
    wrong = world.entry(campaign, "Amazon agrees.")
    hidden = world.entry(campaign, "Amazon hesitates.", visibility=EntryVisibility.MEMBERS)
    world.run("2026-11-23 08:00")
    world.at("2026-11-23 12:00")
    correct(world, campaign, "Amazon refuses.", wrong, "misheard")
    correct(world, campaign, "Amazon waits.", hidden, "misheard")
    both = world.entry(campaign, "Amazon shrugs.")
    correct(world, campaign, "Amazon nods.", both, "misseen")
    world.run("2026-11-24 08:00")
    words = texts_of(world)[1]
    assert "Correction: Amazon refuses. (misheard)\n  Before, it said: “Amazon agrees”\n" in words
    assert "hesitates" not in words
    assert "shrugs" not in words


def test_files_are_counted_for_who_may_have_them(world: World) -> None:
    """A member reads of all files, others of those that were opened; nobody reads a name."""
    campaign, member, outsider = world.campaign(), world.account(), world.account()
    world.member(campaign, member)
    for reader in (member, outsider):
        world.follow(reader, campaign)
    now = world.at("2026-11-23 07:00")
    number = world.entry(campaign)
    with transaction():
        for name, is_open in (("minutes.txt", True), ("secret.txt", False)):
            given = Files((CleanFile(name, FileKind.TEXT, b"Words."),), is_open, LIMITS)
            attach(db.session.get_one(TimelineEntry, number), given, actor=db.session.get_one(Account, member), now=now)
    world.run("2026-11-23 08:00")
    of_member, of_outsider = texts_of(world)
    assert "  With 2 files\n" in of_member
    assert "  With 1 file\n" in of_outsider
    assert ".txt" not in of_member + of_outsider


def test_ten_thousand_entries(world: World) -> None:
    """One readable mail under 100 kB that says how many more there are and where."""
    campaign, reader = world.campaign(), world.account()
    world.follow(reader, campaign)
    now = world.at("2026-11-23 07:00")
    first = world.entry(campaign, "Amazon refuses to answer")
    with transaction():
        columns = {
            column.name: getattr(db.session.get_one(TimelineEntry, first), column.name)
            for column in TimelineEntry.__table__.columns
            if column.name not in ("id", "public_id")
        }
        rows = [
            {**columns, "public_id": f"e{number:015}", "kind": EntryKind.NOTE, "headline": f"Note {number}"}
            for number in range(9_999)
        ]
        db.session.execute(sa.insert(TimelineEntry), rows)
    content = content_for(world, reader)
    assert content is None  # recorded at this very moment: it belongs to the next
    world.run(now + dt.timedelta(hours=1))
    (mail,) = world.mails()
    assert len(mail.as_bytes()) < 20_000
    assert mail["Subject"] == "Amazon refuses to answer · 9999 more changes"
    assert "and 9,995 more, in the history" in html_of(mail)


def test_no_account_no_page_of_everything(world: World) -> None:
    """Only readers with an account are sent to the home page for the rest."""
    campaign, reader = world.campaign(), world.account()
    world.follow(reader, campaign)
    world.at("2026-11-23 07:00")
    world.entry(campaign)
    world.at("2026-11-23 07:30")
    content = content_for(world, reader)
    assert content is not None
    assert content.everything_at == f"{world.config.public_base_url}/"
    assert isinstance(world.subscriber(reader).account, Account)
