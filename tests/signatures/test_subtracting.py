"""What is told outside the team by day, checked by trying to subtract (safety.md, 6)."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.signatures.conftest import account, campaign, organiser
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import Precision, db, new_public_id, transaction
from tracker.signatures import queries, service
from tracker.signatures.growth import FLOOR, for_outsiders, growth
from tracker.signatures.models import Appearance, SignatoryKind, Signature, SignatureStatus
from tracker.signatures.pasting import read_list
from tracker.web.dates import UncertainDate

__all__ = ["organiser"]
BEGAN = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
ENDS = ("erase", "withdraw", "invalidate")


def come(letter: Campaign, number: int, by: Account, now: dt.datetime) -> None:
    """So many sign today."""
    if number:
        lines = read_list("\n".join(f"Person {now.day} {each}" for each in range(number)))
        with transaction():
            service.add_list(
                letter, lines, kind=SignatoryKind.PERSON, appearance=Appearance.COUNTED,
                signed=UncertainDate(now.date(), Precision.DAY), actor=by, now=now,
            )  # fmt: skip


def go(letter: Campaign, how: str, chance: Any, by: Account, now: dt.datetime) -> None:
    """One of those who count goes."""
    live = sa.select(Signature.id).where(
        Signature.campaign_id == letter.id, Signature.status == SignatureStatus.LISTED
    )  # fmt: skip
    ids = db.session.scalars(live.order_by(Signature.id)).all()
    if not ids:
        return
    with transaction():
        one = db.session.get_one(Signature, chance.choice(ids))
        if how == "erase":
            service.erase(one.signatory, actor=None, now=now)
        elif how == "withdraw":
            service.withdraw_signature(one, reason="", actor=None, now=now)
        else:
            service.invalidate_signature(one, reason="void", actor=by, now=now)


@given(
    st.lists(st.integers(0, 25), min_size=4, max_size=4),
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from(ENDS)), max_size=10),
    st.randoms(use_true_random=False),
)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.usefixtures("context")
def test_no_two_readings_tell_of_fewer_than_ten(came: list[int], gone: list[tuple[int, str]], chance: Any) -> None:
    """Somebody reads the page each day and subtracts every number of every reading: the same day's from another
    reading's, one point from the next, the last from the number of now. No group of one to nine comes out, whoever was
    erased, withdrew or was found void meanwhile."""
    with transaction():
        letter, by = campaign(new_public_id(), zone="UTC"), account(new_public_id())
    readings: list[dict[dt.date, int]] = []
    for number in range(6):
        now = BEGAN + dt.timedelta(days=number)
        come(letter, came[number] if number < len(came) else 0, by, now)
        for _day, how in (one for one in gone if one[0] == number):
            go(letter, how, chance, by, now)
        line = growth(letter, now=now)
        total = queries.counts(letter).here
        assert (line[-1].total if line else 0) == total
        shown = for_outsiders(line, today=now.date())
        assert all(day.on < now.date() for day in shown)
        readings.append({day.on: day.total for day in shown})
    for one, other in itertools.combinations(readings, 2):
        for on in one.keys() & other.keys():
            assert not 0 < abs(one[on] - other[on]) < FLOOR


def test_who_was_erased_counts_until_that_day(organiser: Account, context: object) -> None:
    """The days before stay as they were told; else the difference would tell when somebody signed who is gone."""
    with transaction():
        letter = campaign(zone="UTC")
    come(letter, 12, organiser, BEGAN)
    come(letter, 11, organiser, BEGAN + dt.timedelta(days=1))
    before = growth(letter, now=BEGAN + dt.timedelta(days=2))
    with transaction():
        first = db.session.scalars(sa.select(Signature).order_by(Signature.id)).first()
        assert first is not None
        service.erase(first.signatory, actor=None, now=BEGAN + dt.timedelta(days=3))
    line = growth(letter, now=BEGAN + dt.timedelta(days=4))
    assert line[:2] == before and [day.total for day in line] == [12, 23, 22]
    assert queries.counts(letter).here == 22
