"""What is asked of the database about breakdowns: what is public, what is due, who counts and what changed."""

from __future__ import annotations

import datetime as dt
import enum
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tracker.breakdowns.models import Breakdown, Dimension
from tracker.breakdowns.suppressing import Changes, tens
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.signatures.models import COUNTED, Appearance, Signatory, SignatoryKind, Signature
from tracker.signatures.queries import present
from tracker.timeline.models import Revision

WINDOW = 5_000  # people read at once


class Nothing(enum.StrEnum):
    """Why a public breakdown shows no group."""

    NOT_YET = "not_yet"  # nobody has counted
    FEW_SIGNED = "few_signed"
    HELD = "held"  # somebody has gone since the last count
    SMALL = "small"  # every group is hidden


@dataclass(frozen=True)
class PublicBreakdown:
    """What outsiders read of one breakdown."""

    dimension: Dimension
    groups: Sequence[tuple[str, int]]  # name, at least so many
    at_least: int  # people in all, in full tens
    on: dt.date | None  # at the end of which day, in the campaign's zone
    nothing: Nothing | None  # why there is no group


CHOSEN = (Dimension.TEAM, Dimension.CITY, Dimension.ROLE)  # on the page where numbers are made public, in this order


def public_breakdowns(campaign: Campaign) -> list[PublicBreakdown]:
    """Those that whoever leads the campaign made public."""
    return [told_of(one, campaign.zone) for one in breakdowns_of(campaign) if one.is_public]


def breakdowns_of(campaign: Campaign) -> list[Breakdown]:
    """Every one that was ever chosen, in the order of the dimensions."""
    rows = db.session.scalars(
        sa.select(Breakdown).where(Breakdown.campaign_id == campaign.id, Breakdown.dimension.in_(CHOSEN))
    ).all()
    return sorted(rows, key=lambda one: CHOSEN.index(one.dimension))


def by_domain(campaign: Campaign) -> PublicBreakdown | None:
    """How many signed with a code to a work address, by domain; None where no domain was ever allowed.

    The team and everybody else read these same numbers: two sets of them, one finer, could be subtracted.
    """
    row = db.session.scalars(
        sa.select(Breakdown).where(Breakdown.campaign_id == campaign.id, Breakdown.dimension == Dimension.DOMAIN)
    ).one_or_none()
    return told_of(row, campaign.zone) if row is not None else None


def at_work(campaign: Campaign) -> int:
    """At least so many signed with a code to a work address; 0 when that is not told."""
    told = by_domain(campaign)
    return sum(number for _domain, number in told.groups) if told is not None else 0


def told_of(row: Breakdown, zone: str) -> PublicBreakdown:
    """What outsiders read of it."""
    if row.counted_until is None:
        return PublicBreakdown(
            row.dimension, (), 0, None, Nothing.NOT_YET if row.looked_on is None else Nothing.FEW_SIGNED
        )
    if row.is_held:
        return PublicBreakdown(row.dimension, (), 0, None, Nothing.HELD)
    groups = tuple((str(name), int(number)) for name, number in json.loads(row.groups or "[]"))
    on = row.counted_until.astimezone(ZoneInfo(zone)).date() - dt.timedelta(days=1)
    return PublicBreakdown(row.dimension, groups, tens(row.people), on, None if groups else Nothing.SMALL)


def chosen_breakdowns() -> list[Breakdown]:
    """All that are public and whose campaign is there, by campaign; each has its own midnight."""
    found = (
        sa.select(Breakdown)
        .join(Breakdown.campaign)
        .where(Breakdown.is_public, Campaign.deleted_at.is_(None), Campaign.destroyed_at.is_(None))
        .order_by(Breakdown.campaign_id, Breakdown.dimension)
    )
    return list(db.session.scalars(found))


def _people(campaign_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (Signatory.campaign_id == campaign_id, Signatory.kind == SignatoryKind.PERSON)


def _counts() -> sa.ColumnElement[bool]:
    return sa.and_(present(), Signatory.stands_as.in_(tuple(COUNTED)))


def _is_unnamed() -> sa.ColumnElement[bool]:
    return sa.func.coalesce(Signatory.shown_as, Appearance.COUNTED) == Appearance.COUNTED


def number_of_people(campaign_id: int, *, before: dt.datetime) -> int:
    """How many people count who were there before that moment."""
    query = sa.select(sa.func.count()).select_from(Signatory)
    return db.session.scalar(query.where(*_people(campaign_id), _counts(), Signatory.created_at < before)) or 0


def people_in_windows(
    campaign_id: int, columns: Collection[str], *, before: dt.datetime
) -> Iterator[Sequence[sa.Row[Any]]]:
    """The rows of those who count, with their domain and these columns, plain and sealed; nothing is held open
    between the windows."""
    wanted = [getattr(Signatory, name) for column in columns for name in (column, f"{column}_sealed")]
    query = (
        sa.select(Signatory.id, Signatory.public_id, Signatory.shown_as, Signatory.work_domain, *wanted)
        .where(*_people(campaign_id), _counts(), Signatory.created_at < before)
        .order_by(Signatory.id)
        .limit(WINDOW)
    )
    last = 0
    while True:
        rows = db.session.execute(query.where(Signatory.id > last)).all()
        db.session.rollback()
        yield rows
        if len(rows) < WINDOW:
            return
        last = rows[-1].id


def changes_since(row: Breakdown, *, before: dt.datetime, people: int) -> Changes:
    """What became of those whom the last batch counted, and who came before that moment. `people`: who count now.

    Who went without a date (a list taken back, two found to be one) is known by the number alone.
    """
    assert row.counted_until is not None and row.counted_at is not None
    mine = _people(row.campaign_id)
    ended = sa.exists().where(Signature.signatory_id == Signatory.id, Signature.ended_at > row.counted_at)
    came = _number(*mine, _counts(), Signatory.created_at >= row.counted_until, Signatory.created_at < before)
    went = _number(
        *mine, ~_counts(), Signatory.merged_into_id.is_(None), Signatory.created_at < row.counted_until, ended
    )
    # Of who signed with a slip only the day of what they do is kept: all of the day on which it was counted is new.
    by_slip = sa.select(Signatory.id).where(*mine, Signatory.receipt_mark.is_not(None))
    edited = sa.select(Revision.record_id).where(
        Revision.campaign_id == row.campaign_id,
        Revision.record_type == Signatory.__tablename__,
        Revision.field == row.dimension.column,
        sa.or_(
            Revision.recorded_at > row.counted_at,
            sa.and_(Revision.recorded_at >= row.counted_until, Revision.record_id.in_(by_slip)),
        ),
    )
    stayed = (*mine, _counts(), Signatory.created_at < row.counted_until)
    moved = _number(*stayed, Signatory.id.in_(edited))
    left = _number(*stayed, Signatory.id.in_(edited.where(Revision.actor_id.is_(None))))
    vanished = max(0, row.people + came[0] - went[0] - people)
    return Changes(
        came=came[0],
        went=went[0] + vanished,
        moved=moved[0],
        unnamed=came[1] + went[1] + moved[1] + vanished,
        left_a_group=left[0],
    )


def _number(*conditions: sa.ColumnElement[bool]) -> tuple[int, int]:
    """How many, and how many of them nothing names."""
    unnamed = sa.func.sum(sa.case((_is_unnamed(), 1), else_=0))
    query = sa.select(sa.func.count(), sa.func.coalesce(unnamed, 0)).select_from(Signatory)
    every, hidden = db.session.execute(query.where(*conditions)).one()
    return every, int(hidden)
