"""The kept numbers are compared with the rows once a night, put right, and what was wrong is told without persons."""

from __future__ import annotations

import datetime as dt
import logging
import random

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.signatures.test_standing import all_as_counted, filled_with
from tracker import clock
from tracker.db import db, transaction
from tracker.operations.findings import counting
from tracker.signatures.models import Signatory, SignatoryTally, SignatureStatus
from tracker.signatures.service.reconciling import Counted, last_counted, reconcile

pytestmark = pytest.mark.each_database
DAY = dt.timedelta(days=1)


def words(now: dt.datetime) -> list[tuple[str, str]]:
    """What the doctor says."""
    return [(one.level, one.words) for one in counting(now)]


def test_numbers_that_are_right_stay(app: Flask) -> None:
    """Nothing is put right, the doctor is content, and a second worker does nothing until the next day."""
    campaigns, now = filled_with(app, 12), clock.now()
    with app.app_context():
        assert words(now)[0][0] == "note"
        there = db.session.scalar(sa.select(sa.func.count()).select_from(Signatory)) or 0
        assert reconcile(now=now) == Counted(now, there)
        assert words(now) == [("good", f"compared with {there} signatories 0 seconds ago")]
        assert reconcile(now=now + DAY / 2) is None
        assert reconcile(now=now + DAY) == Counted(now + DAY, there)
        assert words(now + 4 * DAY)[0][0] == "note"
        all_as_counted(campaigns)


def test_whatever_is_wrong_is_put_right_and_told(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """Numbers too high, too low, or of nobody, and rows that say something else than their newest signature."""
    campaigns, now, chance = filled_with(app, 12), clock.now(), random.Random(3)
    with app.app_context():
        for round_ in range(4):
            with transaction():
                tally = db.session.scalars(sa.select(SignatoryTally)).all()
                db.session.delete(chance.choice(tally))
                chance.choice(tally).number += chance.choice([-3, 2, 5])
                some = chance.sample(db.session.scalars(sa.select(Signatory.id)).all(), 3)
                wrong = {"stands_as": chance.choice(list(SignatureStatus)).value}
                db.session.execute(sa.update(Signatory).where(Signatory.id.in_(some)).values(**wrong))
            with caplog.at_level(logging.WARNING):
                found = reconcile(now=now + round_ * DAY)
            all_as_counted(campaigns)
            assert found is not None and found.is_off and last_counted() == found
            level, said = words(now + round_ * DAY)[0]
            assert level == "note" and f"{found.numbers_off} off in {found.campaigns_off} campaigns" in said
            assert "they are right again" in caplog.text
        people = db.session.scalars(sa.select(Signatory.name).where(Signatory.name != "")).all()
        assert people and not [name for name in people if name in caplog.text]
