"""What became of a resolution between its filing and the meeting."""

from __future__ import annotations

import datetime as dt

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.resolutions.models import (
    Disposition,
    DispositionKind,
    Resolution,
)
from tracker.timeline.models import EntryKind
from tracker.timeline.service import Told, no_wider, tell
from tracker.timeline.words import shortened
from tracker.words import gettext


def record_disposition(
    resolution: Resolution,
    kind: DispositionKind,
    told: Told,
    *,
    campaign: Campaign,
    actor: Account | None,
    now: dt.datetime,
) -> Disposition:
    """Record one step in what became of a resolution, to no more people than read of its filing."""
    title = shortened(resolution.title or gettext("Title removed"), 160).rstrip(".")
    company = resolution.company.name
    headline = {
        DispositionKind.CHALLENGED: gettext(
            "%(company)s asked the SEC to let it leave out “%(title)s”.", company=company, title=title
        ),
        DispositionKind.CHALLENGE_REFUSED: gettext(
            "The SEC’s staff did not let %(company)s leave out “%(title)s”.", company=company, title=title
        ),
        DispositionKind.OMITTED: gettext(
            "%(company)s left “%(title)s” out of its proxy statement.", company=company, title=title
        ),
        DispositionKind.WITHDRAWN: gettext("The filers withdrew “%(title)s”.", title=title),
        DispositionKind.IN_PROXY: gettext(
            "“%(title)s” is in the proxy statement of %(company)s.", company=company, title=title
        ),
        DispositionKind.NOT_PRESENTED: gettext("“%(title)s” was not presented at the meeting.", title=title),
    }[kind]
    entry = tell(
        no_wider(told, resolution.entry, actor=actor),
        campaign_id=campaign.id,
        kind=EntryKind.DISPOSITION,
        headline=headline,
        record_type=Disposition.__tablename__,
        actor=actor,
        now=now,
    )
    disposition = Disposition(resolution_id=resolution.id, entry=entry, kind=kind, recorded_at=now)
    db.session.add(disposition)
    db.session.flush()
    return disposition
