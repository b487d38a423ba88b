"""The letter or petition: versions, never overwritten."""

from __future__ import annotations

import datetime as dt

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, CampaignText
from tracker.campaigns.queries import latest_text
from tracker.campaigns.service.errors import CampaignError
from tracker.db import db
from tracker.timeline.editing import Stale
from tracker.timeline.models import EntryKind
from tracker.timeline.service import Told, tell
from tracker.words import _, gettext


def add_text(
    campaign: Campaign,
    body: str,
    *,
    seen: int,
    told: Told,
    is_substantive: bool = True,
    actor: Account | None,
    now: dt.datetime,
) -> CampaignText:
    """Add the next version of the text; the words told say why, in the history alone, to those whom they are told.

    `seen` is the number of the version it was written from, 0 for none.
    Raises Stale when somebody added another meanwhile, CampaignError for an empty text, one that says the same, or a
    change of a version that was delivered without a reason.
    """
    if not body.strip():
        raise CampaignError(_("Write or paste the text."), "body")
    return _add(campaign, body, None, seen, told, is_substantive, actor, now)


def restore_text(
    campaign: Campaign,
    earlier: CampaignText,
    *,
    seen: int,
    told: Told,
    is_substantive: bool = True,
    actor: Account,
    now: dt.datetime,
) -> CampaignText:
    """Add a version with the words of an earlier one; every version in between stays as it is, the history says so.

    Raises Stale and CampaignError as `add_text` does.
    """
    return _add(campaign, earlier.body, earlier, seen, told, is_substantive, actor, now)


def _add(
    campaign: Campaign,
    body: str,
    earlier: CampaignText | None,
    seen: int,
    told: Told,
    is_substantive: bool,
    actor: Account | None,
    now: dt.datetime,
) -> CampaignText:
    last = latest_text(campaign)
    if seen != (last.number if last else 0):
        raise Stale
    if last is not None and last.body == body:
        raise CampaignError(_("The text is the same as before."), "body")
    if last is not None and last.frozen_at and not told.words:
        raise CampaignError(_("This text was delivered: say why it changes."), "words")
    text = CampaignText(
        campaign_id=campaign.id,
        number=last.number + 1 if last else 1,
        body=body,
        is_substantive=is_substantive,
        recorded_at=now,
        recorded_by_id=actor.id if actor else None,
    )
    db.session.add(text)
    campaign.changed_at = now
    db.session.flush()
    tell(
        told,
        campaign_id=campaign.id,
        kind=EntryKind.TEXT,
        headline=_said(text, earlier),
        record_type="",
        actor=actor,
        now=now,
    )
    return text


def _said(text: CampaignText, earlier: CampaignText | None) -> str:
    if earlier is not None:
        return gettext(
            "The words of version %(earlier)s were restored: version %(number)s.",
            earlier=earlier.number,
            number=text.number,
        )
    if text.number == 1:
        return gettext("The text was written.")
    return gettext("The text was changed: version %(number)s.", number=text.number)
