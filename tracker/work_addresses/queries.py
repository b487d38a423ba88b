"""Which domains a campaign takes, and how many showed that they work there; of nobody alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.signatures.growth import FLOOR
from tracker.signatures.models import COUNTED, Signatory
from tracker.signatures.signings import Signing

STEP = 10


def domains_of(signing: Signing | None) -> list[str]:
    """The domains whose addresses may get a code; none unless an organiser allowed some."""
    return signing.work_domains.split() if signing is not None else []


@dataclass(frozen=True)
class AtDomain:
    """How many signed with a code from a domain."""

    domain: str
    number: int | None  # None: fewer than ten


def by_domain(campaign: Campaign, *, today: dt.date) -> list[AtDomain]:
    """For the team: who stands and signed before today, by domain, the most first; of fewer than ten no number.

    Not of today: who looks again after each signature would see whose it was. Neither the sum of all domains nor how
    many signed otherwise is told, so nothing hidden can be subtracted.
    """
    found = db.session.execute(
        sa.select(Signatory.work_domain, sa.func.count())
        .where(*_standing(campaign, today))
        .group_by(Signatory.work_domain)
    )
    numbers = [AtDomain(str(domain), number if number >= FLOOR else None) for domain, number in found]
    return sorted(numbers, key=lambda one: (-(one.number or 0), one.domain))


def told_outside(campaign: Campaign, signed_here: int, *, today: dt.date) -> int:
    """For everybody: at least so many of those who signed here did with a work address; 0 when it is not told.

    In full tens, of days that are over, and never so many that fewer than ten others are left: no group below ten can
    be told apart, neither at once nor from two readings (safety.md, 6).
    """
    number = db.session.scalar(sa.select(sa.func.count()).select_from(Signatory).where(*_standing(campaign, today)))
    return in_tens(number or 0, signed_here)


def in_tens(number: int, signed_here: int) -> int:
    """`number` of `signed_here`, rounded down as above."""
    told = max(0, min(number, signed_here - FLOOR)) // STEP * STEP
    return told if told >= FLOOR else 0


def _standing(campaign: Campaign, today: dt.date) -> list[sa.ColumnElement[bool]]:
    return [
        Signatory.campaign_id == campaign.id,
        Signatory.work_domain.is_not(None),
        Signatory.stands_as.in_(COUNTED),
        Signatory.stands_on < today,
        Signatory.deleted_at.is_(None),
        Signatory.merged_into_id.is_(None),
    ]
