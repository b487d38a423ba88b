"""People, campaigns and entries at chosen moments, and the run itself. Each call is a transaction of its own."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import Counter
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import sqlalchemy as sa
from flask import Flask

from tracker import clock
from tracker.accounts.models import Account, CampaignMember, Membership, Role
from tracker.campaigns.models import (
    Campaign,
    CampaignKind,
    CampaignSubject,
    Stage,
    SubjectRole,
    Visibility,
)
from tracker.companies.models import Company
from tracker.config import Config
from tracker.db import Precision, db, transaction
from tracker.digests import running, service
from tracker.digests.models import Digest, Frequency, Subscriber
from tracker.digests.periods import Schedule
from tracker.mail.models import Email
from tracker.timeline.models import EntryKind, EntryVisibility, Source, SourceKind, TimelineEntry
from tracker.timeline.service import append_entry

MONDAY = dt.datetime(2026, 11, 23, 6, 0, tzinfo=dt.UTC)  # before eight o'clock


class World:
    """What a test of digests needs to say in one line."""

    def __init__(self, app: Flask, traveller: Any) -> None:
        self.app = app
        self.traveller = traveller
        self.numbers = 0

    @property
    def config(self) -> Config:
        found: Config = self.app.extensions["config"]
        return found

    def at(self, moment: dt.datetime | str) -> dt.datetime:
        """Go to a moment, UTC."""
        if isinstance(moment, str):
            moment = dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)
        self.traveller.move_to(moment)
        return moment

    def account(self, email: str = "", role: Role = Role.VIEWER, **columns: Any) -> int:
        self.numbers += 1
        with transaction():
            account = Account(
                email=email or f"reader{self.numbers}@example.org",
                role=role,
                fs_uniquifier=secrets.token_hex(16),
                created_at=clock.now(),
                confirmed_at=clock.now(),
                **columns,
            )
            db.session.add(account)
            db.session.flush()
            return account.id

    def campaign(self, title: str = "We won’t build it", company: str = "Amazon.com, Inc.", **columns: Any) -> int:
        self.numbers += 1
        with transaction():
            found = db.session.scalar(sa.select(Company).where(Company.name == company)) or Company(
                slug=f"company-{self.numbers}", name=company, created_at=clock.now()
            )
            campaign = Campaign(
                **{
                    "slug": f"campaign-{self.numbers}",
                    "title": title,
                    "kind": CampaignKind.EMPLOYEE,
                    "stage": Stage.GATHERING,
                    "visibility": Visibility.SIGNED_IN,
                    "link_token": secrets.token_urlsafe(12),
                    "is_protected": True,
                    "created_at": clock.now(),
                    "changed_at": clock.now(),
                    **columns,
                }
            )
            campaign.subjects = [CampaignSubject(company=found, role=SubjectRole.ASKED)]
            db.session.add(campaign)
            db.session.flush()
            return campaign.id

    def entry(self, campaign_id: int, headline: str = "Amazon refuses to answer", **columns: Any) -> int:
        now = columns.pop("now", clock.now())
        opened_at = columns.pop("opened_at", None)
        readers = [self.get(Account, number) for number in columns.pop("reader_ids", ())]
        with transaction():
            entry = append_entry(
                **{
                    "campaign_id": campaign_id,
                    "kind": EntryKind.STATEMENT,
                    "headline": headline,
                    "occurred_on": now.date(),
                    "now": now,
                    "actor": None,
                    "visibility": EntryVisibility.PUBLIC,
                    "readers": [db.session.get(Account, reader.id) for reader in readers],
                    **columns,
                }
            )
            entry.opened_at = opened_at
            return entry.id

    def source(self, **columns: Any) -> Source:
        return Source(**{"citation": "A page", "kind": SourceKind.PRESS, "recorded_at": clock.now(), **columns})

    def member(self, campaign_id: int, account_id: int) -> None:
        with transaction():
            db.session.add(
                CampaignMember(
                    campaign_id=campaign_id,
                    account_id=account_id,
                    membership=Membership.READER,
                    joined_at=clock.now(),
                )
            )

    def follow(
        self, account_id: int, campaign_id: int | None = None, company: str | None = None, **schedule: Any
    ) -> None:
        """Follow something; daily at 08:00 UTC unless said otherwise."""
        with transaction():
            account = db.session.get_one(Account, account_id)
            campaign = db.session.get(Campaign, campaign_id) if campaign_id else None
            firm = db.session.scalar(sa.select(Company).where(Company.name == company)) if company else None
            subscription = service.follow(account, now=clock.now(), campaign=campaign, company=firm)
            wanted = {"hour": 8, "zone": account.zone, **schedule}
            wanted["frequency"] = Frequency(schedule.get("frequency", "daily"))
            service.change_schedule(subscription.subscriber, Schedule(**wanted), now=clock.now())

    def run(self, moment: dt.datetime | str | None = None) -> Counter[str]:
        """Go to a moment and do all that is due then."""
        now = self.at(moment) if moment else clock.now()
        return running.run(now)

    def change(self, model: type, number: int, **columns: Any) -> None:
        with transaction():
            row = db.session.get_one(model, number)
            for name, value in columns.items():
                setattr(row, name, value)

    def get(self, model: type, number: int) -> Any:
        db.session.rollback()
        return db.session.get_one(model, number)

    def digests(self) -> list[Digest]:
        db.session.rollback()
        return list(db.session.scalars(sa.select(Digest).order_by(Digest.due_at, Digest.id)))

    def states(self) -> list[str]:
        """The digests' states in order of their due moments, with the reason of those skipped."""
        return [f"{one.state.value}: {one.reason}" if one.reason else one.state.value for one in self.digests()]

    def subscriber(self, account_id: int) -> Subscriber:
        db.session.rollback()
        return db.session.scalars(sa.select(Subscriber).where(Subscriber.account_id == account_id)).one()

    def mails(self) -> list[EmailMessage]:
        """What lies in the mail folder, in the order it was written into the outbox."""
        db.session.rollback()
        folder = self.config.mail.folder
        assert folder is not None
        found = []
        for email in db.session.scalars(sa.select(Email).order_by(Email.id)):
            file = folder / f"{email.public_id}.eml"
            if file.exists():
                found.append(message_from_bytes(file.read_bytes(), policy=policy.default))
        return found  # type: ignore[return-value]

    def texts(self) -> list[str]:
        """The text parts of these mails."""
        return [text_of(mail) for mail in self.mails()]


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def texts_of(world: World) -> list[str]:
    """The text parts of all mails, with lines that end as they were written."""
    return [words.replace("\r\n", "\n") for words in world.texts()]


def followed(world: World, **columns: object) -> tuple[int, int]:
    """Somebody who follows a campaign, daily at eight; an hour has passed since."""
    campaign, reader = world.campaign(**columns), world.account("reader@example.org")
    world.follow(reader, campaign)
    world.at("2026-11-23 07:00")
    return campaign, reader


__all__ = [
    "MONDAY",
    "EntryKind",
    "EntryVisibility",
    "Precision",
    "TimelineEntry",
    "World",
    "followed",
    "html_of",
    "text_of",
    "texts_of",
]
