"""People and campaigns for the tests of this feature; everybody is invented."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask

from tracker.accounts.models import Account, CampaignMember, Membership, Role
from tracker.campaigns.models import Campaign, CampaignKind, CampaignText, Visibility
from tracker.db import db, new_public_id, transaction
from tracker.timeline.models import Source, SourceKind

NOW = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)

MakeCampaign = Callable[..., Campaign]


def account(name: str, role: Role = Role.ORGANISER, **fields: object) -> Account:
    made = Account(
        email=f"{name}@example.org",
        name=name.capitalize(),
        role=role,
        fs_uniquifier=new_public_id(),
        created_at=NOW,
        confirmed_at=NOW,
        active=True,
        **fields,
    )
    db.session.add(made)
    return made


def campaign(slug: str = "letter", *, protected: bool = False, **fields: object) -> Campaign:
    made = Campaign(
        **{
            "slug": slug,
            "title": slug.capitalize(),
            "kind": CampaignKind.EMPLOYEE if protected else CampaignKind.SHAREHOLDER,
            "visibility": Visibility.MEMBERS,
            "link_token": new_public_id(),
            "is_protected": protected,
            "created_at": NOW,
            "changed_at": NOW,
            **fields,
        }
    )
    made.texts.append(CampaignText(number=1, body="We, the undersigned.", recorded_at=NOW))
    db.session.add(made)
    return made


def join(made: Campaign, *members: tuple[Account, Membership]) -> None:
    db.session.flush()
    for member, membership in members:
        db.session.add(CampaignMember(campaign_id=made.id, account_id=member.id, membership=membership, joined_at=NOW))


def source(citation: str, publisher: str = "", kind: SourceKind = SourceKind.PRESS) -> Source:
    return Source(citation=citation, publisher=publisher, kind=kind, recorded_at=NOW)


@pytest.fixture
def organiser(context: Flask) -> Account:
    with transaction():
        return account("organiser")
