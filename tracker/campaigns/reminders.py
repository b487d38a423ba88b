"""Remind the owners of deadlines by mail: 14, 7 and 2 days before and on the day, once each (product.md)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.accounts.models import Account
from tracker.campaigns.access import Level, level_for
from tracker.campaigns.deadlines import REMINDED_AT, Deadline, DeadlineReminder
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.mail import outbox
from tracker.mail.models import EmailKind
from tracker.mail.render import render

# The reminder of the day itself still goes out so many days late; after that the home page says enough.
LATEST = 2
# Nobody is reminded before this hour on their own clock.
MORNING = 7


def remind_owners(now: dt.datetime) -> int:
    """Put the reminders that are due into the outbox, inside a transaction; how many.

    Days are counted in the owner's zone, and nobody is woken up. After a pause only the nearest reminder is sent, never
    the ones it overtook.
    A deadline typed after a reminder's day is not reminded of for that day; one whose date or owner changed is anew.
    """
    return sum(_remind(deadline, now) for deadline in _near(now))


def _near(now: dt.datetime) -> list[Deadline]:
    """What is due soon and has an owner; a day more on both sides, since it is another day elsewhere."""
    today = now.date()
    return list(
        db.session.scalars(
            sa.select(Deadline)
            .join(Deadline.owner)
            .join(Deadline.campaign)
            .where(
                Deadline.done_at.is_(None),
                Deadline.deleted_at.is_(None),
                Deadline.due_on.between(
                    today - dt.timedelta(days=LATEST + 1), today + dt.timedelta(days=REMINDED_AT[0] + 1)
                ),
                Account.active.is_(True),
                Campaign.deleted_at.is_(None),
            )
            .options(joinedload(Deadline.owner), joinedload(Deadline.campaign))
            .order_by(Deadline.due_on, Deadline.id)
        )
    )


def _remind(deadline: Deadline, now: dt.datetime) -> bool:
    """Write one deadline's reminder, if it is time for one that was not sent."""
    owner = deadline.owner
    assert owner is not None
    zone = ZoneInfo(owner.zone)
    there = now.astimezone(zone)
    today = there.date()
    if there.hour < MORNING:
        return False
    step = step_due(deadline.due_on, today)
    if step is None or deadline.due_on - dt.timedelta(days=step) < deadline.created_at.astimezone(zone).date():
        return False
    if level_for(owner, deadline.campaign) < Level.READ:
        return False
    reminder = DeadlineReminder(
        deadline_id=deadline.id, account_id=owner.id, due_on=deadline.due_on, days_before=step, reminded_at=now
    )
    try:
        with db.session.begin_nested():
            db.session.add(reminder)
    except sa.exc.IntegrityError:
        return False  # sent already, perhaps by another beat at this moment
    # Whoever destroys its words takes this mail back.
    db.session.refresh(deadline, ["what", "version"], with_for_update={"read": True})
    message = render(
        "deadline_reminder",
        locale=owner.locale,
        what=deadline.what,
        campaign=deadline.campaign.title,
        path=f"/campaigns/{deadline.campaign.slug}#dates",
        due_on=deadline.due_on,
        days=(deadline.due_on - today).days,
    )
    reminder.email_id = outbox.put(message, to=owner.email, kind=EmailKind.REMINDER, now=now).id
    return True


def step_due(due_on: dt.date, today: dt.date) -> int | None:
    """The reminder whose day has come last: 14, 7, 2 or 0 days before; None before the first and long after."""
    days = (due_on - today).days
    if days < -LATEST:
        return None
    return min((step for step in REMINDED_AT if step >= days), default=None)
