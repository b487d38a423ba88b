"""The home page: what needs me, then what changed. To those not signed in: the public campaigns and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, request

from tracker import clock
from tracker.accounts.access import current_account, public
from tracker.accounts.models import Account, Role
from tracker.campaigns.models import Campaign
from tracker.pages import queries
from tracker.pages.blueprint import bp
from tracker.pages.lines import campaign_lines
from tracker.pages.shown import entry_in_short
from tracker.settings import config
from tracker.timeline.models import TimelineEntry
from tracker.timeline.queries import corrections_of

CHANGES = 150
# Of one campaign on one day; an evening of backfilling must not bury what else changed.
OF_A_DAY = 4


@bp.get("/")
@public
def home() -> str:
    """What needs me and what changed; or the public campaigns."""
    account = current_account()
    return _welcome() if account is None else _mine(account)


def _welcome() -> str:
    now = clock.now()
    lines = campaign_lines(queries.public_campaigns(), None, now=now)
    # By what everybody may read: nothing told to few moves a campaign up.
    lines.sort(key=lambda line: line.changed_at, reverse=True)
    return render_template("pages/welcome.html", lines=lines)


def _mine(account: Account) -> str:
    now = clock.now()
    zone = ZoneInfo(account.zone)
    today = now.astimezone(zone).date()
    durations = config().durations
    due = queries.due_for(account, until=today + durations.due_soon)
    quiet = queries.gone_quiet(account, before=now - durations.quiet_after, today=today)
    show = min(request.args.get("show", CHANGES, type=int), 2000)
    entries = queries.latest_entries(queries.readable_ids(account), account, today=today, limit=show + 1)
    # What is known to be wrong gives way to its correction; the history shows both.
    corrected = corrections_of(entries, account, today=today)
    campaigns = queries.campaigns_by_id({entry.campaign_id for entry in entries})
    return render_template(
        "pages/home.html",
        today=today,
        due=due,
        quiet=quiet,
        days=_by_day([one for one in entries[:show] if one.id not in corrected], campaigns, zone),
        show_more=show + CHANGES if len(entries) > show else None,
        is_empty=not entries and not due,
        may_log=account.role in (Role.ADMINISTRATOR, Role.ORGANISER),
    )


@dataclass(frozen=True)
class OfCampaign:
    """What changed in one campaign on one day: the newest in short, and how many more."""

    campaign: Campaign
    entries: list[dict[str, Any]]
    more: int


def _by_day(
    entries: Sequence[TimelineEntry], campaigns: dict[int, Campaign], zone: ZoneInfo
) -> list[tuple[dt.date, list[OfCampaign]]]:
    """Newest day first; within a day campaign by campaign, in the order of their latest entry."""
    days = []
    for day, of_day in groupby(entries, key=lambda entry: entry.recorded_at.astimezone(zone).date()):
        by_campaign: dict[int, list[TimelineEntry]] = {}
        for entry in of_day:
            by_campaign.setdefault(entry.campaign_id, []).append(entry)
        told = [
            OfCampaign(
                campaigns[key],
                [entry_in_short(one, campaigns[key]) for one in of_campaign[:OF_A_DAY]],
                max(0, len(of_campaign) - OF_A_DAY),
            )
            for key, of_campaign in by_campaign.items()
        ]
        days.append((day, told))
    return days
