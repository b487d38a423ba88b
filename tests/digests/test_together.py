"""Many are composed for at once: each reads what they would have read alone, and few questions are asked."""

import datetime as dt

import pytest
import sqlalchemy as sa

from tests.digests.test_counting import sign, withdraw
from tests.digests.world import World
from tracker import clock
from tracker.accounts.models import Role
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, transaction
from tracker.digests import composing, movements, planning, running, service
from tracker.digests.content import gather, gather_for
from tracker.digests.models import Digest, DigestItem, DigestState, Subscriber, Subscription
from tracker.digests.readers import alike
from tracker.digests.turns import turns
from tracker.mail.models import Email, EmailBody
from tracker.timeline.models import EntryKind, EntryVisibility

pytestmark = pytest.mark.each_database
MINUTE = dt.timedelta(minutes=1)


def everybody(world: World) -> list[int]:
    """Readers who differ in all that decides what somebody reads, each with a twin."""
    start = world.at("2026-11-23 06:00")
    first, second = world.campaign("First"), world.campaign("Second", company="Google LLC")
    closed = world.campaign("Closed", visibility=Visibility.MEMBERS)
    accounts: list[int] = []

    def reader(
        *campaigns: int, role: Role = Role.VIEWER, member_of: int = 0, company: str = "", **schedule: str
    ) -> int:
        account = world.account(role=role)
        if member_of:
            world.member(member_of, account)
        for campaign in campaigns:
            world.follow(account, campaign, **schedule)
        if company:
            world.follow(account, company=company, **schedule)
        if not campaigns and not company:
            world.follow(account, **schedule)
        accounts.append(account)
        return account

    for number in range(2):
        world.at(start + number * MINUTE)
        reader(first)
        reader(first, second)
        reader(second, zone="Pacific/Auckland")
        reader(first, frequency="weekly")
        reader(company="Google LLC")
        reader(role=Role.ORGANISER)
        reader(role=Role.ADMINISTRATOR)
        reader(closed, member_of=closed)
        reader(first, member_of=first)
        owner, stopped, neutral, named = reader(first), reader(), reader(first), reader(first)
        with transaction():
            row = Deadline(campaign_id=second, what="Call them", due_on=dt.date(2026, 12, 1), owner_id=owner)
            row.created_at = clock.now()
            db.session.add(row)
            mine = {one.account_id: one for one in db.session.scalars(sa.select(Subscriber))}
            mine[neutral].subscriptions[0].neutral_subject = True
            service.stop_campaign(mine[stopped], db.session.get_one(Campaign, first), now=clock.now() + MINUTE / 2)
        entry = {"visibility": EntryVisibility.OFF_THE_RECORD, "now": start - MINUTE}
        world.entry(first, f"For one {number}", reader_ids=[named], **entry)
        world.entry(first, f"Between {number}")
    world.at(start + 10 * MINUTE)
    for campaign in (first, second, closed):
        world.entry(campaign, f"News of {campaign}")
        world.entry(campaign, f"A note of {campaign}", visibility=EntryVisibility.MEMBERS)
        world.entry(campaign, "Two hundred signed", kind=EntryKind.SIGNATURES)
        world.entry(campaign, f"From Wednesday {campaign}", public_from=dt.date(2026, 11, 25))
    world.entry(first, "In confidence", visibility=EntryVisibility.NOT_FOR_ATTRIBUTION)
    world.entry(first, "Whispered", visibility=EntryVisibility.OFF_THE_RECORD, reader_ids=[named])
    sign(first, 23)
    return accounts


def test_together_each_reads_what_they_would_read_alone(world: World) -> None:
    """Whoever counts as a reader of the same words is told the very same, and so are all whose last digest differs."""
    everybody(world)
    for moment in ("2026-11-23 08:00", "2026-11-26 08:00"):
        now = world.at(moment)
        subscribers = db.session.scalars(sa.select(Subscriber).order_by(Subscriber.id)).all()
        alone = {one.id: gather(one, due_at=now, now=now) for one in subscribers}
        groups = alike(turns(subscribers, due_at={one.id: now for one in subscribers}, now=now), lambda one: one.words)
        for group in groups:
            told = gather_for(group[0], now=now)
            for turn in group:
                assert alone[turn.reader.id] == told, turn.reader.account and turn.reader.account.email
        assert len(groups) < len(subscribers)
        contents = [one.content for one in alone.values() if one]
        assert any(one.own for one in contents) and any(one.neutral_subject for one in contents)
        world.run(moment)


