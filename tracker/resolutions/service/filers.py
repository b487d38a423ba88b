"""Who files: one lead filer, any co-filers."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.companies.models import Organisation
from tracker.companies.service import find_or_add_organisation
from tracker.db import db
from tracker.resolutions.models import (
    Filer,
    FilerRole,
    Resolution,
)
from tracker.resolutions.service.errors import ResolutionError
from tracker.timeline.models import EntryKind
from tracker.timeline.service import WIDTH, Told, no_wider, record_revision, tell
from tracker.words import _, gettext


def join_resolution(
    resolution: Resolution,
    name: str,
    role: FilerRole,
    told: Told,
    *,
    campaign: Campaign,
    actor: Account,
    now: dt.datetime,
) -> Filer:
    """Record that an organisation files, too, to those who read of the filing.

    Raises ResolutionError for a second lead, the same one twice, or when it is told to fewer than see the resolution.
    """
    if not name.strip():
        raise ResolutionError(_("Name the organisation."), "organisation")
    filed = resolution.entry
    if WIDTH[told.visibility] < WIDTH[filed.visibility] or (told.public_from and not filed.public_from):
        raise ResolutionError(
            _("Who files stands on the resolution’s page, for everybody who reads that; it cannot be told to fewer."),
            "visibility",
        )
    filer = join(resolution, find_or_add_organisation(name, now=now), role, now)
    title = resolution.title or gettext("Title removed")
    words = {
        FilerRole.LEAD: gettext("%(who)s leads the filing of “%(title)s”.", who=name, title=title),
        FilerRole.CO_FILER: gettext("%(who)s joined as a co-filer of “%(title)s”.", who=name, title=title),
    }
    tell(
        no_wider(told, resolution.entry, actor=actor),
        campaign_id=campaign.id,
        kind=EntryKind.RESOLUTION,
        headline=words[role],
        record_type="",
        actor=actor,
        now=now,
    )
    return filer


def leave_resolution(filer: Filer, *, campaign: Campaign, actor: Account, now: dt.datetime) -> None:
    """Take a filer out who was entered by mistake; a Revision remains."""
    filer.deleted_at = now
    record_revision(
        record_type=Filer.__tablename__,
        record_id=filer.id,
        campaign_id=campaign.id,
        field="organisation",
        old_value=filer.organisation.name,
        new_value=None,
        actor=actor,
        now=now,
    )


def join(resolution: Resolution, organisation: Organisation, role: FilerRole, now: dt.datetime) -> Filer:
    """The database decides whether there is a lead filer already; two people may click at once."""
    known = db.session.scalar(
        sa.select(Filer).where(Filer.resolution_id == resolution.id, Filer.organisation_id == organisation.id)
    )
    if known is not None and known.deleted_at is None:
        raise ResolutionError(_("This organisation files it already."), "organisation")
    try:
        with db.session.begin_nested():
            if known is None:
                known = Filer(resolution_id=resolution.id, organisation_id=organisation.id, role=role, created_at=now)
                db.session.add(known)
            known.role, known.deleted_at = role, None
    except sa.exc.IntegrityError as error:
        if role is FilerRole.LEAD and lead_filer(resolution) is not None:
            raise ResolutionError(_("There is a lead filer already; a resolution has exactly one."), "role") from error
        raise ResolutionError(_("This organisation files it already."), "organisation") from error
    return known


def lead_filer(resolution: Resolution) -> Filer | None:
    """Who leads the filing, if that is known."""
    return db.session.scalar(
        sa.select(Filer).where(
            Filer.resolution_id == resolution.id, Filer.role == FilerRole.LEAD, Filer.deleted_at.is_(None)
        )
    )
