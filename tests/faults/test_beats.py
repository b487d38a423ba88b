"""The beat only nudges: three of them, none for days, or one that forgot everything make one digest a period."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.conftest import MakeApp
from tests.faults.parts import Parts
from tests.faults.sink import FaultSink
from tests.faults.world import Verdict, due_now, settled, tell
from tests.faults.zygote import QUICK
from tracker.db import db
from tracker.digests.models import Digest, DigestState

pytestmark = pytest.mark.timeout(400)  # a failure shall be told in words, on machines that do other things besides
READERS = 8


@pytest.fixture
def app(make_app: MakeApp, sink: FaultSink, broker_url: str) -> Flask:
    return make_app(durations=QUICK, MAIL_URL=sink.url, MAIL_ALLOW="*", REDIS_URL=broker_url)


def test_three_beats_none_and_one_that_forgot(app: Flask, parts: Parts, sink: FaultSink, instance: Path) -> None:
    """After three days without a beat three start at once: each missed day has its row, merged into the last, and one
    mail tells everybody everything. Then the only beat's schedule file is lost: what falls due is sent all the same."""
    beats: list[int] = []
    began, campaign = due_now(app, [f"fine-{n}@example.org" for n in range(READERS)], days_ago=3)
    for day in range(3):
        tell(app, campaign, began + day * (QUICK.missed_periods / 7), f"News of day {day}")
    for number in range(3):
        if number < 2:
            parts.start("celery")
        beats.append(parts.start("beat", schedule=f"schedule-{number}"))
    parts.bring_about(lambda: sink.accepted and settled(app), "what was missed", seconds=60)
    with app.app_context():
        states = dict(db.session.execute(sa.select(Digest.state, sa.func.count()).group_by(Digest.state)).all())
        merged = sa.select(Digest.merged_into_id).where(Digest.state == DigestState.SKIPPED)
        into = set(db.session.scalars(merged))
        last = set(db.session.scalars(sa.select(Digest.id).where(Digest.state == DigestState.SENT)))
    assert states == {DigestState.SKIPPED: 3 * READERS, DigestState.SENT: READERS}
    assert into == last, "what was missed says which mail told it"
    assert Verdict(app, sink, periods=4, readers=READERS).problems == []
    assert all(b"News of day 0" in mail and b"News of day 2" in mail for mail in sink.sealed)

    for pid in beats:
        parts.kill(pid)
    for file in instance.glob("schedule-*"):
        file.unlink()
    _began, campaign = due_now(app, [f"fine-later-{n}@example.org" for n in range(READERS)])
    tell(app, campaign, _began, "News of today")
    parts.start("beat", schedule="schedule-0")
    parts.bring_about(lambda: len(sink.accepted) > READERS and settled(app), "what fell due", seconds=60)
    assert sorted(sum(found.values()) for found in sink.copies.values()) == [1] * 2 * READERS
