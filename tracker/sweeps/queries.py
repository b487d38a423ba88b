"""Sweeps of a campaign, and the hours in which many more signed than usual."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.signatures.models import Provenance, Signatory, Signature
from tracker.sweeps.models import Sweep
from tracker.timeline.queries import day_begins

LOOKED_BACK = dt.timedelta(days=14)
LEAST, TIMES = 10, 5  # an hour is a burst from so many signatures, and so many times the usual hour, on
MOST_SHOWN = 10
HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Burst:
    """An hour in which unusually many signed."""

    since: dt.datetime
    number: int
    usual: int  # the median of the hours in which anybody signed


def bursts_of(campaign: Campaign, *, now: dt.datetime) -> list[Burst]:
    """The newest first. By the moment of signing alone: no network address is kept that could say more. Of signatures
    with a slip only the day is known, so they are in no hour."""
    moments = db.session.scalars(
        sa.select(Signature.recorded_at).where(
            Signature.campaign_id == campaign.id,
            Signature.provenance == Provenance.SIGNER,
            Signature.recorded_at > now - LOOKED_BACK,
            ~_by_slip(),
        )
    )
    hours = Counter(moment.replace(minute=0, second=0, microsecond=0) for moment in moments)
    if not hours:
        return []
    usual = int(statistics.median(hours.values())) if len(hours) > 2 else 1
    found = [Burst(hour, number, usual) for hour, number in hours.items() if number >= max(LEAST, TIMES * usual)]
    return sorted(found, key=lambda burst: burst.since, reverse=True)[:MOST_SHOWN]


def sweeps_of(campaign: Campaign) -> list[Sweep]:
    """The newest first."""
    return list(db.session.scalars(sa.select(Sweep).where(Sweep.campaign_id == campaign.id).order_by(Sweep.id.desc())))


def sweep_by_public_id(campaign: Campaign, public_id: str) -> Sweep | None:
    """One of this campaign."""
    return db.session.scalar(sa.select(Sweep).where(Sweep.campaign_id == campaign.id, Sweep.public_id == public_id))


def fitting(sweep: Sweep) -> sa.ColumnElement[bool]:
    """The condition that a signature fits, as far as a database can tell; a mail domain is sealed. One with a slip, of
    which only the day is known, fits when all of that day does."""
    conditions = [Signature.campaign_id == sweep.campaign_id]
    if sweep.since is not None:
        conditions.append(Signature.recorded_at >= sweep.since)
    if sweep.until is not None:
        whole_days = Signature.recorded_at < day_begins(sweep.campaign.zone, sweep.until)
        conditions.append(sa.or_(whole_days, sa.and_(Signature.recorded_at < sweep.until, ~_by_slip())))
    if sweep.provenance is not None:
        conditions.append(Signature.provenance == sweep.provenance)
    return sa.and_(*conditions)


def _by_slip() -> sa.ColumnElement[bool]:
    """The condition that a signature was given with a code on paper: it is recorded as of the beginning of its day."""
    return sa.exists().where(Signatory.id == Signature.signatory_id, Signatory.receipt_mark.is_not(None))
