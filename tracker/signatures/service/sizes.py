"""Sizes as somebody reported them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.signatures.models import (
    Qualifier,
    ReportedCount,
)
from tracker.signatures.service.errors import SignatureError
from tracker.timeline.models import EntryKind
from tracker.timeline.service import Told, tell
from tracker.web.dates import UncertainDate
from tracker.web.filters import qualified, uncertain
from tracker.words import _, gettext


@dataclass(frozen=True)
class SizeClaim:
    """How many, in a source's own words: "about 500 employees, July 2019"."""

    qualifier: Qualifier
    value: int
    population: str
    as_of: UncertainDate


def record_reported_count(
    campaign: Campaign, claim: SizeClaim, told: Told, *, actor: Account | None, now: dt.datetime
) -> ReportedCount:
    """Record what somebody reported about a campaign's size; it may be lower than the last report.

    `told.occurred_on` is set to the claim's date. Raises SignatureError without a source, or for a number below zero.
    """
    if claim.value < 0:
        raise SignatureError(_("A number of people is never less than nothing."), "value")
    if not told.sources:
        raise SignatureError(_("Say who reported it: a citation, or an address."), "source")
    entry = tell(
        told,
        campaign_id=campaign.id,
        kind=EntryKind.REPORTED_COUNT,
        headline=claim_words(claim),
        record_type=ReportedCount.__tablename__,
        actor=actor,
        now=now,
    )
    count = ReportedCount(
        entry_id=entry.id,
        campaign_id=campaign.id,
        qualifier=claim.qualifier,
        value=claim.value,
        population=claim.population,
        as_of_on=claim.as_of.date,
        as_of_precision=claim.as_of.precision,
        recorded_at=now,
    )
    db.session.add(count)
    db.session.flush()
    return count


def claim_words(claim: SizeClaim) -> str:
    """ "about 500 employees, July 2019", with a capital at the beginning."""
    words = gettext(
        "%(count)s %(population)s, %(date)s",
        count=qualified(claim.value, claim.qualifier),
        population=claim.population,
        date=uncertain(claim.as_of),
    )
    return words[:1].upper() + words[1:]
