"""What a digest tells of the records behind its entries: counts, votes, evidence, corrections; and to whom."""

import datetime as dt
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.digests.world import World, html_of
from tracker import clock
from tracker.accounts.models import Account, Role
from tracker.campaigns.models import Campaign, CampaignKind, Demand, Visibility
from tracker.campaigns.service import merge_campaigns
from tracker.companies.models import Company
from tracker.db import Precision, db, transaction
from tracker.digests.content import gather
from tracker.digests.facts import Content
from tracker.mail.models import EmailBody
from tracker.outcomes.models import Attribution, OutcomeStatus
from tracker.outcomes.service import Became, record_outcome
from tracker.resolutions.models import Denominator, Resolution, Vote, VotePercentage
from tracker.resolutions.service.votes import vote_headline
from tracker.signatures.models import (
    Appearance,
    Provenance,
    Qualifier,
    Signatory,
    SignatoryKind,
    Signature,
    SignatureStatus,
)
from tracker.signatures.service.sizes import SizeClaim, record_reported_count
from tracker.timeline.models import EntryKind, EntryVisibility, Source, SourceKind, TimelineEntry
from tracker.timeline.service import Told
from tracker.web.dates import UncertainDate

pytestmark = pytest.mark.each_database
DAY = dt.timedelta(days=1)


def sign(campaign_id: int, count: int, *, confirmed: bool = True) -> None:
    """So many sign now, one after another."""
    now = clock.now()
    with transaction():
        for number in range(count):
            person = Signatory(
                campaign_id=campaign_id,
                kind=SignatoryKind.PERSON,
                name=f"Signer Number {number}",
                sort_text=f"signer {number}",
                created_at=now,
            )
            person.signatures = [
                Signature(
                    campaign_id=campaign_id,
                    status=SignatureStatus.CONFIRMED if confirmed else SignatureStatus.LISTED,
                    provenance=Provenance.SIGNER if confirmed else Provenance.LIST,
                    appearance=Appearance.NAMED,
                    recorded_at=now,
                    confirmed_at=now if confirmed else None,
                )
            ]
            db.session.add(person)


def withdraw(campaign_id: int, count: int) -> None:
    """So many take it back now."""
    with transaction():
        found = sa.select(Signature).where(Signature.campaign_id == campaign_id).limit(count)
        for signature in db.session.scalars(found.where(Signature.status == SignatureStatus.CONFIRMED)):
            signature.status, signature.ended_at = SignatureStatus.WITHDRAWN, clock.now()


def content_for(world: World, account_id: int) -> Content | None:
    """What somebody would be told now."""
    gathered = gather(world.subscriber(account_id), due_at=clock.now(), now=clock.now())
    return gathered.content if gathered else None


def texts(world: World) -> list[str]:
    """The text parts of all mails, with lines that end as they were written."""
    return [words.replace("\r\n", "\n") for words in world.texts()]


def correct(world: World, campaign: int, headline: str, wrong: int, reason: str) -> None:
    """Correct an entry by another."""
    world.change(TimelineEntry, world.entry(campaign, headline), corrects_id=wrong, correction_reason=reason)


def told(now: dt.datetime, **columns: object) -> Told:
    return Told(**{"occurred_on": now.date(), "visibility": EntryVisibility.PUBLIC, **columns})  # type: ignore[arg-type]


def test_the_team_reads_exact_numbers(world: World) -> None:
    """Who signed since the last digest, who is counted no more, and the totals by where they come from."""
    campaign, member = world.campaign(), world.account(role=Role.ORGANISER)
    world.follow(member, campaign)
    world.at("2026-11-23 07:00")
    sign(campaign, 12)
    sign(campaign, 3, confirmed=False)
    world.entry(campaign)
    world.run("2026-11-23 08:00")
    assert "Signed here: 12 confirmed by the signer, 3 from a list. New since you follow it: 15." in texts(world)[0]
    world.at("2026-11-23 12:00")
    sign(campaign, 1)
    withdraw(campaign, 2)
    world.entry(campaign, "Amazon answers")
    world.run("2026-11-24 08:00")
    words = texts(world)[1]
    assert "Signed here: 11 confirmed by the signer, 3 from a list." in words
    assert "New since your last digest: 1. No longer counted: 2." in words
    assert "Signer Number" not in words


def test_outsiders_never_read_of_single_signers(world: World) -> None:
    """Full tens, rounded down, and nothing of fewer than ten: no two mails tell of one person."""
    campaign, reader = world.campaign(), world.account(role=Role.VIEWER)
    world.follow(reader, campaign)
    world.at("2026-11-23 07:00")
    sign(campaign, 14)
    sign(campaign, 3, confirmed=False)
    world.entry(campaign)
    world.run("2026-11-23 08:00")
    assert "Signed here: at least 10 confirmed by the signer. New since you follow it: at least 10." in texts(world)[0]
    world.at("2026-11-23 12:00")
    sign(campaign, 1)
    withdraw(campaign, 1)
    world.entry(campaign, "Amazon answers")
    world.run("2026-11-24 08:00")
    words = texts(world)[1]
    assert "Signed here: at least 10 confirmed by the signer.\n" in words
    assert "New since" not in words
    assert "No longer" not in words


