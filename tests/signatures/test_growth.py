"""How many signed here by day: the database says what a straightforward replay in Python says, in any zone."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.signatures.conftest import NOW, campaign
from tracker.campaigns.models import Campaign, CampaignText
from tracker.db import Precision, UtcDateTime, db, new_public_id, transaction
from tracker.local_days import local_day
from tracker.signatures import queries
from tracker.signatures.growth import (
    FLOOR,
    Day,
    for_outsiders,
    growth,
    growth_at_a_glance,
    summed,
    thinned,
)
from tracker.signatures.models import COUNTED, Provenance, Signatory, SignatoryKind, Signature, SignatureStatus

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Apia",  # skipped 30 December 2011
    "Australia/Lord_Howe",  # half an hour of summer time
    "Africa/Casablanca",  # summer time but for Ramadan
]
LONG_AGO = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)
EARLY = dt.datetime(2025, 9, 1, tzinfo=dt.UTC)


def moments(start: dt.datetime, end: dt.datetime) -> st.SearchStrategy[dt.datetime]:
    return st.datetimes(start.replace(tzinfo=None), end.replace(tzinfo=None), timezones=st.just(dt.UTC))


@pytest.mark.each_database
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(zone=st.sampled_from(ZONES), at=moments(LONG_AGO, NOW))
@pytest.mark.usefixtures("context")
def test_the_day_of_a_moment(zone: str, at: dt.datetime) -> None:
    """The database's day of a moment is Python's, to the last microsecond, in zones with odd rules."""
    moments = [at, at.replace(hour=23, minute=59, second=59, microsecond=999_999)]
    for moment in moments:
        found = db.session.scalar(sa.select(local_day(sa.literal(moment, UtcDateTime), zone, 2026)))
        assert found == moment.astimezone(ZoneInfo(zone)).date()


@st.composite
def signings(draw: st.DrawFn) -> list[dict[str, Any]]:
    """What one person did: signed a version, perhaps took it back, perhaps signed the next."""
    rows: list[dict[str, Any]] = []
    at = draw(moments(EARLY, NOW))
    for version in range(draw(st.integers(1, 2))):
        status = draw(st.sampled_from(list(SignatureStatus)))
        provenance = draw(st.sampled_from(list(Provenance)))
        later = at + draw(st.timedeltas(dt.timedelta(0), dt.timedelta(days=40)))
        is_pending = status is SignatureStatus.PENDING
        confirmed = None if is_pending or provenance is Provenance.LIST else at
        if status in (SignatureStatus.WITHDRAWN, SignatureStatus.INVALIDATED) and draw(st.booleans()):
            confirmed = None
        ended = None if status in COUNTED or is_pending else later
        precision = draw(st.sampled_from([None, *Precision]))
        signed = at.date() - dt.timedelta(days=draw(st.integers(1, 500))) if precision else None
        if signed and precision is Precision.MONTH:
            signed = signed.replace(day=1)
        if signed and precision is Precision.YEAR:
            signed = signed.replace(month=1, day=1)
        rows.append(
            {
                "version": version,
                "status": status,
                "provenance": provenance,
                "recorded_at": at,
                "confirmed_at": confirmed,
                "ended_at": ended,
                "signed_on": signed,
                "signed_precision": precision,
            }
        )
        at = later + draw(st.timedeltas(dt.timedelta(0), dt.timedelta(days=10)))
    return rows


def replayed(people: list[list[dict[str, Any]]], zone: str) -> list[Day]:
    """The same, told slowly."""

    def day(at: dt.datetime) -> dt.date:
        return at.astimezone(ZoneInfo(zone)).date()

    changes: Counter[dt.date] = Counter()
    for rows in people:
        for number, row in enumerate(rows):
            never = row["ended_at"] and row["provenance"] is Provenance.SIGNER and not row["confirmed_at"]
            if row["status"] is SignatureStatus.PENDING or never:
                continue
            began = day(row["confirmed_at"] or row["recorded_at"])
            if number == 0 and row["signed_on"]:
                signed, precision = row["signed_on"], row["signed_precision"]
                if precision is Precision.DAY:
                    began = signed
                else:
                    months = [signed.month] if precision is Precision.MONTH else [12]
                    following = dt.date(signed.year + months[0] // 12, months[0] % 12 + 1, 1)
                    began = min(began, following - dt.timedelta(days=1))
            changes[began] += 1
            ends = [row["ended_at"]] if row["ended_at"] else []
            ends += [later["recorded_at"] for later in rows[number + 1 : number + 2]]
            if ends:
                changes[day(min(ends))] -= 1
    return summed(changes)


def write(zone: str, people: list[list[dict[str, Any]]]) -> Campaign:
    with transaction():
        for table in (Signature, Signatory, CampaignText, Campaign):
            db.session.execute(sa.delete(table))
        made = campaign(zone=zone)
        made.texts.append(CampaignText(number=2, body="We, still.", recorded_at=NOW))
        db.session.flush()
        texts = [text.id for text in sorted(made.texts, key=lambda text: text.number)]
        for rows in people:
            signatory = Signatory(
                campaign_id=made.id, kind=SignatoryKind.PERSON, public_id=new_public_id(), created_at=NOW
            )
            db.session.add(signatory)
            db.session.flush()
            for row in rows:
                values = {key: value for key, value in row.items() if key != "version"}
                signature = Signature(
                    campaign_id=made.id,
                    signatory_id=signatory.id,
                    text_id=texts[row["version"]],
                    appearance="counted",
                    **values,
                )
                db.session.add(signature)
                db.session.flush()
    return made


@pytest.mark.each_database
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(zone=st.sampled_from(ZONES), people=st.lists(signings(), max_size=8))
@pytest.mark.usefixtures("context")
def test_growth_is_what_a_replay_gives(zone: str, people: list[list[dict[str, Any]]]) -> None:
    """Whoever signs, withdraws, is found void or signs again: the line is the replay's, and ends at today's number."""
    made = write(zone, people)
    line = growth(made, now=NOW + dt.timedelta(days=100))
    assert line == replayed(people, zone)
    assert (line[-1].total if line else 0) == queries.counts(made).here


def test_a_line_may_fall(context: Flask) -> None:
    """Three sign, one takes it back: 3, then 2, on the days of the campaign's own zone."""
    at = dt.datetime(2026, 1, 1, 23, 30, tzinfo=dt.UTC)  # the second of January in Berlin
    row = {
        "version": 0,
        "status": SignatureStatus.CONFIRMED,
        "provenance": Provenance.SIGNER,
        "recorded_at": at,
        "confirmed_at": at,
    }
    gone = {**row, "status": SignatureStatus.WITHDRAWN, "ended_at": at + dt.timedelta(days=2)}
    made = write("Europe/Berlin", [[row], [row], [gone]])
    assert growth(made, now=NOW) == [Day(dt.date(2026, 1, 2), 3), Day(dt.date(2026, 1, 4), 2)]


