"""An instance with a little of everything, for tests of backup and restore."""

from __future__ import annotations

import datetime as dt
import decimal

from flask import Flask

from tracker import clock, sealing
from tracker.accounts.models import Account, Role, SignIn
from tracker.campaigns.models import Campaign, CampaignKind, Visibility
from tracker.companies.models import Company, Holding, Organisation
from tracker.db import db, transaction
from tracker.files import CleanFile, FileKind
from tracker.instance import remember
from tracker.operations import archive, backup
from tracker.operations.keys import refuse_wrong
from tracker.timeline.models import EntryKind, EntryVisibility, TimelineEntry
from tracker.timeline.service import Files, append_entry, attach

DATA_KEY = "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s="
NAME = "Zoë Example-Ünlü"  # an invented person
HEADLINE = "An invented sentence, ‘quoted’ — with a dash\nand two lines"


def fill() -> str:
    """A little of every kind of value: references in both directions, decimals, booleans, JSON, seals. Returns the
    public id of the campaign."""
    now = clock.now()
    with transaction():
        ada = Account(
            email="ada@example.org", name=NAME, role=Role.ADMINISTRATOR, fs_uniquifier="u1", active=True,
            mf_recovery_codes=["a", "ü"], created_at=now,
        )  # fmt: skip
        old = Company(slug="old", name="Old Name, Inc.", created_at=now)
        new = Company(slug="new", name="New\tName", created_at=now, deleted_at=now)
        body = Organisation(slug="body", name="A Fund", created_at=now)
        campaign = Campaign(
            slug="a-campaign", title="A campaign", kind=CampaignKind.EMPLOYEE, visibility=Visibility.MEMBERS,
            link_token="t" * 16, is_protected=True, began_on=dt.date(2018, 6, 1), created_at=now, changed_at=now,
            created_by_id=None,
        )  # fmt: skip
        db.session.add_all([ada, old, new, body, campaign])
        db.session.flush()
        old.merged_into_id = new.id  # an earlier row that refers to a later one
        campaign.created_by_id = ada.id
        db.session.add_all(
            [
                Holding(organisation_id=body.id, company_id=old.id, shares=decimal.Decimal("12.5000"), recorded_at=now),
                Holding(organisation_id=body.id, company_id=new.id, amount=decimal.Decimal("1e6"), recorded_at=now),
                SignIn(token_hash="x" * 64, account_id=ada.id, started_at=now, last_seen_at=now),
            ]
        )
        told = entry(campaign.id, HEADLINE, now=now)
        attach(told, Files([CleanFile("paper.txt", FileKind.TEXT, bytes(range(256)) * 2000)]), actor=ada, now=now)
        remember("sealed", seal(campaign.public_id, now), now=now)
        refuse_wrong(now=now)
        return campaign.public_id


def entry(campaign_id: int, headline: str, *, now: dt.datetime) -> TimelineEntry:
    """An entry of the timeline."""
    return append_entry(
        campaign_id=campaign_id, kind=next(iter(EntryKind)), headline=headline, occurred_on=now.date(), now=now,
        actor=None, visibility=EntryVisibility.MEMBERS,
    )  # fmt: skip


def seal(campaign: str, now: dt.datetime) -> str:
    """A name, sealed with the campaign's own key."""
    return sealing.campaign_keys(campaign, now=now).seal(NAME, "here")


def contents(app: Flask) -> dict[str, archive.Content]:
    """The sums of all tables that a backup holds, but the settings, which a restore adds to."""
    with app.app_context(), db.engines[None].connect() as connection:
        return {
            table.name: archive.content(connection, table)
            for table in archive.reflect(connection)
            if table.name not in (*backup.LEFT_OUT, "setting")
        }