def test_an_entry_of_one_signer_waits_for_ten(world: World) -> None:
    """ "1 signatory was added" makes no mail to an outsider; when ten came it does, and says how many at least."""
    campaign, reader = world.campaign(), world.account(role=Role.VIEWER)
    world.follow(reader, campaign)
    world.at("2026-11-23 07:00")
    sign(campaign, 1)
    world.entry(campaign, "1 signatory was added", kind=EntryKind.SIGNATURES)
    world.run("2026-11-23 08:00")
    assert texts(world) == []
    world.at("2026-11-23 12:00")
    sign(campaign, 24)
    world.entry(campaign, "24 signatories were added from a list", kind=EntryKind.SIGNATURES)
    world.run("2026-11-24 08:00")
    (words,) = texts(world)
    assert "signatory was added" not in words
    assert "24" not in words.replace("24 November", "")
    assert "at least 20" in words
    assert world.mails()[0]["Subject"] == "Amazon.com: at least 20 more signed"
    world.run("2026-11-25 08:00")
    assert len(texts(world)) == 1


def test_growth_stands_in_a_mail_that_news_has_caused(world: World) -> None:
    """A followed campaign that only grew is told beside the news of another, after it, and can be stopped."""
    campaign, other = world.campaign(), world.campaign("An open letter")
    member = world.account(role=Role.ORGANISER)
    world.follow(member, campaign)
    world.follow(member, other)
    world.at("2026-11-23 07:00")
    sign(other, 2)
    world.entry(campaign)
    world.run("2026-11-23 08:00")
    (words,) = texts(world)
    assert words.index("An open letter") > words.index("Amazon refuses to answer")
    assert "Signed here: 2 confirmed by the signer." in words
    assert words.count("Stop this campaign: ") == 2
    world.at("2026-11-23 12:00")
    sign(other, 2)
    assert world.run("2026-11-24 08:00")["skipped"] == 1


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
    (words,) = texts(world)
    words = words.replace("\N{NO-BREAK SPACE}", " ")
    assert "29.7 % for, abstentions counted as against; 30 % of for and against" in words
    assert "Shares: 30,000,000 for, 70,000,000 against, 1,000,000 abstained\n" in words
    subject = world.mails()[0]["Subject"]
    assert subject == "Amazon.com: 30\N{NO-BREAK SPACE}% of for and against, on “Report on human rights”"


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
    (words,) = texts(world)
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
    assert "Fewer than" not in texts(world)[0]
    world.at("2026-11-23 12:00")
    report(campaign, 450, 10)
    world.run("2026-11-24 08:00")
    words = texts(world)[1]
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
    words = texts(world)[1]
    assert "Correction: Amazon refuses. (misheard)\n  Before, it said: “Amazon agrees”\n" in words
    assert "hesitates" not in words
    assert "shrugs" not in words


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


def test_merged_campaigns_count_as_one(world: World) -> None:
    """Both records' signatures stand in one total, under one title."""
    old, new = world.campaign("Old record"), world.campaign("New record")
    member = world.account(role=Role.ORGANISER)
    world.follow(member, old)
    world.at("2026-11-23 07:00")
    sign(old, 2)
    sign(new, 3)
    with transaction():
        pair = [db.session.get_one(Campaign, number) for number in (old, new)]
        merge_campaigns(*pair, reason="The same", actor=None, now=clock.now())
    world.at("2026-11-23 07:30")
    world.entry(old)
    world.run("2026-11-23 08:00")
    (words,) = texts(world)
    assert "Signed here: 5 confirmed by the signer." in words
    assert "Old record" not in words


def test_readers_alike_share_one_stored_mail(world: World) -> None:
    """Two who would read the same words share a body; a member of the team, who reads exact numbers, has another."""
    campaign = world.campaign(visibility=Visibility.SIGNED_IN)
    readers = [world.account() for _number in range(3)]
    world.member(campaign, readers[2])
    for reader in readers:
        world.follow(reader, campaign)
    world.at("2026-11-23 07:00")
    sign(campaign, 11)
    world.entry(campaign)
    world.run("2026-11-23 08:00")
    assert len(texts(world)) == 3
    assert db.session.scalar(sa.select(sa.func.count()).select_from(EmailBody)) == 2


def test_counts_are_asked_once_for_a_batch(world: World, app: Flask) -> None:
    """However many are composed for in one transaction, their campaign's signatures are counted once."""
    campaign = world.campaign()
    for _number in range(6):
        world.follow(world.account(), campaign)
    world.at("2026-11-23 07:00")
    sign(campaign, 11)
    world.entry(campaign)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "count(" in statement and "FROM signature" in statement:
            asked.append(statement)

    engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        world.run("2026-11-23 08:00")
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert len(texts(world)) == 6
    assert len(asked) == 3  # counted, came, went


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
