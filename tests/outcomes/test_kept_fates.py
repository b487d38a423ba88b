"""What became of a campaign's demands is kept by the database: the same as reading each outcome, whatever is done."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from bench.room.world import Size, fill
from tests.support.accounts import make_account
from tests.support.processes import wait_until
from tracker.accounts.models import Account, Membership, Role
from tracker.accounts.models import CampaignMember as Member
from tracker.campaigns.models import Campaign, Demand
from tracker.db import Precision, db, transaction
from tracker.finding.fates import fates_of_demands, kept_fates, statuses_in, with_fate
from tracker.operations import migrate
from tracker.outcomes.models import Outcome, OutcomeStatus
from tracker.outcomes.queries import current_outcomes
from tracker.timeline.models import EntryKind, EntryVisibility, TimelineEntry
from tracker.timeline.queries import entries_visible_to

TODAY, NOW = dt.date(2026, 11, 24), dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
STATUSES = itertools.cycle(OutcomeStatus)
Fates = dict[int, set[str]]


@pytest.fixture
def readers(app: Flask) -> list[int]:
    """A small world, and who reads it: its organiser, an administrator, a member of every campaign, a stranger."""
    with app.app_context():
        first = fill(Size(campaigns=5, entries=10, signatures=1)).account_id
    roles = {"Admin": Role.ADMINISTRATOR, "Member": Role.VIEWER, "Stranger": Role.VIEWER}
    others = [make_account(app, role, name=name) for name, role in roles.items()]
    with app.app_context(), transaction():
        for campaign_id in db.session.scalars(sa.select(Campaign.id)):
            values = {"campaign_id": campaign_id, "membership": Membership.READER, "joined_at": NOW}
            db.session.add(Member(account_id=others[1], **values))
    return [first, *others]


def read_one_by_one(account: Account) -> Fates:
    """By campaign, what its scoreboard says of each demand."""
    demands = db.session.scalars(sa.select(Demand).where(Demand.deleted_at.is_(None))).all()
    now = current_outcomes({one.campaign_id for one in demands}, entries_visible_to(account, today=TODAY))
    fates: Fates = {key: set() for key in db.session.scalars(sa.select(Campaign.id))}
    for one in demands:
        fates[one.campaign_id].add(now[one.id].status.value if one.id in now else OutcomeStatus.UNANSWERED.value)
    return fates


def kept(account: Account) -> Fates:
    """The same by what the campaigns' rows say; of those that say nothing, by asking."""
    asked = fates_of_demands(account, TODAY)
    silent = db.session.execute(sa.select(asked.c.campaign_id, asked.c.status)).all()
    return {
        key: {status for campaign_id, status in silent if campaign_id == key}
        if said is None
        else set(statuses_in(said))
        for key, said in db.session.execute(sa.select(Campaign.id, kept_fates(account)))
    }


def all_is_true(readers: list[int]) -> None:
    """For every reader the rows say what reading says, and a status finds the campaigns that have it."""
    db.session.expire_all()
    for reader, status in zip(readers, itertools.islice(STATUSES, len(readers)), strict=True):
        account = db.session.get_one(Account, reader)
        wanted = read_one_by_one(account)
        assert kept(account) == wanted
        found = set(db.session.scalars(sa.select(Campaign.id).where(with_fate([status], account, TODAY))))
        assert found == {key for key, fates in wanted.items() if status in fates}


def outcome(chance: random.Random, demand: Demand, corrects: TimelineEntry | None = None) -> Outcome:
    entry = TimelineEntry(
        campaign_id=demand.campaign_id,
        kind=EntryKind.OUTCOME,
        record_type=Outcome.__tablename__,
        headline="It was answered.",
        occurred_on=TODAY - dt.timedelta(days=chance.randrange(5)),
        occurred_precision=Precision.DAY,
        recorded_at=NOW + dt.timedelta(minutes=chance.randrange(5)),
        actor_id=chance.choice([None, *db.session.scalars(sa.select(Account.id))]),
        visibility=chance.choice([*EntryVisibility, *[EntryVisibility.PUBLIC] * 6]),
        corrects=corrects,
    )
    status = chance.choice(list(OutcomeStatus))
    return Outcome(
        campaign_id=demand.campaign_id, demand_id=demand.id, entry=entry, status=status, recorded_at=entry.recorded_at
    )


