"""What the entries of the demo have in common: public, and kept out of every digest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import Precision
from tracker.timeline.models import EntryKind, EntryVisibility, Source
from tracker.timeline.service import Told, tell


def told(on: dt.date, evidence: Sequence[Source], words: str = "", *, precision: Precision = Precision.DAY) -> Told:
    """When it happened, who says so, and more about it."""
    return Told(
        occurred_on=on,
        precision=precision,
        words=words,
        sources=list(evidence),
        visibility=EntryVisibility.PUBLIC,
        announce=False,
    )


def record(campaign: Campaign, kind: EntryKind, headline: str, what: Told, actor: Account, now: dt.datetime) -> None:
    """A fact that is no record of its own."""
    tell(what, campaign_id=campaign.id, kind=kind, headline=headline, record_type="", actor=actor, now=now)
