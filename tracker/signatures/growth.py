"""How many signed here, day by day in the campaign's own zone; and what of it is told outside the team."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from tracker.campaigns.models import Campaign, CampaignText
from tracker.db import Precision, db
from tracker.local_days import local_day
from tracker.signatures.models import COUNTED, Provenance, Signatory, Signature
from tracker.signatures.queries import Counts
from tracker.timeline.queries import day_in

FLOOR = 10  # safety.md, 6: outside the team no smaller group is told apart
MOST_POINTS = 120
LARGE = 5_000  # from so many on, adding up takes longer than the rest of a page
KEPT_FOR = dt.timedelta(minutes=10)
MOST_KEPT = 200


class Day(NamedTuple):
    """A day at whose end so many had signed here."""

    on: dt.date
    total: int


_kept: dict[str, tuple[object, dt.datetime, list[Day]]] = {}


def growth(campaign: Campaign, *, now: dt.datetime) -> list[Day]:
    """The days on which the number changed, earliest first, each with the number at its end.

    A signature counts from the day it was given until it ended, or until its signatory was asked again. One that is
    known to the month or year only counts from the end of it: by then it had been given for certain.
    """
    signs_again = _signs_again(campaign)
    came = _comings(campaign, now.year, signs_again=signs_again)
    went = _goings(campaign, now.year, signs_again=signs_again)
    changes: Counter[dt.date] = Counter()
    for signed_on, precision, counted_on, number in db.session.execute(came):
        changes[_given_by(signed_on, precision, counted_on)] += number
    for on, number in db.session.execute(went):
        changes[on] -= number
    return summed(changes)


def growth_at_a_glance(campaign: Campaign, known: Counts, *, now: dt.datetime, whole_days: bool = False) -> list[Day]:
    """The same for a page, which has counted already: of a large campaign the line is kept in this process and made
    anew when a count, the newest signature or the zone is another, or after ten minutes. With `whole_days` it may be
    ten minutes old, and ends with the number of now: while many sign, the days that are over are added up once."""
    if known.here + known.withdrawn < LARGE:
        return growth(campaign, now=now)
    newest = 0
    if not whole_days:
        of_it = sa.select(sa.func.max(Signature.id)).where(Signature.campaign_id == campaign.id)
        newest = db.session.scalar(of_it) or 0
    today = day_in(campaign.zone, now)
    as_of: tuple[object, ...] = (today, campaign.zone) if whole_days else (known, newest, campaign.zone)
    key = f"{campaign.public_id} {whole_days}"
    kept = _kept.get(key)
    if kept is None or kept[0] != as_of or not kept[1] <= now < kept[1] + KEPT_FOR:
        kept = (as_of, now, growth(campaign, now=now))
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = kept
    days = kept[2]
    if whole_days and days and days[-1].total != known.here:
        return [*(day for day in days if day.on < today), Day(today, known.here)]
    return days


def summed(changes: Counter[dt.date]) -> list[Day]:
    """Changes by day as totals; days that changed nothing are left out."""
    total, days = 0, []
    for on in sorted(changes):
        if changes[on]:
            total += changes[on]
            days.append(Day(on, total))
    return days


def for_outsiders(days: Sequence[Day], *, today: dt.date) -> list[Day]:
    """What may be told outside the team: whole days that are over, never fewer than ten changes apart.

    Each step holds ten or more, the last one too, so that no smaller group follows from two of the numbers, or from
    the last one and the number that stands beside it (safety.md, 6).
    """
    shown: list[Day] = []
    told, since = 0, 0
    for day in days:
        since += abs(day.total - told)
        told = day.total
        if since >= FLOOR and day.on < today:
            shown.append(day)
            since = 0
    if shown and 0 < since < FLOOR:
        shown.pop()
    return shown if len(shown) > 1 else []


def thinned(days: Sequence[Day], most: int = MOST_POINTS) -> tuple[list[Day], str]:
    """The same line with at most `most` points: the last of each day, week, month or year, and which of these."""
    units: tuple[tuple[str, Any], ...] = (
        ("day", lambda on: on),
        ("week", lambda on: on.isocalendar()[:2]),
        ("month", lambda on: (on.year, on.month)),
        ("year", lambda on: on.year),
    )
    kept: list[Day] = []
    for unit, key in units:
        kept = list({key(day.on): day for day in days}.values())
        if len(kept) <= most:
            return kept, unit
    return kept, "year"


def _given_by(signed_on: dt.date | None, precision: Precision | None, counted_on: dt.date | None) -> dt.date:
    """The day by which a signature had been given for certain; never after it was counted here."""
    if signed_on is None:
        assert counted_on is not None
        return counted_on
    match precision:
        case Precision.YEAR:
            last = dt.date(signed_on.year, 12, 31)
        case Precision.MONTH:
            last = (signed_on.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
        case _:
            last = signed_on
    return min(last, counted_on or last)


def _was_here() -> sa.ColumnElement[bool]:
    """Also who was erased since: they count until that day, so that the days before it stay as they were told. Else two
    readings of the page, one before and one after, would tell when somebody signed who is gone (safety.md, 6)."""
    return sa.and_(
        Signatory.merged_into_id.is_(None), sa.or_(Signatory.deleted_at.is_(None), Signatory.erased_at.is_not(None))
    )


def _was_counted() -> sa.ColumnElement[bool]:
    """It counts, or did until it ended: one that its signer never confirmed did not."""
    return sa.or_(
        Signature.status.in_(COUNTED),
        sa.and_(
            Signature.ended_at.is_not(None),
            sa.or_(Signature.provenance == Provenance.LIST, Signature.confirmed_at.is_not(None)),
        ),
    )


def _signs_again(campaign: Campaign) -> bool:
    """Whether anybody can have signed twice here: once for each version of the text, and once before there was one."""
    versions = sa.select(sa.func.count()).where(CampaignText.campaign_id == campaign.id).scalar_subquery()
    before = sa.exists().where(Signature.campaign_id == campaign.id, Signature.text_id.is_(None))
    return bool(db.session.scalar(sa.select(sa.or_(versions > 1, sa.and_(versions == 1, before)))))


def _comings(campaign: Campaign, year: int, *, signs_again: bool) -> sa.Select[Any]:
    """How many came, by what is known of the day. Whoever signs again comes again on the day that this counted."""
    counted_on = local_day(sa.func.coalesce(Signature.confirmed_at, Signature.recorded_at), campaign.zone, year)
    earlier = sa.alias(Signature.__table__)
    again: sa.ColumnElement[bool] = sa.false()
    if signs_again:
        again = sa.exists().where(earlier.c.signatory_id == Signature.signatory_id, earlier.c.id < Signature.id)
    came = (
        sa.select(
            sa.case((again, None), else_=Signature.signed_on).label("signed_on"),
            Signature.signed_precision,
            # Asked for only where the day is not known: this is what costs.
            sa.case((sa.and_(Signature.signed_precision == Precision.DAY, ~again), None), else_=counted_on).label("on"),
        )
        .join(Signature.signatory)
        .where(Signature.campaign_id == campaign.id, _was_here(), _was_counted())
        .subquery()
    )
    return sa.select(*came.c, sa.func.count()).group_by(*came.c)


def _goings(campaign: Campaign, year: int, *, signs_again: bool) -> sa.Select[Any]:
    """How many went, by day: they took it back, it was found void, or they were asked to sign a later text."""
    later = sa.alias(Signature.__table__)
    follows = sa.and_(later.c.signatory_id == Signature.signatory_id, later.c.id > Signature.id)
    asked_again = sa.select(sa.func.min(later.c.recorded_at)).where(follows).scalar_subquery()
    gone: sa.ColumnElement[bool] = Signature.ended_at.is_not(None)
    ends = (
        sa.select(Signature.ended_at, (asked_again if signs_again else sa.null()).label("asked_again"))
        .join(Signature.signatory)
        .where(
            Signature.campaign_id == campaign.id,
            _was_here(),
            _was_counted(),
            sa.or_(gone, sa.exists().where(follows)) if signs_again else gone,
        )
        .subquery()
    )
    first: sa.ColumnElement[Any] = ends.c.ended_at
    if signs_again:
        first = sa.case(
            (ends.c.ended_at < ends.c.asked_again, ends.c.ended_at),
            else_=sa.func.coalesce(ends.c.asked_again, ends.c.ended_at),
        )
    went = sa.select(local_day(first, campaign.zone, year).label("on")).subquery()
    return sa.select(went.c.on, sa.func.count()).group_by(went.c.on)
