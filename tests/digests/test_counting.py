"""How many signed, as a digest tells it: exactly to the team, to others by tens (ADR 23)."""

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.digests.world import World, texts_of
from tracker import clock
from tracker.accounts.models import Role
from tracker.campaigns.models import Campaign, Visibility
from tracker.campaigns.service import merge_campaigns
from tracker.db import db, transaction
from tracker.mail.models import EmailBody
from tracker.signatures.models import (
    Appearance,
    Provenance,
    Signatory,
    SignatoryKind,
    Signature,
    SignatureStatus,
)
from tracker.timeline.models import EntryKind

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


def test_the_team_reads_exact_numbers(world: World) -> None:
    """Who signed since the last digest, who is counted no more, and the totals by where they come from."""
    campaign, member = world.campaign(), world.account(role=Role.ORGANISER)
    world.follow(member, campaign)
    world.at("2026-11-23 07:00")
    sign(campaign, 12)
    sign(campaign, 3, confirmed=False)
    world.entry(campaign)
    world.run("2026-11-23 08:00")
    assert "Signed here: 12 confirmed by the signer, 3 from a list. New since you follow it: 15." in texts_of(world)[0]
    world.at("2026-11-23 12:00")
    sign(campaign, 1)
    withdraw(campaign, 2)
    world.entry(campaign, "Amazon answers")
    world.run("2026-11-24 08:00")
    words = texts_of(world)[1]
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
    assert (
        "Signed here: at least 10 confirmed by the signer. New since you follow it: at least 10." in texts_of(world)[0]
    )
    world.at("2026-11-23 12:00")
    sign(campaign, 1)
    withdraw(campaign, 1)
    world.entry(campaign, "Amazon answers")
    world.run("2026-11-24 08:00")
    words = texts_of(world)[1]
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
    assert texts_of(world) == []
    world.at("2026-11-23 12:00")
    sign(campaign, 24)
    world.entry(campaign, "24 signatories were added from a list", kind=EntryKind.SIGNATURES)
    world.run("2026-11-24 08:00")
    (words,) = texts_of(world)
    assert "signatory was added" not in words
    assert "24 signatories" not in words
    assert "at least 20" in words
    assert world.mails()[0]["Subject"] == "Amazon.com: at least 20 more signed"
    world.run("2026-11-25 08:00")
    assert len(texts_of(world)) == 1


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
    (words,) = texts_of(world)
    assert words.index("An open letter") > words.index("Amazon refuses to answer")
    assert "Signed here: 2 confirmed by the signer." in words
    assert words.count("Stop this campaign: ") == 2
    world.at("2026-11-23 12:00")
    sign(other, 2)
    assert world.run("2026-11-24 08:00")["skipped"] == 1


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
    (words,) = texts_of(world)
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
    assert len(texts_of(world)) == 3
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
        if "FROM signatory_tally" in statement or ("count(" in statement and "FROM signature" in statement):
            asked.append(statement)

    engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        world.run("2026-11-23 08:00")
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert len(texts_of(world)) == 6
    assert len(asked) == 3  # counted, came, went
