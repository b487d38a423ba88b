"""How far a campaign has come: which moves there are, and what each asks for."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Collection

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, Demand, Stage, StageChange
from tracker.campaigns.queries import demands_of, latest_text
from tracker.campaigns.service.errors import CampaignError
from tracker.campaigns.stages import MOVES, ORDER, STAGE_WORDS
from tracker.db import db
from tracker.timeline.editing import edit_fields
from tracker.timeline.models import EntryKind
from tracker.timeline.service import Told, tell
from tracker.words import _, gettext

# A campaign's people are forgotten half a year after it concluded, unless somebody chose another day (safety.md, 8).
RETENTION_MONTHS = 6


def change_stage(
    campaign: Campaign,
    to: Stage,
    *,
    seen: Stage | None = None,
    told: Told,
    actor: Account | None,
    now: dt.datetime,
) -> StageChange:
    """Move a campaign to another stage, with its date and, as the words told, its reason.

    Raises CampaignError when there is no such move, when somebody else moved it meanwhile (`seen` is the stage the
    reader saw), or when a guard is not met: gathering needs something asked, delivering a text, going back a reason.
    To conclude, use `conclude`.
    """
    if to is Stage.CONCLUDED:
        raise CampaignError(_("Say first what became of everything it asked."), "to")
    if to is Stage.GATHERING and not told.words and not demands_of(campaign) and latest_text(campaign) is None:
        raise CampaignError(_("Nothing is asked yet: add an ask or the text first, or give a reason."), "words")
    if to is Stage.DELIVERED and not told.words and latest_text(campaign) is None:
        raise CampaignError(_("There is no text yet: add what was delivered, or give a reason."), "words")
    change = _move(campaign, to, seen, told, actor, now)
    if to is Stage.DELIVERED and (text := latest_text(campaign)) is not None and text.frozen_at is None:
        text.frozen_at = now
    return change


def conclude(
    campaign: Campaign,
    *,
    unsaid: Collection[Demand],
    seen: Stage | None = None,
    told: Told,
    actor: Account | None,
    now: dt.datetime,
) -> StageChange:
    """Conclude a campaign, once it is said what became of each demand; `unsaid` are those of which it is not.

    The demands' outcomes are recorded above this feature, so the caller hands in what is left. Raises CampaignError.
    """
    if unsaid:
        raise CampaignError(_("Say first what became of everything it asked."))
    if not told.words:
        raise CampaignError(_("Say in a sentence why it concludes."), "words")
    change = _move(campaign, Stage.CONCLUDED, seen, told, actor, now)
    campaign.concluded_on = told.occurred_on
    latest = months_later(max(told.occurred_on, now.date()), RETENTION_MONTHS)
    campaign.retention_on = min(latest, campaign.retention_on or latest)  # a sooner day that was chosen stays
    return change


def _move(
    campaign: Campaign, to: Stage, seen: Stage | None, told: Told, actor: Account | None, now: dt.datetime
) -> StageChange:
    was = campaign.stage
    if seen is not None and seen is not was:
        raise CampaignError(_("Somebody else moved this campaign meanwhile; look again."), "to")
    if to not in MOVES[was]:
        raise CampaignError(_("A campaign cannot go from here to there."), "to")
    if ORDER.index(to) < ORDER.index(was) and not told.words:
        raise CampaignError(_("Going back needs a reason."), "words")
    entry = tell(
        told,
        campaign_id=campaign.id,
        kind=EntryKind.STAGE,
        record_type="stage_change",
        headline=gettext(
            "The campaign moved from %(was)s to %(to)s.", was=STAGE_WORDS[was].lower(), to=STAGE_WORDS[to].lower()
        ),
        actor=actor,
        now=now,
    )
    change = StageChange(
        entry_id=entry.id,
        campaign_id=campaign.id,
        from_stage=was,
        to_stage=to,
        reason=told.words,
        recorded_at=now,
    )
    db.session.add(change)
    reopened = {"concluded_on": None, "retention_on": None} if was is Stage.CONCLUDED else {}
    edit_fields(
        campaign, {"stage": to, **reopened}, record_type="campaign", actor=actor, now=now, campaign_id=campaign.id
    )
    campaign.changed_at = now
    return change


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day so many months on, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