def change(what: str, chance: random.Random) -> None:
    """One change of a kind that the app makes now, or may make one day."""
    demands = db.session.scalars(sa.select(Demand).order_by(Demand.id)).all()
    demand = chance.choice(demands)
    # Mostly one that counts: what becomes of the others changes nothing.
    latest = current_outcomes({one.campaign_id for one in demands}, sa.true())
    every = db.session.scalars(sa.select(Outcome).order_by(Outcome.id)).all()
    one = chance.choice(sorted(latest.values(), key=lambda it: it.id) if chance.random() < 0.8 else every)
    match what:
        case "recorded":
            db.session.add(outcome(chance, demand))
        case "told anew":
            db.session.add(outcome(chance, one.demand, one.entry))
        case "shown":
            one.entry.visibility = chance.choice(list(EntryVisibility))
        case "named":
            one.entry.visibility = EntryVisibility.OFF_THE_RECORD
            one.entry.readers = chance.sample(db.session.scalars(sa.select(Account)).all(), 2)
        case "public from a day":
            one.entry.public_from = chance.choice([None, TODAY, TODAY + dt.timedelta(days=9)])
        case "removed":
            one.entry.deleted_at = None if one.entry.deleted_at else NOW
        case "redacted":
            one.entry.redacted_at = None if one.entry.redacted_at else NOW
        case "dated":
            one.entry.occurred_on = TODAY - dt.timedelta(days=chance.randrange(9))
        case "moved":
            others = sa.select(Demand.id).where(Demand.campaign_id == one.campaign_id)
            one.demand_id = chance.choice(db.session.scalars(others).all())
        case "no longer asked":
            demand.deleted_at = None if demand.deleted_at else NOW
        case "asked":
            values = {"position": 9, "words": "And say by when.", "created_at": NOW}
            db.session.add(Demand(campaign_id=demand.campaign_id, **values))
        case "destroyed":
            db.session.delete(one)
        case "all at once":
            some = sa.update(Outcome).where(Outcome.id % 3 == chance.randrange(3))
            db.session.execute(some.values(status=chance.choice(list(OutcomeStatus)).value))
        case "the correction goes":
            corrections = db.session.scalars(sa.select(TimelineEntry).where(TimelineEntry.corrects_id.is_not(None)))
            for entry in corrections.all()[:1]:
                db.session.execute(sa.delete(Outcome).where(Outcome.entry_id == entry.id))
                db.session.delete(entry)


CHANGES = (
    *("recorded", "told anew", "shown", "named", "public from a day", "removed", "redacted", "dated", "moved"),
    *("no longer asked", "asked", "destroyed", "all at once", "the correction goes"),
)


@pytest.mark.each_database
def test_whatever_is_done_the_rows_say_what_reading_says(app: Flask, readers: list[int]) -> None:
    """After each of many changes, one by one or in bulk, for every reader; and mostly nothing has to be asked anew."""
    chance, said = random.Random(11), 0
    with app.app_context():
        with transaction():
            for demand in db.session.scalars(sa.select(Demand)).all():
                db.session.add(outcome(chance, demand))
        all_is_true(readers)
        for what in chance.sample(CHANGES * 3, 3 * len(CHANGES)):
            with transaction():
                change(what, chance)
            all_is_true(readers)
            said += db.session.scalar(sa.select(sa.func.count(Campaign.fates_for_readers))) or 0
        assert said > 42


@pytest.mark.each_database
def test_the_migration_counts_what_is_there(app: Flask, readers: list[int]) -> None:
    """Down to before it was kept and up again: the rows say the same, and go on saying it."""
    with app.app_context():
        with transaction():
            for demand in db.session.scalars(sa.select(Demand)).all():
                db.session.add(outcome(random.Random(demand.id), demand))
        all_is_true(readers)
        db.session.remove()
        migrate.alembic().downgrade(revision="0020")
        db.session.remove()
        migrate.upgrade()
        all_is_true(readers)
        with transaction():
            db.session.execute(sa.update(Outcome).values(status=OutcomeStatus.REVERSED.value))
        all_is_true(readers)


@pytest.mark.postgresql
def test_two_at_once_lose_nothing(app: Flask, readers: list[int]) -> None:
    """Whoever records an outcome while another does so in the same campaign waits, and then counts both."""
    with app.app_context():
        demands = db.session.scalars(sa.select(Demand).order_by(Demand.campaign_id, Demand.id)).all()
        first = next(one for one in demands if sum(one.campaign_id == other.campaign_id for other in demands) > 1)
        second = next(one for one in demands if one.campaign_id == first.campaign_id and one is not first)
        ids, engine = (first.id, second.id), db.engine
        with transaction():
            for one in (first.id, second.id):
                demand = db.session.get_one(Demand, one)
                made = outcome(random.Random(1), demand)
                made.entry.visibility, made.status = EntryVisibility.PUBLIC, OutcomeStatus.REFUSED
                made.entry.occurred_on = TODAY + dt.timedelta(days=1)
                db.session.add(made)
        changed = [
            sa.update(Outcome).where(Outcome.demand_id == one).values(status=status.value)
            for one, status in zip(ids, (OutcomeStatus.MET, OutcomeStatus.REVERSED), strict=True)
        ]

        def second_one() -> None:
            with engine.begin() as connection:
                connection.execute(changed[1])

        thread = threading.Thread(target=second_one)
        with engine.connect() as watching, engine.begin() as connection:
            connection.execute(changed[0])
            thread.start()
            waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            wait_until(lambda: bool(watching.execute(waiting).scalar()), "the second to wait", seconds=10)
        thread.join(10)
        all_is_true(readers)
