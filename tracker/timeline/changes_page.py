"""Who changed what of a record that all campaigns share, below the form that edits it: a page of it at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from tracker.accounts.access import current_account
from tracker.db import db
from tracker.timeline.models import Revision
from tracker.web.paging import page_of

PER_PAGE = 25


def changes_page(record: Any, may_be_restored: Callable[[Revision], bool]) -> dict[str, Any]:
    """What the list of `timeline/_revisions.html` and its pages show of a record: the page that `?changes=` asks for,
    latest first, and which of these changes can be set back."""
    mine = sa.and_(Revision.record_type == record.__tablename__, Revision.record_id == record.id)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(Revision).where(mine)) or 0
    page, pages = page_of(total, PER_PAGE, "changes")
    latest = sa.select(Revision).where(mine).order_by(Revision.recorded_at.desc(), Revision.id.desc())
    shown = db.session.scalars(
        latest.limit(PER_PAGE).offset((page - 1) * PER_PAGE).options(selectinload(Revision.actor))
    ).all()
    return {
        "revisions": shown,
        "restorable": {one.public_id for one in shown if may_be_restored(one)},
        "reader": current_account(),
        "changes": {"page": page, "pages": pages, "total": total},
    }
