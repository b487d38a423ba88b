"""What subscribers do: follow, stop, change their schedule, leave. Inside a transaction of the caller."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from tracker.accounts.models import Account
from tracker.campaigns.at_target import is_at_target
from tracker.campaigns.merged import together
from tracker.campaigns.models import Campaign, Issue, SavedSearch
from tracker.companies.models import Company
from tracker.db import db
from tracker.digests import links, scheduling
from tracker.digests.followed import STOPPED
from tracker.digests.models import Following, Subscriber, Subscription
from tracker.digests.periods import Schedule
from tracker.digests.queries import (
    active_subscriptions,
    followed_since,
    subscriber_of,
    subscriptions_to,
)
from tracker.instance import SENDING_PAUSED, remember
from tracker.words import LazyString, _

UNSUBSCRIBED = "unsubscribed by the reader"
NOTHING_LEFT = "nothing is followed any longer"


class DigestError(Exception):
    """Why something cannot be done, in words for the person who asked."""

    def __init__(self, words: LazyString | str, field: str | None = None) -> None:
        super().__init__(words)
        self.field = field

    def __str__(self) -> str:
        return str(self.args[0])


def subscribe(account: Account, *, now: dt.datetime) -> Subscriber:
    """The account's subscriber, ready to hear from us: made, or brought back, with the account's zone and language."""
    subscriber = subscriber_of(account)
    if subscriber is None:
        subscriber = Subscriber(
            account=account,
            zone=account.zone,
            locale=account.locale,
            scheduled_from=now,
            next_due_at=now,
            confirmed_at=now,
            created_at=now,
            link_secret=links.new_secret(),
        )
        db.session.add(subscriber)
        db.session.flush()
        scheduling.schedule_from(subscriber, now)
    elif subscriber.ended_at is not None:
        subscriber.ended_at, subscriber.end_reason = None, ""
        scheduling.schedule_from(subscriber, now)
    return subscriber


def follow(
    account: Account,
    *,
    now: dt.datetime,
    campaign: Campaign | None = None,
    company: Company | None = None,
    issue: Issue | None = None,
    saved_search: SavedSearch | None = None,
) -> Subscription:
    """Follow a campaign, a company, an issue area, what a kept search finds, or (none given) everything the account may
    see; following twice is once."""
    subscriber = subscribe(account, now=now)
    kind = Following.EVERYTHING
    for named, word in (
        (campaign, Following.CAMPAIGN),
        (company, Following.COMPANY),
        (issue, Following.ISSUE),
        (saved_search, Following.SAVED_SEARCH),
    ):
        kind = word if named is not None else kind
    for one in active_subscriptions(subscriber):
        same = (one.campaign_id, one.company_id, one.issue_id, one.saved_search_id) == (
            campaign and campaign.id,
            company and company.id,
            issue and issue.id,
            saved_search and saved_search.id,
        )
        if one.following is kind and same:
            return one
    subscription = Subscription(
        subscriber=subscriber,
        following=kind,
        campaign_id=campaign.id if campaign else None,
        company_id=company.id if company else None,
        issue_id=issue.id if issue else None,
        saved_search_id=saved_search.id if saved_search else None,
        began_at=now,
        # Until its reader says otherwise: whom it asks may read that mailbox.
        neutral_subject=campaign is not None and is_at_target(account.email, campaign),
    )
    db.session.add(subscription)
    db.session.flush()
    return subscription


def unfollow(subscription: Subscription, *, now: dt.datetime) -> None:
    """End one subscription; doing it twice is once."""
    if subscription.ended_at is None:
        subscription.ended_at, subscription.end_reason = now, STOPPED
        _end_if_idle(subscription.subscriber, now)


def name_in_subject(subscription: Subscription, *, names: bool) -> None:
    """Whether the subject lines of mails about it name what they tell, or only count."""
    subscription.neutral_subject = not names


def stop_saved_search(saved_search: SavedSearch, *, now: dt.datetime) -> None:
    """Hear no more of what a kept search finds; doing it twice is once."""
    for one in subscriptions_to(saved_search):
        unfollow(one, now=now)


def forget_saved_search(saved_search: SavedSearch, *, now: dt.datetime) -> None:
    """The same before it is removed: the subscriptions stay, ended, and name it no longer."""
    stop_saved_search(saved_search, now=now)
    for one in subscriptions_to(saved_search):
        one.saved_search_id = None
    db.session.flush()


def stop_campaign(subscriber: Subscriber, campaign: Campaign, *, now: dt.datetime) -> None:
    """Hear no more about one campaign, whichever way it was followed; doing it twice is once.

    Where it was followed by way of a company or of everything, an ended subscription of its own says that it is not.
    """
    # With what is read as one with it; undoing a merge brings nothing back.
    parts = together([campaign.id], subscriber.account)
    for one in active_subscriptions(subscriber):
        if one.campaign_id in parts:
            unfollow(one, now=now)
    db.session.flush()
    for campaign_id in parts.keys() & followed_since(subscriber, today=now.date()).keys():
        db.session.add(
            Subscription(
                subscriber=subscriber,
                following=Following.CAMPAIGN,
                campaign_id=campaign_id,
                began_at=now,
                ended_at=now,
                end_reason=STOPPED,
            )
        )
    db.session.flush()


def _end_if_idle(subscriber: Subscriber, now: dt.datetime) -> None:
    """An address without an account that follows nothing has left: it is not kept for nothing."""
    db.session.flush()
    if subscriber.account_id is None and not active_subscriptions(subscriber):
        unsubscribe(subscriber, now=now, reason=NOTHING_LEFT)


def end_idle(now: dt.datetime) -> None:
    """The same for addresses whose last campaign was destroyed."""
    follows = sa.select(Subscription.id).where(
        Subscription.subscriber_id == Subscriber.id, Subscription.ended_at.is_(None)
    )
    idle = sa.select(Subscriber).where(
        Subscriber.account_id.is_(None), Subscriber.ended_at.is_(None), ~follows.exists()
    )
    for subscriber in db.session.scalars(idle.order_by(Subscriber.id).limit(500).with_for_update(skip_locked=True)):
        unsubscribe(subscriber, now=now, reason=NOTHING_LEFT)


def unsubscribe(subscriber: Subscriber, *, now: dt.datetime, reason: str = UNSUBSCRIBED) -> None:
    """End everything a subscriber follows, with the reason; doing it twice is once, also at the same moment: a mailbox
    and its owner, or a bounce, may say so together."""
    db.session.refresh(subscriber, with_for_update=True)
    if subscriber.ended_at is not None:
        return
    subscriber.ended_at, subscriber.end_reason = now, reason
    for one in active_subscriptions(subscriber):
        one.ended_at, one.end_reason = now, reason


def change_schedule(
    subscriber: Subscriber,
    schedule: Schedule,
    *,
    now: dt.datetime,
    neutral_subject: bool | None = None,
    version: int | None = None,
) -> None:
    """Hear at other times; no day is lost, and none has two digests (scheduling.py)."""
    db.session.refresh(subscriber, with_for_update=True)  # a planner that is at it finishes first
    if version is not None and version != subscriber.version:
        raise DigestError(_("Somebody changed these settings meanwhile; look at them again."))
    if Schedule.of(subscriber) != schedule:
        scheduling.reschedule(subscriber, schedule, now)
    if neutral_subject is not None:
        subscriber.neutral_subject = neutral_subject
    try:
        db.session.flush()
    except StaleDataError as error:
        raise DigestError(_("Somebody changed these settings meanwhile; look at them again.")) from error


def pause_sending(reason: str, *, now: dt.datetime) -> None:
    """Let all sending rest; what falls due is still composed and waits."""
    remember(SENDING_PAUSED, reason, now=now)


def resume_sending(*, now: dt.datetime) -> None:
    """Send again."""
    remember(SENDING_PAUSED, None, now=now)
