"""Hearing of a public campaign without an account: an address is typed, its owner confirms with a button.

Inside a transaction of the caller. Whoever typed the address learns nothing about it (safety.md, 5): the same rows are
written and one mail leaves whether it is new, follows already, or belongs to an account.
"""

from __future__ import annotations

import datetime as dt
import secrets

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.accounts.tokens import token_hash
from tracker.campaigns.at_target import is_at_target
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, new_public_id
from tracker.digests import asking, links, scheduling, service
from tracker.digests.models import Following, Frequency, Subscriber, Subscription, SubscriptionRequest
from tracker.digests.queries import active_subscriptions
from tracker.digests.service import DigestError
from tracker.digests.uniting import unite
from tracker.mail.models import Email, EmailKind
from tracker.sealing import keyring
from tracker.settings import config
from tracker.words import _

OVER = _("This link has been used already, or is too old. Ask for a new one on the campaign’s page.")
ERASED = "the address was erased some time after it was unsubscribed"
_PLACE = "subscription_request|address|"


def ask(address: str, campaign: Campaign, *, frequency: Frequency, locale: str, now: dt.datetime) -> None:
    """Mail the owner of an address the question whether to follow a public campaign, a few times a day at most."""
    if _is_enough_today(address, now):
        return
    token, public_id = secrets.token_urlsafe(32), new_public_id()
    db.session.add(
        SubscriptionRequest(
            public_id=public_id,
            token_hash=token_hash(token),
            address_sealed=keyring().seal(address, _PLACE + public_id),
            campaign=campaign,
            frequency=frequency,
            locale=locale,
            created_at=now,
            expires_at=now + config().durations.subscription_request,
        )
    )
    subscriber, is_neutral = _known(address), is_at_target(address, campaign)
    if subscriber is not None and _follows(subscriber, campaign):
        asking.already_following(address, campaign, subscriber, neutral=is_neutral, locale=locale, now=now)
    else:
        asking.confirm_subscription(address, campaign, token, neutral=is_neutral, locale=locale, now=now)


def request_of(token: str, *, now: dt.datetime) -> SubscriptionRequest | None:
    """The request that waits for this link to be confirmed, if its campaign is still public."""
    found = db.session.scalar(
        sa.select(SubscriptionRequest).where(
            SubscriptionRequest.token_hash == token_hash(token), SubscriptionRequest.expires_at > now
        )
    )
    return found if found is not None and _is_open(found.campaign) else None


def confirm(token: str, *, now: dt.datetime) -> Subscriber:
    """The owner of the address says yes; the request goes, the subscription begins. Raises DigestError."""
    used = db.session.execute(
        sa.delete(SubscriptionRequest)
        .where(SubscriptionRequest.token_hash == token_hash(token), SubscriptionRequest.expires_at > now)
        .returning(
            SubscriptionRequest.public_id,
            SubscriptionRequest.address_sealed,
            SubscriptionRequest.campaign_id,
            SubscriptionRequest.frequency,
            SubscriptionRequest.locale,
        )
    ).first()
    campaign = db.session.get(Campaign, used.campaign_id) if used is not None else None
    if used is None or campaign is None or not _is_open(campaign):
        raise DigestError(OVER)
    address = keyring().open(used.address_sealed, _PLACE + used.public_id)
    account = _account(address)
    if account is not None:
        unite(account, now)
        subscriber = service.follow(account, now=now, campaign=campaign).subscriber
    else:
        subscriber = _subscriber(address, campaign, used.frequency, used.locale, now)
        _follow(subscriber, campaign, now)
    is_neutral = is_at_target(address, campaign)
    for one in active_subscriptions(subscriber):
        if one.campaign_id == campaign.id:
            one.neutral_subject = one.neutral_subject or is_neutral
    return subscriber


def forget_addresses(now: dt.datetime) -> int:
    """Erase addresses that ended long enough ago, and requests that nobody confirmed; how many. What was suppressed
    stays so, by its keyed hash."""
    service.end_idle(now)
    db.session.execute(sa.delete(SubscriptionRequest).where(SubscriptionRequest.expires_at < now))
    before = now - config().durations.ended_address_kept
    ended = db.session.scalars(
        sa.select(Subscriber)
        .where(Subscriber.address_sealed.is_not(None), Subscriber.ended_at < before)
        .order_by(Subscriber.id)
        .limit(500)
        .with_for_update(skip_locked=True)
    ).all()
    for subscriber in ended:
        subscriber.address_sealed = None
        subscriber.address_hash = f"erased:{secrets.token_hex(24)}"  # nothing can be looked up by it
        subscriber.link_secret = links.new_secret()
    db.session.flush()
    return len(ended)


def _is_enough_today(address: str, now: dt.datetime) -> bool:
    sent = db.session.scalar(
        sa.select(sa.func.count()).where(
            Email.recipient_hash.in_(keyring().address_hashes(address)),
            Email.kind == EmailKind.CONFIRMATION,
            Email.created_at > now - dt.timedelta(days=1),
        )
    )
    return (sent or 0) >= config().durations.confirmations_a_day


def _is_open(campaign: Campaign) -> bool:
    return campaign.visibility is Visibility.PUBLIC and campaign.deleted_at is None


def _account(address: str) -> Account | None:
    found = sa.select(Account).where(sa.func.lower(Account.email) == address.lower(), Account.active)
    return db.session.scalar(found)


def _known(address: str) -> Subscriber | None:
    """Who hears from us at this address now, by an account or without one."""
    account = _account(address)
    whose = (
        Subscriber.account_id == account.id
        if account is not None
        else Subscriber.address_hash.in_(keyring().address_hashes(address))
    )
    return db.session.scalar(sa.select(Subscriber).where(whose, Subscriber.ended_at.is_(None)))


def _follows(subscriber: Subscriber, campaign: Campaign) -> bool:
    return any(one.campaign_id == campaign.id for one in active_subscriptions(subscriber))


def _subscriber(address: str, campaign: Campaign, frequency: Frequency, locale: str, now: dt.datetime) -> Subscriber:
    """The address's subscriber: as it is, brought back, or made with the campaign's clock."""
    hashes = keyring().address_hashes(address)
    subscriber = db.session.scalar(sa.select(Subscriber).where(Subscriber.address_hash.in_(hashes)))
    if subscriber is None:
        public_id = new_public_id()
        subscriber = Subscriber(
            public_id=public_id,
            address_sealed=keyring().seal(address, f"subscriber|address|{public_id}"),
            address_hash=hashes[0],
            frequency=frequency,
            zone=campaign.zone,
            locale=locale,
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
        subscriber.ended_at, subscriber.end_reason, subscriber.confirmed_at = None, "", now
        subscriber.frequency = frequency
        scheduling.schedule_from(subscriber, now)
    return subscriber


def _follow(subscriber: Subscriber, campaign: Campaign, now: dt.datetime) -> None:
    if not _follows(subscriber, campaign):
        db.session.add(
            Subscription(subscriber=subscriber, following=Following.CAMPAIGN, campaign_id=campaign.id, began_at=now)
        )
    db.session.flush()
