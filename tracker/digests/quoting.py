"""What a mail says, by where it is taken from: the entries it tells, what these correct, their sources; what is due,
and the sizes that were reported of the campaigns it names.

Whoever redacts takes back the mails that are there: none may be written meanwhile that they would not see.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.models import Campaign
from tracker.campaigns.relations import CampaignMerge
from tracker.db import db, dialect
from tracker.digests.details import Reports, read_reports, reports_of
from tracker.digests.links import stop_name
from tracker.digests.once import asked_once
from tracker.digests.selecting import Tellable
from tracker.mail import unsealed
from tracker.mail.models import Email, EmailKind
from tracker.timeline.models import EntryKind, Source, TimelineEntry, entry_source


def quoting(entry: TimelineEntry) -> sa.Select[int]:
    """The ids of entries whose lines in a mail hold the words of this one: itself, and what corrects it."""
    return sa.select(TimelineEntry.id).where(
        sa.or_(TimelineEntry.id == entry.id, TimelineEntry.corrects_id == entry.id)
    )


def bodies_saying_sizes(entry_ids: sa.Select[int]) -> set[int]:
    """The stored bodies of digests that name a campaign of which one of these entries reports a size: beside the news
    they say how many there are, and by whose word."""
    reports = (
        sa.select(TimelineEntry.campaign_id, sa.func.min(TimelineEntry.recorded_at))
        .where(TimelineEntry.id.in_(entry_ids), TimelineEntry.kind == EntryKind.REPORTED_COUNT)
        .group_by(TimelineEntry.campaign_id)
    )
    return {body for row in db.session.execute(reports).all() for body in bodies_naming(*row)}


def bodies_naming(campaign_id: int, since: dt.datetime) -> set[int]:
    """The stored bodies of digests since a moment that name a campaign, or one into which that was ever merged. All who
    have one body read of the same campaigns."""
    one_each = sa.select(sa.func.min(Email.id)).where(
        Email.kind == EmailKind.DIGEST, Email.wiped_at.is_(None), Email.created_at >= since
    )
    names = {stop_name(one) for one in _read_as(campaign_id)}
    mails = db.session.scalars(sa.select(Email).where(Email.id.in_(one_each.group_by(Email.body_id))))
    return {email.body_id for email in mails if not names.isdisjoint(unsealed.links_of(email))}


def _read_as(campaign_id: int) -> set[str]:
    """The public ids under which mails may have told of a campaign: its own, and of all that ever stood for it."""
    into = sa.select(CampaignMerge.campaign_id, CampaignMerge.into_id)
    merged = into.where(CampaignMerge.campaign_id == campaign_id).cte("merged", recursive=True)
    merged = merged.union(into.join(merged, CampaignMerge.campaign_id == merged.c.into_id))
    ways = sa.or_(Campaign.id == campaign_id, Campaign.id.in_(sa.select(merged.c.into_id)))
    return set(db.session.scalars(sa.select(Campaign.public_id).where(ways)))


def hold_quoted(told: Sequence[Tellable]) -> bool:
    """Keep these entries, what they quote, and their sources, as they are until the end of the transaction.

    False when somebody is changing one of them at this moment: they may be waiting for what we hold; or when an entry
    is no longer as it was read. On SQLite there is one writer.
    """
    if dialect() == "sqlite":
        return True
    if not _hold_as_read(TimelineEntry, {one.entry.id: one.entry.version for one in told}):
        return False
    quoted = {one.entry.corrects_id for one in told if one.entry.corrects_id is not None}
    sources = {source.id for one in told for source in one.entry.sources}
    return _hold(TimelineEntry, quoted) and _hold(Source, sources)


def hold_deadlines(versions: Mapping[int, int]) -> bool:
    """The same for deadlines, with the versions that were read of them."""
    return dialect() == "sqlite" or _hold_as_read(Deadline, versions)


def hold_sizes(campaign_ids: Collection[int]) -> bool:
    """The same for the sizes that a mail read of these campaigns, and for the sources of these.

    False as well when one of them is no longer as it was read.
    """
    if dialect() == "sqlite":
        return True
    sized = {one for one, reports in reports_of(campaign_ids).items() if reports.claims}
    return all(asked_once("held sizes", sized, _held_sizes, False).values())


def _held_sizes(campaign_ids: set[int]) -> dict[int, bool]:
    read = reports_of(campaign_ids)
    entries = {entry_id for reports in read.values() for entry_id, _size in reports.claims}
    cited = sa.select(entry_source.c.source_id).where(entry_source.c.entry_id.in_(entries))
    is_held = _hold(TimelineEntry, entries) and _hold(Source, set(db.session.scalars(cited)))
    now = read_reports(campaign_ids) if is_held else {}
    return {one: is_held and now.get(one, Reports()) == read[one] for one in campaign_ids}


def _hold_as_read(model: type[TimelineEntry] | type[Deadline], versions: Mapping[int, int]) -> bool:
    """Without reading the rows anew: what hangs on them is loaded already."""
    if not versions:
        return True
    rows = sa.select(model.id, model.version).where(model.id.in_(versions)).order_by(model.id)
    held = db.session.execute(rows.with_for_update(read=True, skip_locked=True))
    return {row[0]: row[1] for row in held} == versions


def _hold(model: type[TimelineEntry] | type[Source], ids: set[int]) -> bool:
    if not ids:
        return True
    held = sa.select(model).where(model.id.in_(ids)).order_by(model.id).with_for_update(read=True, skip_locked=True)
    return len(db.session.scalars(held.execution_options(populate_existing=True)).all()) == len(ids)
