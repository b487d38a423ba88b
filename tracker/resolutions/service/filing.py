"""That a resolution was filed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.companies.models import Company
from tracker.companies.service import find_or_add_organisation
from tracker.db import Precision, db
from tracker.resolutions.models import (
    FilerRole,
    Resolution,
)
from tracker.resolutions.service.errors import ResolutionError
from tracker.resolutions.service.filers import join
from tracker.timeline.models import EntryKind
from tracker.timeline.service import Told, record_revision, tell
from tracker.timeline.words import shortened
from tracker.words import _, gettext, ngettext


@dataclass(frozen=True)
class Filing:
    """A resolution as filed."""

    title: str
    company: Company
    resolved_clause: str = ""
    received_on: dt.date | None = None
    meeting_on: dt.date | None = None
    meeting_precision: Precision | None = None
    item_number: str = ""
    lead_filer: str = ""
    co_filers: Sequence[str] = ()
    refiled_from: Resolution | None = None


def file_resolution(
    campaign: Campaign,
    filing: Filing,
    told: Told,
    *,
    actor: Account | None,
    now: dt.datetime,
    known: Resolution | None = None,
) -> Resolution:
    """Record that a resolution was filed, on the entry's date; of a `known` one, tell anew how (filers stay).

    Raises ResolutionError without a title, or when a filer is named twice.
    """
    if not filing.title:
        raise ResolutionError(_("Give the resolution a title."), "title")
    names = _distinct(filing)
    entry = tell(
        told,
        campaign_id=campaign.id,
        kind=EntryKind.RESOLUTION,
        headline=filing_headline(filing),
        record_type=Resolution.__tablename__,
        actor=actor,
        now=now,
    )
    resolution = known or Resolution(campaign_id=campaign.id, recorded_at=now)
    if known is not None:
        _revise(known, filing, actor, now)
    resolution.entry = entry
    resolution.company = filing.company
    resolution.title = filing.title
    resolution.resolved_clause = filing.resolved_clause
    resolution.filed_on, resolution.filed_precision = told.occurred_on, told.precision
    resolution.received_on = filing.received_on
    resolution.meeting_on, resolution.meeting_precision = filing.meeting_on, filing.meeting_precision
    resolution.item_number = filing.item_number
    resolution.refiled_from_id = filing.refiled_from.id if filing.refiled_from else None
    db.session.add(resolution)
    db.session.flush()
    if known is None:
        for name in names:
            role = FilerRole.LEAD if name == filing.lead_filer else FilerRole.CO_FILER
            join(resolution, find_or_add_organisation(name, now=now), role, now)
    db.session.flush()
    return resolution


def filing_headline(filing: Filing) -> str:
    """One sentence: what was filed, where, and by whom."""
    title, company = shortened(filing.title, 160).rstrip("."), filing.company.name
    others = len(filing.co_filers)
    if filing.lead_filer and others:
        return ngettext(
            "Resolution filed at %(company)s: “%(title)s”, led by %(lead)s with %(num)d co-filer.",
            "Resolution filed at %(company)s: “%(title)s”, led by %(lead)s with %(num)d co-filers.",
            others,
            company=company,
            title=title,
            lead=filing.lead_filer,
        )
    if filing.lead_filer:
        return gettext(
            "Resolution filed at %(company)s by %(lead)s: “%(title)s”.",
            company=company,
            title=title,
            lead=filing.lead_filer,
        )
    return gettext("Resolution filed at %(company)s: “%(title)s”.", company=company, title=title)


def _distinct(filing: Filing) -> list[str]:
    names = [name for name in (filing.lead_filer, *filing.co_filers) if name]
    if len({name.casefold() for name in names}) < len(names):
        raise ResolutionError(_("Each organisation files once; the lead filer is no co-filer."), "co_filers")
    return names


def _revise(known: Resolution, filing: Filing, actor: Account | None, now: dt.datetime) -> None:
    for field in ("title", "resolved_clause", "received_on", "meeting_on", "item_number"):
        old, new = getattr(known, field), getattr(filing, field)
        record_revision(
            record_type=Resolution.__tablename__,
            record_id=known.id,
            campaign_id=known.campaign_id,
            field=field,
            old_value=None if old is None else str(old),
            new_value=None if new is None else str(new),
            actor=actor,
            now=now,
        )