def test_a_batch_writes_the_mails_that_each_alone_would_get(world: World) -> None:
    """One after another or all at once: the same receivers read the same words."""
    everybody(world)
    now = world.at("2026-11-23 08:00")
    with transaction():
        planning.plan(now)
    found = []
    for limit in (1, 250):
        nothing_composed()
        while True:
            with transaction():
                if not composing.compose_due(now, limit=limit):
                    break
        running.send()
        found.append(words_read(world))
    assert len(found[0]) > 15
    assert found[0] == found[1]


def nothing_composed() -> None:
    """Every digest is due, as if nothing had been composed yet."""
    with transaction():
        db.session.execute(sa.delete(DigestItem))
        db.session.execute(sa.update(Digest).values(state=DigestState.DUE, email_id=None, reason=""))
        db.session.execute(sa.delete(Email))
        db.session.execute(sa.delete(EmailBody))


def words_read(world: World) -> dict[str, tuple[str, str]]:
    """Subject and text by receiver, without their own links."""
    texts = map(without_links, world.texts())
    return {str(mail["To"]): (str(mail["Subject"]), text) for mail, text in zip(world.mails(), texts, strict=True)}


def without_links(text: str) -> str:
    """A mail's words without what is its receiver's own."""
    return "\n".join(line for line in text.splitlines() if "/u/" not in line)


def followers(world: World, number: int) -> int:
    """So many who follow one campaign, each since a moment of their own, of which something is told now."""
    start, campaign = world.at("2026-11-23 06:00"), world.campaign()
    readers = [world.account() for _number in range(number)]
    for count, reader in enumerate(readers):
        world.at(start + count * MINUTE)
        world.follow(reader, campaign)
    world.at("2026-11-23 07:30")
    sign(campaign, 12)
    world.entry(campaign)
    return campaign


def test_those_who_began_at_different_moments_share_one_body(world: World) -> None:
    """When somebody began to follow decides what is new to them, not which words say it."""
    followers(world, 12)
    running.sweep(world.at("2026-11-23 08:00"))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Email)) == 12
    assert db.session.scalar(sa.select(sa.func.count()).select_from(EmailBody)) == 1


def test_more_readers_ask_no_more_questions(world: World) -> None:
    """A batch asks as much for forty readers of the same words as for eight."""
    asked = []
    engine = db.engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().startswith("SELECT"):
            asked.append(statement)

    numbers = []
    for day, count in (("2026-11-23", 8), ("2026-11-24", 40)):
        with transaction():
            db.session.execute(sa.update(Subscription).values(ended_at=clock.now(), end_reason="over"))
        followers(world, count)
        now = world.at(f"{day} 08:00")
        with transaction():
            planning.plan(now)
        sa.event.listen(engine, "before_cursor_execute", note)
        try:
            with transaction():
                assert composing.compose_due(now)["ready"] == count
        finally:
            sa.event.remove(engine, "before_cursor_execute", note)
        numbers.append(len(asked))
        asked.clear()
        running.send()
    assert numbers[0] < 60
    # Whoever is asked about for all need not be the same one throughout: their account is loaded as well.
    assert numbers[1] <= numbers[0] + 1


def test_what_takes_long_is_left_to_the_next_batch(world: World) -> None:
    """A batch that is over its time keeps what it has, and leaves the others due."""
    everybody(world)
    now = world.at("2026-11-23 08:00")
    with transaction():
        planning.plan(now)
    batches = 0
    while True:
        with transaction():
            if not composing.compose_due(now, most=0):
                break
        batches += 1
    assert batches > 5
    assert "due" not in world.states()


def test_movements_are_counted_alike_both_ways(world: World) -> None:
    """Asked one moment at a time, or read once and counted here: the same numbers."""
    start, campaign = world.at("2026-11-23 06:00"), world.campaign()
    starts = []
    for number in range(6):
        world.at(start + number * 10 * MINUTE)
        starts.append(clock.now())
        sign(campaign, 3 + number)
        world.at(start + (number * 10 + 5) * MINUTE)
        withdraw(campaign, 2)
    until = world.at("2026-11-23 08:00")
    signed = movements._Signed.of([campaign], since=min(starts), until=until)
    for since in starts:
        counted = movements.movements([campaign], since=since, until=until)[campaign]
        assert signed.moved(campaign, since) == counted
    assert all(signed.moved(campaign, since).came for since in starts[:-1])
    assert any(signed.moved(campaign, since).went for since in starts)