def test_a_large_line_is_kept_until_something_changed(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line of a large campaign is added up once, and anew as soon as a count differs."""
    monkeypatch.setattr("tracker.signatures.growth.LARGE", 1)
    row = {
        "version": 0,
        "status": SignatureStatus.LISTED,
        "provenance": Provenance.LIST,
        "recorded_at": NOW,
    }
    made = write("UTC", [[row], [row]])
    first = growth_at_a_glance(made, queries.counts(made), now=NOW)
    assert growth_at_a_glance(made, queries.counts(made), now=NOW) is first
    with transaction():
        signature = db.session.scalars(sa.select(Signature)).first()
        assert signature is not None
        signature.status, signature.ended_at = SignatureStatus.WITHDRAWN, NOW + dt.timedelta(days=1)
    assert [day.total for day in growth_at_a_glance(made, queries.counts(made), now=NOW)] == [2, 1]


def test_of_whole_days_the_line_is_kept_and_ends_with_now(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """While many sign, days that are over are added up once in ten minutes; the number of now is never an old one."""
    monkeypatch.setattr("tracker.signatures.growth.LARGE", 1)
    row = {"version": 0, "status": SignatureStatus.LISTED, "provenance": Provenance.LIST, "recorded_at": NOW}
    made, later = write("UTC", [[row], [row], [row]]), NOW + dt.timedelta(days=1)

    def seen(now: dt.datetime) -> list[Day]:
        return growth_at_a_glance(made, queries.counts(made), now=now, whole_days=True)

    assert seen(later) == [Day(NOW.date(), 3)] and seen(later) is seen(later)
    with transaction():
        signature = db.session.scalars(sa.select(Signature)).first()
        assert signature is not None
        signature.status, signature.ended_at = SignatureStatus.INVALIDATED, NOW
    assert seen(later) == [Day(NOW.date(), 3), Day(later.date(), 2)]
    assert seen(later + dt.timedelta(minutes=11)) == [Day(NOW.date(), 2)]


TOTALS = st.lists(st.integers(-6, 30), max_size=60)
FIRST = dt.date(2026, 1, 1)


@given(TOTALS, st.integers(0, 3))
def test_outsiders_never_see_fewer_than_ten(changes: list[int], before_today: int) -> None:
    """No two numbers that stand on the page, the present one among them, are so close that fewer than ten people
    came or went between them; nothing of today is told."""
    days = summed(Counter({FIRST + dt.timedelta(days=number): change for number, change in enumerate(changes)}))
    today = FIRST + dt.timedelta(days=max(0, len(changes) - before_today))
    shown = for_outsiders(days, today=today)
    moved = [0]
    for before, day in zip([Day(FIRST, 0), *days], days, strict=False):
        moved.append(moved[-1] + abs(day.total - before.total))
    at = {day.on: number for number, day in enumerate(days, 1)}
    marks = [0, *(at[day.on] for day in shown)]
    for low, high in itertools.pairwise(marks):
        assert moved[high] - moved[low] >= FLOOR
    if shown:
        assert not 0 < moved[-1] - moved[marks[-1]] < FLOOR
        assert all(day.on < today and day in days for day in shown)
        assert len(shown) > 1


@given(st.lists(st.integers(1, 9), min_size=1, max_size=1500))
def test_a_long_line_is_thinned(changes: list[int]) -> None:
    """However long, few points stand for it; the first unit that fits is taken and the last day always stays."""
    days = summed(Counter({FIRST + dt.timedelta(days=number): change for number, change in enumerate(changes)}))
    kept, unit = thinned(days)
    assert len(kept) <= 120
    assert kept[-1] == days[-1]
    assert set(kept) <= set(days)
    assert (unit == "day") == (len(days) <= 120)
