"""A shareholder campaign with two asks, and a person for each line of the access matrix.

    def test_a_thing(team):
        team.client("editor").get(f"/campaigns/{team.slug}/history")     # FlaskClient, signed in
        with team.act() as now:                                          # an app context and a transaction
            note = team.note("Something happened.", by="editor")

People: `editor` (an organiser who may edit), `lead`, `reader` (members), `administrator`, `organiser` and `viewer` (no
members). `team.alone()` leaves one editor alone in the instance, so that nothing is exposed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.support.accounts import make_account, make_member
from tracker import clock
from tracker.accounts.models import Account, Membership, Role
from tracker.campaigns.models import (
    Campaign,
    CampaignKind,
    CampaignSubject,
    Demand,
    SubjectRole,
    Target,
    TargetKind,
    Visibility,
)
from tracker.companies.service import find_or_add_company
from tracker.db import db, transaction
from tracker.timeline.models import EntryKind, EntryVisibility, TimelineEntry
from tracker.timeline.service import Told, append_entry

PEOPLE: dict[str, tuple[Role, Membership | None]] = {
    "editor": (Role.ORGANISER, Membership.EDITOR),
    "lead": (Role.ORGANISER, Membership.LEAD),
    "reader": (Role.VIEWER, Membership.READER),
    "administrator": (Role.ADMINISTRATOR, None),
    "organiser": (Role.ORGANISER, None),
    "viewer": (Role.VIEWER, None),
}


class Team:
    """One campaign and its people."""

    slug = "rekognition"

    def __init__(self, app: Flask, signed_in: Callable[..., FlaskClient], visibility: Visibility) -> None:
        self.app = app
        self._signed_in = signed_in
        self.ids = {name: make_account(app, role, name=name.capitalize()) for name, (role, _) in PEOPLE.items()}
        with app.app_context(), transaction():
            now = clock.now()
            company = find_or_add_company("Amazon.com, Inc.", now=now)
            campaign = Campaign(
                slug=self.slug,
                title="Shareholders to Amazon: Rekognition",
                kind=CampaignKind.SHAREHOLDER,
                visibility=visibility,
                link_token="a-token",
                is_protected=False,
                created_at=now,
                changed_at=now,
            )
            db.session.add(campaign)
            db.session.flush()
            campaign.subjects.append(CampaignSubject(company=company, role=SubjectRole.ASKED))
            target = Target(campaign_id=campaign.id, kind=TargetKind.COMPANY, name=company.name, company=company)
            db.session.add(target)
            db.session.flush()
            for number, words in enumerate(("Stop selling Rekognition to governments", "Commission a study"), 1):
                db.session.add(
                    Demand(campaign_id=campaign.id, target=target, position=number, words=words, created_at=now)
                )
            self.campaign_id = campaign.id
            self.company_id = company.id
            self.company_name = company.name
        for name, (_role, membership) in PEOPLE.items():
            if membership:
                make_member(app, self.campaign_id, self.ids[name], membership)

    def alone(self) -> None:
        """Nobody but the editor is left."""
        with self.act():
            for name in PEOPLE.keys() - {"editor"}:
                self.account(name).active = False

    def client(self, name: str) -> FlaskClient:
        """A browser signed in as this person."""
        return self._signed_in(account_id=self.ids[name])

    @contextmanager
    def act(self) -> Iterator[dt.datetime]:
        """An app context and a transaction; gives the moment."""
        with self.app.app_context(), transaction():
            yield clock.now()

    @contextmanager
    def look(self) -> Iterator[None]:
        """An app context for reading."""
        with self.app.app_context():
            yield

    def account(self, name: str) -> Account:
        """The person, within an app context."""
        return db.session.get_one(Account, self.ids[name])

    @property
    def campaign(self) -> Campaign:
        """The campaign, within an app context."""
        return db.session.get_one(Campaign, self.campaign_id)

    def note(
        self,
        headline: str,
        *,
        by: str = "editor",
        visibility: EntryVisibility = EntryVisibility.PUBLIC,
        on: dt.date = dt.date(2019, 5, 22),
        kind: EntryKind = EntryKind.NOTE,
        now: dt.datetime | None = None,
        readers: tuple[str, ...] = (),
        **columns: Any,
    ) -> TimelineEntry:
        """An entry, within `act()`."""
        return append_entry(
            campaign_id=self.campaign_id,
            kind=kind,
            headline=headline,
            occurred_on=on,
            actor=self.account(by),
            visibility=visibility,
            readers=[self.account(name) for name in readers],
            now=now or clock.now(),
            **columns,
        )

    def told(self, on: str = "2019-05-22", visibility: EntryVisibility = EntryVisibility.PUBLIC, **rest: Any) -> Told:
        """What every entry has."""
        return Told(occurred_on=dt.date.fromisoformat(on), visibility=visibility, **rest)

    def path(self, rest: str = "") -> str:
        """An address below the campaign's."""
        return f"/campaigns/{self.slug}{rest}"

    def demand(self, position: int = 1) -> Demand:
        """One of the asks, within an app context."""
        return db.session.scalars(
            sa.select(Demand).where(Demand.campaign_id == self.campaign_id, Demand.position == position)
        ).one()

    def entry(self, headline: str) -> TimelineEntry:
        """The entry whose headline begins so, within an app context."""
        return db.session.scalars(
            sa.select(TimelineEntry).where(
                TimelineEntry.campaign_id == self.campaign_id, TimelineEntry.headline.startswith(headline)
            )
        ).one()


@pytest.fixture
def campaign_visibility() -> Visibility:
    """Override it to try another; the team's campaign is public."""
    return Visibility.PUBLIC


@pytest.fixture
def team(app: Flask, signed_in: Callable[..., FlaskClient], campaign_visibility: Visibility) -> Team:
    """A campaign with its people."""
    return Team(app, signed_in, campaign_visibility)
