"""The links that only one subscriber has: unsubscribe, stop one campaign, manage. Opaque, and good without signing in.

A token is the subscriber's public id and a keyed hash of what it permits, so that the link that stops one campaign
cannot be turned into one that reads the rest. A new `link_secret` makes every earlier link useless.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

import sqlalchemy as sa

from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.digests.models import Subscriber
from tracker.settings import config

UNSUBSCRIBE, MANAGE, STOP = "unsubscribe", "manage", "stop"
_ID_LENGTH = 16


def new_secret() -> str:
    """A subscriber's link secret."""
    return secrets.token_urlsafe(32)


def token(subscriber: Subscriber, purpose: str) -> str:
    """What stands in the address of a link with this purpose."""
    keyed = hmac.new(subscriber.link_secret.encode(), purpose.encode(), hashlib.sha256).digest()
    return subscriber.public_id + urlsafe_b64encode(keyed[:24]).decode()


def subscriber_for(given: str, purpose: str) -> Subscriber | None:
    """Whose link this is; None when it is nobody's, or permits something else."""
    subscriber = db.session.scalar(sa.select(Subscriber).where(Subscriber.public_id == given[:_ID_LENGTH]))
    if subscriber is None or not hmac.compare_digest(token(subscriber, purpose).encode(), given.encode()):
        return None
    return subscriber


def stop_purpose(campaign: Campaign) -> str:
    """The purpose of the link that stops one campaign."""
    return f"{STOP}|{campaign.public_id}"


def stop_name(campaign_public_id: str) -> str:
    """What templates call that link."""
    return f"stop_{campaign_public_id}"


def links_of(subscriber: Subscriber, campaigns: list[Campaign]) -> dict[str, str]:
    """Every link that a digest naming these campaigns gives its receiver, by name."""
    base = config().public_base_url
    links = {
        UNSUBSCRIBE: f"{base}/u/{token(subscriber, UNSUBSCRIBE)}",
        MANAGE: f"{base}/u/{token(subscriber, MANAGE)}/{MANAGE}",
    }
    for campaign in campaigns:
        opaque = token(subscriber, stop_purpose(campaign))
        links[stop_name(campaign.public_id)] = f"{base}/u/{opaque}/{STOP}/{campaign.public_id}"
    return links
