"""People and campaigns for the tests of this feature; everybody is invented."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support.accounts import SignedIn, have_factor
from tracker.accounts.models import Account, CampaignMember, Membership, Role
from tracker.campaigns.models import Campaign, CampaignKind, CampaignText, Visibility
from tracker.db import db, new_public_id, transaction
from tracker.signatures import service
from tracker.signatures.models import Appearance, Signatory, SignatoryKind
from tracker.signatures.pasting import read_list
from tracker.signatures.people import Person
from tracker.timeline.models import Source, SourceKind

HERE = "/campaigns/letter/signatories"
NOW = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


def account(name: str, role: Role = Role.ORGANISER, **fields: object) -> Account:
    made = Account(
        email=f"{name}@example.org",
        name=name.capitalize(),
        role=role,
        fs_uniquifier=new_public_id(),
        created_at=NOW,
        confirmed_at=NOW,
        active=True,
        public_id=new_public_id(),
        **fields,
    )
    have_factor(made)  # tests/accounts are about those who have none
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


def add(letter: Campaign, actor: Account, name: str = "Ada Lovelace", **fields: object) -> Signatory:
    """A signatory of one campaign, only counted unless said otherwise."""
    known = ("office", "affiliation", "team", "city", "address", "link")
    person = {key: fields.pop(key) for key in known if key in fields}
    with transaction():
        return service.add_signatory(
            letter,
            Person(name, **person),  # type: ignore[arg-type]
            actor=actor,
            now=NOW,
            **{"appearance": Appearance.COUNTED, **fields},  # type: ignore[arg-type]
        )


def fill(app: Flask, client: SignedIn, text: str) -> None:
    """Add a list to the only campaign there is, by initials."""
    with app.app_context(), transaction():
        service.add_list(
            db.session.scalars(sa.select(Campaign)).one(),
            read_list(text),
            kind=SignatoryKind.PERSON,
            appearance=Appearance.INITIALS,
            actor=db.session.get_one(Account, client.account_id),
            now=NOW,
        )


@pytest.fixture(params=[False, True], ids=["plain", "protected"])
def letter(request: pytest.FixtureRequest, context: Flask) -> Campaign:
    """A campaign, once with plain names and once protected."""
    with transaction():
        return campaign(protected=request.param)


@pytest.fixture(params=[False, True], ids=["plain", "protected"])
def protected(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def lead(app: Flask, signed_in: Callable[..., SignedIn], protected: bool) -> SignedIn:
    """The lead of a campaign at HERE, who may see contact data."""
    client = signed_in(Role.ORGANISER, may_see_contacts=True)
    with app.app_context(), transaction():
        letter = campaign(protected=protected)
        join(letter, (db.session.get_one(Account, client.account_id), Membership.LEAD))
    return client


@pytest.fixture
def organiser(context: Flask) -> Account:
    with transaction():
        return account("organiser")
