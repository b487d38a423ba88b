"""The links that only one subscriber has: unsubscribe, stop one campaign, manage. Opaque, and good without signing in.

A token is the subscriber's public id and a keyed hash of what it permits, so that the link that stops one campaign
cannot be turned into one that reads the rest. A new `link_secret` makes every earlier link useless.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Protocol

import sqlalchemy as sa

from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.digests.models import Subscriber, SubscriberMerge
from tracker.settings import config

UNSUBSCRIBE, MANAGE, STOP = "unsubscribe", "manage", "stop"
_ID_LENGTH = 16


class Linked(Protocol):
    """What of a subscriber makes their links."""

    @property
    def public_id(self) -> str: ...
    @property
    def link_secret(self) -> str: ...


def new_secret() -> str:
    """A subscriber's link secret."""
    return secrets.token_urlsafe(32)


def token(subscriber: Subscriber, purpose: str) -> str:
    """What stands in the address of a link with this purpose."""
    return subscriber.public_id + _keyed(subscriber.link_secret.encode(), purpose.encode())


def _keyed(secret: bytes, purpose: bytes) -> str:
    return urlsafe_b64encode(hmac.digest(secret, purpose, "sha256")[:24]).decode()


def subscriber_for(given: str, purpose: str) -> Subscriber | None:
    """Whose link this is; None when it is nobody's, or permits something else. Links of an address that an account has
    since are that account's."""
    subscriber = db.session.scalar(sa.select(Subscriber).where(Subscriber.public_id == given[:_ID_LENGTH]))
    if subscriber is None or not hmac.compare_digest(token(subscriber, purpose).encode(), given.encode()):
        return None
    merge = db.session.get(SubscriberMerge, subscriber.id)
    return subscriber if merge is None else db.session.get_one(Subscriber, merge.into_id)


def stop_purpose(campaign: Campaign) -> str:
    """The purpose of the link that stops one campaign."""
    return f"{STOP}|{campaign.public_id}"


def stop_name(campaign_public_id: str) -> str:
    """What templates call that link."""
    return f"stop_{campaign_public_id}"


def links_of(subscriber: Subscriber, campaigns: Sequence[Campaign]) -> dict[str, str]:
    """Every link that a digest naming these campaigns gives its receiver, by name."""
    return linker(campaigns)(subscriber)


def linker(campaigns: Sequence[Campaign]) -> Callable[[Linked], dict[str, str]]:
    """The same for many receivers."""
    base = f"{config().public_base_url}/u/"
    kinds = [(UNSUBSCRIBE, UNSUBSCRIBE.encode(), ""), (MANAGE, MANAGE.encode(), f"/{MANAGE}")]
    for campaign in campaigns:
        name = campaign.public_id
        kinds.append((stop_name(name), stop_purpose(campaign).encode(), f"/{STOP}/{name}"))

    def links(subscriber: Linked) -> dict[str, str]:
        secret, start = subscriber.link_secret.encode(), base + subscriber.public_id
        return {name: start + _keyed(secret, purpose) + end for name, purpose, end in kinds}

    return links
