"""The mails that answer whoever typed an address: the question to its owner, or that it follows already."""

from __future__ import annotations

import datetime as dt

from tracker.campaigns.models import Campaign
from tracker.digests import links
from tracker.digests.models import Subscriber
from tracker.mail import outbox
from tracker.mail.models import EmailKind
from tracker.mail.render import render
from tracker.settings import config


def confirm_subscription(
    address: str, campaign: Campaign, token: str, *, neutral: bool, locale: str, now: dt.datetime
) -> None:
    """Do you want to hear of this campaign? Nothing more comes unless the owner of the address says so.

    Neutral: the subject line names nothing, since whom the campaign asks may read it.
    """
    message = render(
        "confirm_subscription",
        locale=locale,
        title=campaign.title,
        neutral=neutral,
        days=config().durations.subscription_request.days,
    )
    url = f"{config().public_base_url}/follow/{token}"
    outbox.put(message, to=address, kind=EmailKind.CONFIRMATION, now=now, links={"confirm": url})


def already_following(
    address: str, campaign: Campaign, subscriber: Subscriber, *, neutral: bool, locale: str, now: dt.datetime
) -> None:
    """You follow it already; here is where to change what comes."""
    message = render("already_following", locale=locale, title=campaign.title, neutral=neutral)
    url = f"{config().public_base_url}/u/{links.token(subscriber, links.MANAGE)}/{links.MANAGE}"
    outbox.put(message, to=address, kind=EmailKind.CONFIRMATION, now=now, links={"manage": url})
