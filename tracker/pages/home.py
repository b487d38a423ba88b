"""The home page: what needs me, then what changed. To those not signed in: the public campaigns and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug import Response

from tracker import clock
from tracker.accounts import service
from tracker.accounts.access import current_account, me, public, signed_in
from tracker.accounts.models import Account, Role
from tracker.campaigns.models import Campaign
from tracker.db import transaction
from tracker.digests.queries import following_anything
from tracker.pages import queries
from tracker.pages.blueprint import bp
from tracker.pages.hints import wants_hint
from tracker.pages.lines import campaign_lines
from tracker.pages.shown import entry_in_short
from tracker.pages.waiting import waiting_for
from tracker.settings import config
from tracker.timeline.models import TimelineEntry
from tracker.timeline.queries import corrections_of, entries_visible_to
from tracker.words import _

CHANGES = 150
OF_NEWS = 12
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
    show = min(request.args.get("show", CHANGES, type=int), 2000)
    entries = queries.latest_entries(queries.readable_ids(account), account, today=today, limit=show + 1)
    # What is known to be wrong gives way to its correction; the history shows both.
    corrected = corrections_of(entries, entries_visible_to(account, today=today))
    told = [one for one in entries[:show] if one.id not in corrected]
    campaigns = queries.campaigns_by_id({entry.campaign_id for entry in told})
    standing = queries.campaigns_standing({*campaigns, *(one.campaign_id for one in due)}, account)
    since = account.last_home_at
    fresh = [one for one in told if since is not None and one.recorded_at > since]
    # What I did myself is no news to me, but it stands where it belongs.
    unseen = {one.id for one in fresh if one.actor_id != account.id}
    waiting = waiting_for(account, now=now, today=today)
    return render_template(
        "pages/home.html",
        today=today,
        due=due,
        standing=standing,
        waiting=waiting,
        quiet=queries.gone_quiet(account, before=now - durations.quiet_after, today=today),
        since=since,
        fresh=_by_campaign(fresh, campaigns, standing, unseen, OF_NEWS) if unseen else [],
        unseen=len(unseen),
        until=fresh[0].recorded_at.isoformat() if unseen else "",
        days=_by_day(told[len(fresh) :] if unseen else told, campaigns, standing, zone),
        show_more=show + CHANGES if len(entries) > show else None,
        is_empty=not entries and not due and not waiting,
        may_log=account.role in (Role.ADMINISTRATOR, Role.ORGANISER),
        hint=_hint(account, told),
    )


@bp.post("/seen")
@signed_in
def mark_seen() -> Response:
    """I have read what was new until then; what came in while I read it stays new."""
    now = clock.now()
    try:
        until = dt.datetime.fromisoformat(request.form.get("until", ""))
    except ValueError:
        abort(400)
    if until.tzinfo is None:
        abort(400)
    with transaction():
        account = me()
        service.mark_seen(account, until, now=now)
        service.dismiss_hint(account, "seen", now=now)
    flash(_("Marked as seen. What comes in from now on is new."), "success")
    return redirect(url_for("pages.home", _anchor="changes"))


def _hint(account: Account, told: Sequence[TimelineEntry]) -> str | None:
    """At most one thing is taught at a time, and nothing before there is something to read."""
    if not told:
        return None
    if wants_hint("follow") and not following_anything(account):
        return "follow"
    return "shortcuts" if account.shortcuts and wants_hint("shortcuts") else None


@dataclass(frozen=True)
class OfCampaign:
    """What changed in one campaign: the newest in short, and how many more."""

    campaign: Campaign
    entries: list[dict[str, Any]]
    more: int


def _by_campaign(
    entries: Sequence[TimelineEntry],
    campaigns: dict[int, Campaign],
    standing: dict[int, Campaign],
    unseen: Collection[int] = (),
    most: int = OF_A_DAY,
) -> list[OfCampaign]:
    """Campaign by campaign, merged ones as one, the latest first; what is new to the reader says so."""
    by_campaign: dict[int, list[TimelineEntry]] = {}
    for entry in entries:
        by_campaign.setdefault(standing[entry.campaign_id].id, []).append(entry)
    return [
        OfCampaign(
            standing[of_campaign[0].campaign_id],
            [
                {**entry_in_short(one, campaigns[one.campaign_id]), "is_new": one.id in unseen}
                for one in of_campaign[:most]
            ],
            max(0, len(of_campaign) - most),
        )
        for of_campaign in by_campaign.values()
    ]


def _by_day(
    entries: Sequence[TimelineEntry], campaigns: dict[int, Campaign], standing: dict[int, Campaign], zone: ZoneInfo
) -> list[tuple[dt.date, list[OfCampaign]]]:
    """Newest day first; within a day campaign by campaign."""
    return [
        (day, _by_campaign(list(of_day), campaigns, standing))
        for day, of_day in groupby(entries, key=lambda entry: entry.recorded_at.astimezone(zone).date())
    ]
