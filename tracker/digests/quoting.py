"""What a mail takes from elsewhere than its entries must not be redacted while it is composed: whoever redacts takes
back the mails that are there, and would not see this one."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from tracker.db import db, dialect
from tracker.digests.selecting import Tellable
from tracker.timeline.models import Source, TimelineEntry


def hold_quoted(told: Sequence[Tellable]) -> bool:
    """Keep what these entries correct, and their sources, as they are until the end of the transaction.

    False when somebody is changing one of them at this moment: they may be waiting for what we hold. An entry itself is
    looked at again before its mail leaves. On SQLite there is one writer.
    """
    if dialect() == "sqlite":
        return True
    originals = {one.entry.corrects_id for one in told if one.entry.corrects_id is not None}
    sources = {source.id for one in told for source in one.entry.sources}
    return _hold(TimelineEntry, originals) and _hold(Source, sources)


def _hold(model: type[TimelineEntry] | type[Source], ids: set[int]) -> bool:
    if not ids:
        return True
    held = sa.select(model).where(model.id.in_(ids)).order_by(model.id).with_for_update(read=True, skip_locked=True)
    return len(db.session.scalars(held.execution_options(populate_existing=True)).all()) == len(ids)
