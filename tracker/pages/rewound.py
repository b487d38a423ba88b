"""Looking back from the history page: the day that its address names, and the addresses of other days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.pages.standing import Standing, how_it_stood, steps, without_dates
from tracker.timeline.rewinding import Past, PublishedBy, RecordedBy, Undone, end_of

BY_SOURCES = "sources"
FILTERS = ("kind", "visibility", "actor", "order", "q")


def past_asked_for(campaign: Campaign, account: Account, *, today: dt.date) -> Past | None:
    """The day to go back to that the address names, by when things were recorded or by the dates of their sources.

    Not a date, or one to come: none, and the page is the present one.
    """
    try:
        day = dt.date.fromisoformat(request.args.get("by", "").strip())
    except ValueError:
        return None
    if not dt.date(1800, 1, 1) <= day <= today:
        return None
    if request.args.get("dates") == BY_SOURCES:
        return PublishedBy(day, account, today)
    return RecordedBy(day, end_of(day, campaign.zone), account, today)


@dataclass(frozen=True)
class LookingBack:
    """What the banner of a rewound page says."""

    day: dt.date
    by_sources: bool
    stood: Standing
    before: tuple[dt.date, str] | None  # the day, and the page's address as of it
    after: tuple[dt.date, str] | None
    present: str
    undated: int  # entries that cite nothing with a date, when sources' dates are what counts


def looking_back(campaign: Campaign, past: Past, undone: Undone, *, sees_changes: bool) -> LookingBack:
    """How things stood, and the ways to other days; the chosen filters stay."""
    step = steps(campaign, past, sees_changes=sees_changes)

    def there(day: dt.date | None) -> tuple[dt.date, str] | None:
        return None if day is None else (day, _address(campaign, day, past))

    return LookingBack(
        day=past.day,
        by_sources=isinstance(past, PublishedBy),
        stood=how_it_stood(campaign, past, undone, sees_changes=sees_changes),
        before=there(step.before),
        after=there(step.after),
        present=url_for("pages.history", slug=campaign.slug, **kept_filters()),
        undated=without_dates(campaign, past) if isinstance(past, PublishedBy) else 0,
    )


def kept_filters() -> dict[str, Any]:
    """What is chosen besides the day, as the address says it."""
    return {name: value for name in FILTERS if (value := request.args.get(name, ""))}


def _address(campaign: Campaign, day: dt.date, past: Past) -> str:
    asked: dict[str, Any] = {"by": day.isoformat(), **kept_filters()}
    if isinstance(past, PublishedBy):
        asked["dates"] = BY_SOURCES
    return url_for("pages.history", slug=campaign.slug, **asked)
