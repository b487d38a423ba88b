"""What is asked of the database about the timeline."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tracker.accounts.models import Account, CampaignMember, Role
from tracker.timeline.models import EntryVisibility, TimelineEntry, entry_reader


def entries_visible_to(account: Account | None, *, today: dt.date) -> sa.ColumnElement[bool]:
    """The condition that an entry may be read by this account, given that its campaign may.

    `today` is a day in the campaign's zone; only outsiders wait for `public_from`. Nobody signed in: public entries.
    """
    shown = sa.and_(TimelineEntry.deleted_at.is_(None))
    is_open = sa.or_(TimelineEntry.public_from.is_(None), TimelineEntry.public_from <= today)
    if account is None:
        return sa.and_(shown, TimelineEntry.visibility == EntryVisibility.PUBLIC, is_open)
    named = sa.select(entry_reader.c.entry_id).where(entry_reader.c.account_id == account.id)
    members = sa.select(CampaignMember.campaign_id).where(CampaignMember.account_id == account.id)
    as_member: sa.ColumnElement[bool] = (
        sa.true() if account.role is Role.ADMINISTRATOR else TimelineEntry.campaign_id.in_(members)
    )
    return sa.and_(
        shown,
        sa.or_(
            sa.and_(TimelineEntry.visibility.in_([EntryVisibility.PUBLIC, EntryVisibility.SIGNED_IN]), is_open),
            sa.and_(TimelineEntry.visibility != EntryVisibility.OFF_THE_RECORD, as_member),
            sa.and_(
                TimelineEntry.visibility == EntryVisibility.OFF_THE_RECORD,
                sa.or_(TimelineEntry.actor_id == account.id, TimelineEntry.id.in_(named)),
            ),
        ),
    )
