"""Owners of deadlines are reminded 14, 7 and 2 days before and on the day, in their own zone, once each."""

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support.accounts import make_account
from tests.support.mails import outbox
from tracker.accounts.models import Account, Role
from tracker.campaigns import service
from tracker.campaigns.deadlines import Deadline, DeadlineReminder
from tracker.campaigns.models import Campaign, CampaignKind
from tracker.campaigns.reminders import remind_owners, step_due
from tracker.campaigns.service.campaigns import QuickLog
from tracker.companies.service import find_or_add_company
from tracker.db import db, transaction

TYPED = dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC)
DUE = dt.date(2030, 4, 1)


@pytest.fixture
def owner(app: Flask) -> int:
    """An organiser in Berlin who has one deadline, due on DUE."""
    account_id = make_account(app, zone="Europe/Berlin")
    with app.app_context(), transaction():
        service.log_campaign(
            QuickLog(
                title="Open letter",
                kind=CampaignKind.EMPLOYEE,
                company=find_or_add_company("Amazon", now=TYPED),
                due_on=DUE,
                due_what="Send it",
            ),
            actor=db.session.get_one(Account, account_id),
            now=TYPED,
        )
    return account_id


def remind(app: Flask, moment: dt.datetime) -> int:
    """One turn of the task."""
    with app.app_context(), transaction():
        return remind_owners(moment)


def at(day: dt.date, hour: int = 12) -> dt.datetime:
    """A moment of a day, in UTC."""
    return dt.datetime(day.year, day.month, day.day, hour, tzinfo=dt.UTC)


@pytest.mark.each_database
def test_four_reminders_once_each(app: Flask, owner: int) -> None:
    """Looking several times a day, for a month, sends four mails that say how long is left."""
    day = DUE - dt.timedelta(days=20)
    while day <= DUE + dt.timedelta(days=10):
        for hour in (1, 9, 20):
            remind(app, at(day, hour))
        day += dt.timedelta(days=1)
    assert [mail.subject for mail in outbox(app)] == [
        "Due in 14 days: Send it",
        "Due in 7 days: Send it",
        "Due in 2 days: Send it",
        "Due today: Send it",
    ]
    text = outbox(app)[0].text
    assert "1 April 2030" in text
    assert "/campaigns/open-letter#dates" in text


def test_mornings_begin_on_the_owners_clock(app: Flask, owner: int) -> None:
    """Berlin is reminded from seven in its own morning: 6:00 UTC in winter and, an hour earlier, 5:00 in summer."""
    fourteen = DUE - dt.timedelta(days=14)
    assert fourteen == dt.date(2030, 3, 18)
    assert remind(app, dt.datetime(2030, 3, 17, 23, 0, tzinfo=dt.UTC)) == 0
    assert remind(app, dt.datetime(2030, 3, 18, 5, 59, tzinfo=dt.UTC)) == 0
    assert remind(app, dt.datetime(2030, 3, 18, 6, 0, tzinfo=dt.UTC)) == 1
    # The clocks went forward on 31 March.
    assert remind(app, dt.datetime(2030, 3, 31, 21, 59, tzinfo=dt.UTC)) == 1  # the one of two days before, late
    assert remind(app, dt.datetime(2030, 4, 1, 4, 59, tzinfo=dt.UTC)) == 0
    assert remind(app, dt.datetime(2030, 4, 1, 5, 0, tzinfo=dt.UTC)) == 1
    assert [mail.subject for mail in outbox(app)][-1] == "Due today: Send it"


def test_after_a_pause_only_the_nearest(app: Flask, owner: int) -> None:
    """A server that slept for ten days sends the reminder that is true now, and none that it overtook."""
    remind(app, at(DUE - dt.timedelta(days=4)))
    assert [mail.subject for mail in outbox(app)] == ["Due in 4 days: Send it"]
    with app.app_context():
        assert db.session.scalars(sa.select(DeadlineReminder.days_before)).all() == [7]
    remind(app, at(DUE + dt.timedelta(days=1)))
    remind(app, at(DUE + dt.timedelta(days=1), 18))
    assert [mail.subject for mail in outbox(app)][1:] == ["Was due: Send it"]


@pytest.mark.parametrize(
    ("days", "step"),
    [(15, None), (14, 14), (8, 14), (7, 7), (3, 7), (2, 2), (1, 2), (0, 0), (-2, 0), (-3, None)],
)
def test_which_reminder_has_its_day(days: int, step: int | None) -> None:
    """The one whose day came last; none before the first and long after."""
    assert step_due(DUE, DUE - dt.timedelta(days=days)) == step


def test_what_ends_reminders(app: Flask, owner: int) -> None:
    """Nobody hears of what is done, removed, of a campaign in the bin or that is closed to them, or once disabled."""

    def change(**values: object) -> None:
        with app.app_context(), transaction():
            for name, value in values.items():
                kind = {"deadline": Deadline, "campaign": Campaign, "account": Account}[name.partition("_")[0]]
                setattr(db.session.scalars(sa.select(kind)).one(), name.partition("_")[2], value)

    today = at(DUE)
    for name, ended, again in (
        ("deadline_done_at", TYPED, None),
        ("deadline_deleted_at", TYPED, None),
        ("campaign_deleted_at", TYPED, None),
        ("account_active", False, True),
    ):
        change(**{name: ended})
        assert remind(app, today) == 0, name
        change(**{name: again})
    with app.app_context(), transaction():
        db.session.execute(sa.text("DELETE FROM campaign_member"))
    assert remind(app, today) == 0


def test_a_new_date_or_owner_is_reminded_anew(app: Flask, owner: int) -> None:
    """Once moved, or given to somebody else, a deadline has all its reminders before it again."""
    remind(app, at(DUE))
    with app.app_context(), transaction():
        db.session.scalars(sa.select(Deadline)).one().due_on = DUE + dt.timedelta(days=7)
    assert remind(app, at(DUE)) == 1
    other = make_account(app, Role.ADMINISTRATOR)
    with app.app_context(), transaction():
        db.session.scalars(sa.select(Deadline)).one().owner_id = other
    assert remind(app, at(DUE)) == 1


def test_a_reminder_that_was_past_when_typed(app: Flask, owner: int) -> None:
    """Who types a deadline for next week is not mailed about it the same minute."""
    with app.app_context(), transaction():
        db.session.scalars(sa.select(Deadline)).one().created_at = at(DUE - dt.timedelta(days=5))
    assert remind(app, at(DUE - dt.timedelta(days=5))) == 0
    assert remind(app, at(DUE - dt.timedelta(days=2))) == 1
