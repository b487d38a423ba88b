"""The tasks do the work of the commands, whoever calls them and however often."""

import sqlalchemy as sa
import time_machine
from flask import Flask

import worker.tasks as tasks
from tests.digests.world import MONDAY, World
from tracker.accounts.models import Role
from tracker.campaigns.deadlines import Deadline, DeadlineReminder
from tracker.config import Durations
from tracker.db import db, transaction
from tracker.digests.models import DigestItem
from tracker.mail.models import Email, EmailState
from worker.schedule import schedule


def test_a_digest_by_tasks_alone(app: Flask) -> None:
    """Sweep composes, send sends; each twice is once; a week later the words are gone."""
    with app.app_context(), time_machine.travel(MONDAY, tick=False) as traveller:
        here = World(app, traveller)
        campaign, reader = here.campaign(), here.account()
        here.follow(reader, campaign)
        here.at("2026-11-23 07:00")
        here.entry(campaign)
        here.at("2026-11-23 08:00")
        for task in (tasks.sweep, tasks.sweep, tasks.send_due, tasks.send_due, tasks.sweep):
            task()
        assert len(here.mails()) == 1
        assert len(db.session.scalars(sa.select(DigestItem)).all()) == 1
        here.at("2026-12-01 08:00")
        tasks.wipe_settled()
        tasks.wipe_settled()
        assert here.mails() == []
        assert db.session.scalars(sa.select(Email.state)).one() is EmailState.SENT


def test_reminders_are_written_once(app: Flask) -> None:
    """The owner of a deadline in a week is reminded by the task, once."""
    with app.app_context(), time_machine.travel(MONDAY, tick=False) as traveller:
        here = World(app, traveller)
        owner, campaign = here.account("owner@example.org", Role.ADMINISTRATOR), here.campaign()
        with transaction():
            row = Deadline(campaign_id=campaign, what="File it", due_on=here.at(MONDAY).date(), owner_id=owner)
            row.created_at = MONDAY
            db.session.add(row)
        here.at("2026-11-23 12:00")
        tasks.remind_owners()
        tasks.remind_owners()
        tasks.send_due()
        assert [mail["To"] for mail in here.mails()] == ["owner@example.org"]
        assert len(db.session.scalars(sa.select(DeadlineReminder)).all()) == 1


def test_the_beat_looks_every_minute() -> None:
    """Whatever fell due, and whatever nudge was lost, is found within a minute; no tick outlives the next."""
    table = schedule(Durations())
    assert table["sweep"]["schedule"] == table["send"]["schedule"] == 60
    for entry in table.values():
        assert entry["options"]["expires"] < entry["schedule"]
