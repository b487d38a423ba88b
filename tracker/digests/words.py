"""Schedules, subscriptions and states as people say them."""

from __future__ import annotations

import datetime as dt

from flask_babel import format_date

from tracker.digests.models import DigestState, Following, Frequency, Subscriber, Subscription
from tracker.digests.periods import clock_of
from tracker.settings import config
from tracker.web.filters import day
from tracker.words import _, gettext

FREQUENCY_WORDS = {
    Frequency.DAILY: _("Every day"),
    Frequency.WEEKLY: _("Every week"),
    Frequency.MONTHLY: _("Every month"),
}
STATE_WORDS = {
    DigestState.DUE: _("due"),
    DigestState.READY: _("ready"),
    DigestState.SENT: _("delivered to the mail server"),
    DigestState.SKIPPED: _("skipped"),
    DigestState.FAILED: _("failed"),
    DigestState.UNKNOWN: _("perhaps delivered"),
}
_MONDAY = dt.date(2024, 1, 1)  # any Monday


def weekday_name(weekday: int) -> str:
    """Monday is 1."""
    return str(format_date(_MONDAY + dt.timedelta(days=weekday - 1), "EEEE"))


def schedule_sentence(subscriber: Subscriber) -> str:
    """ "Every Monday at 08:00, Europe/Berlin"."""
    facts = {"time": f"{subscriber.hour:02}:00", "zone": subscriber.zone.replace("_", " ")}
    if subscriber.frequency is Frequency.DAILY:
        return str(gettext("Every day at %(time)s, %(zone)s", **facts))
    if subscriber.frequency is Frequency.WEEKLY:
        return str(gettext("Every %(day)s at %(time)s, %(zone)s", day=weekday_name(subscriber.weekday), **facts))
    if subscriber.month_day > 28:
        return str(
            gettext(
                "Every month on the %(day)sth, or its last day, at %(time)s, %(zone)s",
                day=subscriber.month_day,
                **facts,
            )
            if subscriber.month_day != 31
            else gettext("Every month on its last day at %(time)s, %(zone)s", **facts)
        )
    return str(gettext("Every month on day %(day)s at %(time)s, %(zone)s", day=subscriber.month_day, **facts))


def next_sentence(subscriber: Subscriber) -> str:
    """ "The next one comes on Monday 30 November at 08:00, if anything happens.", by the subscriber's own clock."""
    clock = clock_of(subscriber.zone)
    if clock is None:
        said = gettext("None comes: this machine does not know the time zone %(zone)s.", zone=subscriber.zone)
        return str(said)
    local = subscriber.next_due_at.astimezone(clock)
    on = format_date(local, "EEEE d MMMM", rebase=False)
    return str(
        gettext("The next one comes on %(day)s at %(time)s, if anything happens.", day=on, time=f"{local:%H:%M}")
    )


def afterwards(subscriber: Subscriber) -> str:
    """What becomes of the address of somebody who left."""
    if subscriber.account_id is not None:
        return str(gettext("Your account stays as it is. On any campaign’s page you can follow it again."))
    erased = subscriber.address_sealed is None
    if erased or subscriber.ended_at is None:
        return str(gettext("To hear of a campaign again, ask on its page."))
    erased_at = subscriber.ended_at + config().durations.ended_address_kept
    on = day(erased_at.astimezone(clock_of(subscriber.zone) or dt.UTC).date())
    return str(gettext("Your address is erased on %(day)s. To hear of a campaign again, ask on its page.", day=on))


def subscription_sentence(subscription: Subscription) -> str:
    """What one subscription follows."""
    match subscription.following:
        case Following.CAMPAIGN if subscription.campaign is not None:
            return str(gettext("The campaign “%(title)s”", title=subscription.campaign.title))
        case Following.COMPANY if subscription.company is not None:
            return str(gettext("Every campaign that asks %(name)s, or asks about it", name=subscription.company.name))
        case Following.ISSUE if subscription.issue is not None:
            return str(gettext("Every campaign on %(name)s", name=subscription.issue.name))
        case Following.SAVED_SEARCH if subscription.saved_search is not None:
            return str(gettext("What your search “%(name)s” finds", name=subscription.saved_search.name))
        case Following.EVERYTHING:
            return str(gettext("Everything you may see"))
        case _:
            return str(gettext("Something else"))


def masked(address: str) -> str:
    """An address that its owner recognises and nobody else learns: "a…@example.org"."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}…{at}{domain}"
