"""A campaign that nobody concludes does not keep its people for ever; its team is told before, and can put it off."""

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from tests.retention.test_forgetting import ENDED, PEOPLE, left, unsealed
from tests.signatures.conftest import account, campaign, join
from tests.signatures.signing import SLUG
from tests.support.accounts import SignedIn
from tests.support.pages import submit, visit
from tracker.accounts.models import Account, Membership
from tracker.campaigns import service as campaigns
from tracker.campaigns.models import Campaign, Stage, Visibility
from tracker.db import db, transaction
from tracker.retention import forgetting, queries
from tracker.signatures.models import Appearance, SignatoryKind
from tracker.signatures.pasting import read_list
from tracker.signatures.queries import counts
from tracker.signatures.service import add_list
from tracker.timeline.models import EntryVisibility, TimelineEntry
from tracker.timeline.service import Told


def nobody_concludes(app: Flask) -> int:
    """A campaign with a list of people that is never concluded; its id."""
    with app.app_context(), transaction():
        organiser = account("organiser")
        made = campaign(visibility=Visibility.MEMBERS, zone="Europe/Berlin", stage=Stage.DELIVERED)
        join(made, (organiser, Membership.LEAD))
        by = {"actor": organiser, "now": ENDED}
        add_list(made, read_list(PEOPLE), kind=SignatoryKind.PERSON, appearance=Appearance.INITIALS, **by)
        return made.id


def headlines() -> list[str]:
    return list(db.session.scalars(sa.select(TimelineEntry.headline).where(TimelineEntry.headline.contains("Unless"))))


SILENT = ENDED + dt.timedelta(days=731)  # two years, with a leap day


@pytest.mark.each_database
def test_a_campaign_that_nobody_concludes_ends_for_its_people(app: Flask) -> None:
    """Two years after the last signature its people are forgotten, and sixty days before its team is told, once."""
    number = nobody_concludes(app)
    with app.app_context():
        for before in (731, 62):
            assert forgetting.forget_due(SILENT - dt.timedelta(days=before)) == forgetting.Done()
        assert headlines() == []
        for before in (60, 59, 1):
            assert forgetting.forget_due(SILENT - dt.timedelta(days=before)) == forgetting.Done()
        assert len(headlines()) == 1 and "2028-03-02" in headlines()[0] and unsealed() == 11
        assert forgetting.forget_due(SILENT + dt.timedelta(days=1)).people == 11
        assert (unsealed(), left()) == (0, [])
        made = db.session.get_one(Campaign, number)
        assert made.people_forgotten_at is not None and counts(made).here == 11


def test_an_old_campaign_is_told_of_first(app: Flask) -> None:
    """An upgrade that finds a campaign nobody signed for years forgets nobody that night: its team has sixty days. Who
    signs in these days puts it off, and the next time it is told again."""
    number = nobody_concludes(app)
    late = ENDED + dt.timedelta(days=2000)
    with app.app_context():
        for after in (0, 30, 59):
            assert forgetting.forget_due(late + dt.timedelta(days=after)) == forgetting.Done()
        assert len(headlines()) == 1 and unsealed() == 11
        made = db.session.get_one(Campaign, number)
        assert queries.forget_day(made, late.date()) == (late + dt.timedelta(days=60)).date()
        with transaction():
            by = {"actor": db.session.scalars(sa.select(Account)).one(), "now": late + dt.timedelta(days=59)}
            made = db.session.get_one(Campaign, number)
            add_list(made, read_list("Later One"), kind=SignatoryKind.PERSON, appearance=Appearance.COUNTED, **by)
        assert forgetting.forget_due(late + dt.timedelta(days=61)) == forgetting.Done()
        assert db.session.get_one(Campaign, number).ending_noted_on is None
        forgetting.forget_due(late + dt.timedelta(days=59 + 700))
        assert len(headlines()) == 2


def test_the_team_puts_it_off(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """What waits names it; the page says why and when, and who leads it chooses another day, two years on at most. A
    campaign that is concluded then keeps the sooner of the two days."""
    number = nobody_concludes(app)
    soon = SILENT - dt.timedelta(days=30)
    with time_machine.travel(soon, tick=False):
        with app.app_context():
            forgetting.forget_due(soon)
            lead = signed_in(account_id=db.session.scalars(sa.select(Account.id)).one())
        waiting = visit(lead, "/")
        assert "ends by itself" in waiting.text
        where = f"/campaigns/{SLUG}/ending"
        page = visit(lead, where)
        assert "The campaign goes on" in page.text and page.form("form[action$=ending]")["day"] == "2028-04-01"
        assert "Two years from now" in submit(lead, where, "form[action$=ending]", day="2031-01-01", status=422).text
        submit(lead, where, "form[action$=ending]", day="2029-01-01")
        assert "ends by itself" not in visit(lead, "/").text
        with app.app_context():
            assert forgetting.forget_due(SILENT + dt.timedelta(days=90)) == forgetting.Done()
            with transaction():
                made = db.session.get_one(Campaign, number)
                told = Told(soon.date(), visibility=EntryVisibility.MEMBERS, words="They answered.")
                campaigns.conclude(made, unsaid=[], told=told, actor=None, now=soon)
                assert made.retention_on == dt.date(2028, 8, 1)
