"""Readers by the thousand whose digest is due, written past the services but within the constraints."""

from __future__ import annotations

import datetime as dt
import secrets

import sqlalchemy as sa

from tracker.accounts.models import Account, Role
from tracker.campaigns.models import Campaign, CampaignKind, Stage, Visibility
from tracker.db import db, transaction
from tracker.digests.models import Following, Frequency, Subscriber, Subscription
from tracker.timeline.models import EntryKind, EntryVisibility, Source, SourceKind
from tracker.timeline.service import append_entry

CAMPAIGNS, ENTRIES, ZONES = 3, 4, ("UTC", "Europe/Berlin")
A_STATEMENT = 1_000


def invite(number: int, now: dt.datetime) -> None:
    """So many, each following one or two of a few campaigns since a moment of their own; news of each campaign."""
    day = dt.timedelta(days=1)
    with transaction():
        campaigns = [
            Campaign(
                slug=f"campaign-{count}", title=f"We won’t build it, part {count}", kind=CampaignKind.EMPLOYEE,
                stage=Stage.GATHERING, visibility=Visibility.PUBLIC, link_token=secrets.token_urlsafe(12),
                is_protected=False, created_at=now - 9 * day, changed_at=now - day,
            )
            for count in range(CAMPAIGNS)
        ]  # fmt: skip
        db.session.add_all(campaigns)
        db.session.flush()
        ids = [campaign.id for campaign in campaigns]
        for campaign_id in ids:
            for count in range(ENTRIES):
                at = now - 2 * day - count * dt.timedelta(minutes=1)
                source = Source(
                    citation="An invented report", url=f"https://example.org/reports/{count}", publisher="Gazette",
                    kind=SourceKind.PRESS, recorded_at=at,
                )  # fmt: skip
                append_entry(
                    campaign_id=campaign_id, kind=EntryKind.STATEMENT, headline=f"The company answered, time {count}",
                    occurred_on=at.date(), now=at, actor=None, visibility=EntryVisibility.PUBLIC, sources=[source],
                )  # fmt: skip
        for start in range(0, number, A_STATEMENT):
            some = range(start, min(start + A_STATEMENT, number))
            accounts = _written(
                Account,
                [
                    {
                        "email": f"reader{one}@example.org", "role": Role.VIEWER, "created_at": now - 8 * day,
                        "fs_uniquifier": secrets.token_hex(16), "confirmed_at": now - 8 * day,
                    }
                    for one in some
                ],
            )  # fmt: skip
            began = [now - 7 * day + one * dt.timedelta(seconds=1) for one in some]
            subscribers = _written(
                Subscriber,
                [
                    {
                        "account_id": account, "frequency": Frequency.DAILY, "hour": 8, "zone": ZONES[one % len(ZONES)],
                        "scheduled_from": now - day, "next_due_at": now - day,
                        "confirmed_at": at, "created_at": at, "link_secret": secrets.token_urlsafe(32),
                    }
                    for one, account, at in zip(some, accounts, began, strict=True)
                ],
            )  # fmt: skip
            follows = {"following": Following.CAMPAIGN}
            db.session.execute(
                sa.insert(Subscription),
                [
                    {"subscriber_id": subscriber, "campaign_id": campaign, "began_at": at, **follows}
                    for one, subscriber, at in zip(some, subscribers, began, strict=True)
                    for campaign in {ids[one % CAMPAIGNS], ids[one // CAMPAIGNS % CAMPAIGNS]}
                ],
            )


def _written(model: type, rows: list[dict[str, object]]) -> list[int]:
    """Write rows; their numbers, in order."""
    return list(db.session.scalars(sa.insert(model).returning(model.id, sort_by_parameter_order=True), rows))  # type: ignore[attr-defined]
