"""What is due, when and whose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from tracker.accounts.models import Account
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.models import Campaign
from tracker.campaigns.service.errors import CampaignError
from tracker.db import db
from tracker.timeline.editing import edit_fields, refuse_stale
from tracker.timeline.models import EntryKind, EntryVisibility
from tracker.timeline.service import append_entry
from tracker.words import _, gettext


def add_deadline(
    campaign: Campaign,
    *,
    what: str,
    due_on: dt.date | None,
    owner: Account | None,
    actor: Account | None,
    now: dt.datetime,
    commitment_id: int | None = None,
) -> Deadline:
    """Note what is due, perhaps since a commitment says so. Raises CampaignError without a date or without words."""
    _check(what, due_on)
    deadline = Deadline(
        campaign=campaign,
        commitment_id=commitment_id,
        what=what,
        due_on=due_on,
        owner=owner,
        created_at=now,
        created_by_id=actor.id if actor else None,
    )
    db.session.add(deadline)
    db.session.flush()
    return deadline


def edit_deadline(
    deadline: Deadline, values: Mapping[str, Any], *, seen: int | None, actor: Account, now: dt.datetime
) -> None:
    """Change words, date or owner; a new date is reminded of anew. Raises Stale, CampaignError."""
    refuse_stale(deadline, seen)
    _check(values["what"], values["due_on"])
    edit_fields(deadline, values, record_type="deadline", actor=actor, now=now, campaign_id=deadline.campaign_id)


def finish_deadline(deadline: Deadline, *, done: bool, actor: Account, now: dt.datetime) -> None:
    """Tick a deadline off, or open it again. Ticking off is told in the history, to the members."""
    if done == (deadline.done_at is not None):
        return
    deadline.done_at = now if done else None
    deadline.done_by_id = actor.id if done else None
    if done:
        append_entry(
            campaign_id=deadline.campaign_id,
            kind=EntryKind.DEADLINE,
            headline=gettext("Done: %(what)s", what=deadline.what),
            occurred_on=now.astimezone(ZoneInfo(deadline.campaign.zone)).date(),
            now=now,
            actor=actor,
            visibility=EntryVisibility.MEMBERS,
        )


def remove_deadline(deadline: Deadline, *, actor: Account, now: dt.datetime) -> None:
    """Put a deadline into the bin."""
    edit_fields(
        deadline,
        {"deleted_at": now},
        record_type="deadline",
        actor=actor,
        now=now,
        campaign_id=deadline.campaign_id,
    )


def _check(what: str, due_on: dt.date | None) -> None:
    if not what:
        raise CampaignError(_("Say what is due."), "what")
    if due_on is None:
        raise CampaignError(_("Say when it is due."), "due_on")
