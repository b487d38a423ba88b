"""The people, campaigns and news of a story as the model knows them, and the rows that stand for them."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass, field

import sqlalchemy as sa

from tracker.accounts.models import Account, Role
from tracker.campaigns.models import Campaign, CampaignKind, Stage, Visibility
from tracker.db import db
from tracker.digests.models import Subscriber
from tracker.digests.periods import Schedule, elapsed_periods, next_period
from tracker.settings import config

BEGAN = dt.datetime(2026, 11, 23, 6, tzinfo=dt.UTC)  # a Monday
SECOND, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)
EVERYTHING = -1

Row = tuple[str, str]  # frequency and name of a period


@dataclass
class Place:
    """A campaign."""

    id: int
    is_open: bool = True
    opened_at: dt.datetime = BEGAN


@dataclass(frozen=True)
class News:
    """An entry: its words are its name."""

    id: int
    words: str
    which: int
    stamped: dt.datetime


@dataclass(eq=False)
class Person:
    """A reader."""

    account: int
    subscriber: int
    address: str
    way: str
    schedule: Schedule
    since: dict[int, dt.datetime] = field(default_factory=dict)  # what they follow
    owed_from: dt.datetime = BEGAN  # the first moment of the present schedule that is not reckoned yet
    wanted: set[Row] = field(default_factory=set)  # periods that must have their row
    zones: dict[Row, str] = field(default_factory=dict)  # periods that may have one, and by which clock
    is_gone: bool = False  # the address is not written to any more, whatever is followed

    @property
    def is_reading(self) -> bool:
        return bool(self.since)

    def heard_since(self, which: int) -> dt.datetime | None:
        """Since when they hear about a campaign."""
        return min((at for what, at in self.since.items() if what in (which, EVERYTHING)), default=None)

    def reckon(self, now: dt.datetime) -> None:
        """Note the periods that elapsed by now."""
        elapsed = elapsed_periods(self.schedule, after=self.owed_from - SECOND, until=now)
        for period in elapsed:
            row = (self.schedule.frequency.value, period.key)
            self.zones.setdefault(row, self.schedule.zone)
            if period.due_at > now - config().durations.missed_periods or period is elapsed[-1]:
                self.wanted.add(row)
        if elapsed:
            self.owed_from = next_period(self.schedule, after=now).due_at

    def leave(self, now: dt.datetime) -> None:
        """Follow nothing any more. What fell due by now may have its row, if somebody planned it in time."""
        wanted = set(self.wanted)
        if self.is_reading:
            self.reckon(now)
        self.wanted = wanted
        self.since.clear()


def new_account(address: str, role: Role, now: dt.datetime = BEGAN) -> int:
    account = Account(
        email=address, role=role, fs_uniquifier=secrets.token_hex(16), created_at=now, confirmed_at=now
    )  # fmt: skip
    db.session.add(account)
    db.session.flush()
    return account.id


def new_campaign(number: int) -> int:
    before = BEGAN - DAY
    campaign = Campaign(
        slug=f"campaign-{number}", title=f"Campaign {number}", kind=CampaignKind.EMPLOYEE, stage=Stage.GATHERING,
        visibility=Visibility.SIGNED_IN, link_token=secrets.token_urlsafe(12), is_protected=True, created_at=before,
        changed_at=before,
    )  # fmt: skip
    db.session.add(campaign)
    db.session.flush()
    return campaign.id


def subscriber_of(account: int) -> Subscriber:
    return db.session.scalars(
        sa.select(Subscriber).where(Subscriber.account_id == account).execution_options(populate_existing=True)
    ).one()


def empty() -> None:
    """Remove every row that a story leaves."""
    is_postgresql = db.session.get_bind().dialect.name == "postgresql"
    freely = "SET LOCAL session_replication_role = replica" if is_postgresql else "PRAGMA defer_foreign_keys = ON"
    db.session.execute(sa.text(freely))  # tables refer to each other, in circles too
    for table in db.metadata.tables.values():
        if db.session.scalar(sa.select(sa.literal(1)).select_from(table).limit(1)):
            db.session.execute(sa.delete(table))
