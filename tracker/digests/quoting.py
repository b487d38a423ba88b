"""What a mail takes from elsewhere than the entries it tells: what these correct, their sources, and the sizes that
were reported of the campaigns it names.

Whoever redacts takes back the mails that are there: none may be written meanwhile that they would not see.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from tracker.campaigns.models import Campaign
from tracker.db import db, dialect
from tracker.digests.links import stop_name
from tracker.digests.selecting import Tellable
from tracker.mail import outbox
from tracker.mail.models import Email, EmailKind
from tracker.timeline.models import EntryKind, Source, TimelineEntry


def quoting(entry: TimelineEntry) -> sa.Select[int]:
    """The ids of entries whose lines in a mail hold the words of this one: itself, and what corrects it."""
    return sa.select(TimelineEntry.id).where(
        sa.or_(TimelineEntry.id == entry.id, TimelineEntry.corrects_id == entry.id)
    )


def bodies_saying_sizes(entry_ids: sa.Select[int]) -> set[int]:
    """The stored bodies of digests that name a campaign of which one of these entries reports a size: beside the news
    they say how many there are, and by whose word. All who have one body read of the same campaigns."""
    reports = (
        sa.select(Campaign.public_id, sa.func.min(TimelineEntry.recorded_at))
        .join(TimelineEntry, TimelineEntry.campaign_id == Campaign.id)
        .where(TimelineEntry.id.in_(entry_ids), TimelineEntry.kind == EntryKind.REPORTED_COUNT)
        .group_by(Campaign.public_id)
    )
    found: set[int] = set()
    for public_id, since in db.session.execute(reports).all():
        one_each = sa.select(sa.func.min(Email.id)).where(
            Email.kind == EmailKind.DIGEST, Email.wiped_at.is_(None), Email.created_at >= since
        )
        for email in db.session.scalars(sa.select(Email).where(Email.id.in_(one_each.group_by(Email.body_id)))):
            if stop_name(public_id) in outbox.links_of(email):
                found.add(email.body_id)
    return found


def hold_quoted(told: Sequence[Tellable]) -> bool:
    """Keep what these entries quote, and their sources, as they are until the end of the transaction.

    False when somebody is changing one of them at this moment: they may be waiting for what we hold. An entry itself is
    looked at again before its mail leaves. On SQLite there is one writer.
    """
    if dialect() == "sqlite":
        return True
    quoted = {one.entry.corrects_id for one in told if one.entry.corrects_id is not None}
    sources = {source.id for one in told for source in one.entry.sources}
    return _hold(TimelineEntry, quoted) and _hold(Source, sources)


def _hold(model: type[TimelineEntry] | type[Source], ids: set[int]) -> bool:
    if not ids:
        return True
    held = sa.select(model).where(model.id.in_(ids)).order_by(model.id).with_for_update(read=True, skip_locked=True)
    return len(db.session.scalars(held.execution_options(populate_existing=True)).all()) == len(ids)
