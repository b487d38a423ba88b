"""What would be sent now, and to whom nothing would and why. Looks, and changes nothing."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import force_locale
from sqlalchemy.orm import selectinload

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.campaigns.queries import readable_campaigns
from tracker.db import db
from tracker.digests.content import Gathered, gather
from tracker.digests.emails import digest_message
from tracker.digests.links import links_of
from tracker.digests.models import Subscriber
from tracker.digests.selecting import tellable
from tracker.digests.sending import address_of
from tracker.digests.watching import hears
from tracker.mail import outbox
from tracker.mail.render import Message
from tracker.settings import config
from tracker.timeline.models import TimelineEntry
from tracker.timeline.queries import entries_visible_to
from tracker.words import _, gettext

# Stands in the place of a receiver's token.
HIDDEN = "…"


class Would(enum.StrEnum):
    """What would become of a digest now."""

    MAIL = "mail"
    SKIP = "skip"
    FAIL = "fail"


@dataclass(frozen=True)
class Foreseen:
    """One subscriber's part."""

    subscriber: Subscriber
    address: str | None
    would: Would
    why: str
    gathered: Gathered | None = None


def receivers() -> sa.Select[Subscriber]:
    """Everybody who has a digest coming, whose turn is next first."""
    found: sa.Select[Subscriber] = (
        sa.select(Subscriber)
        .where(hears())
        .order_by(Subscriber.next_due_at, Subscriber.id)
        .options(selectinload(Subscriber.account))
    )
    return found


def receiver_ids() -> sa.Select[int]:
    """The same, by their numbers alone."""
    found: sa.Select[int] = sa.select(Subscriber.id).where(hears()).order_by(Subscriber.id)
    return found


def receiver(number: int) -> Subscriber:
    """One of them."""
    return db.session.get_one(Subscriber, number)


def foresee(subscriber: Subscriber, *, now: dt.datetime, whole: bool = False) -> Foreseen:
    """What would become of this subscriber's digest if it fell due now; `whole` gathers what it would say as well."""
    address = address_of(subscriber)
    if subscriber.ended_at is not None or address is None:
        return Foreseen(subscriber, address, Would.SKIP, subscriber.end_reason or gettext("the account is not in use"))
    with force_locale(subscriber.locale):
        gathered = gather(subscriber, due_at=now, now=now) if whole else None
    if gathered is None and (whole or not tellable(subscriber, due_at=now, now=now)):
        return Foreseen(subscriber, address, Would.SKIP, gettext("nothing to say"))
    if (reason := outbox.refusal(address)) is not None:
        return Foreseen(subscriber, address, Would.FAIL, reason)
    return Foreseen(subscriber, address, Would.MAIL, "", gathered)


def tally(found: Iterable[Foreseen]) -> dict[tuple[Would, str], int]:
    """How many of each, with why."""
    counts: dict[tuple[Would, str], int] = {}
    for one in found:
        counts[one.would, one.why] = counts.get((one.would, one.why), 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: -pair[1]))


def words_of(gathered: Gathered, subscriber: Subscriber) -> Message:
    """The mail as its receiver would read it."""
    with force_locale(subscriber.locale):
        return digest_message(gathered.content)


def shown(gathered: Gathered, subscriber: Subscriber) -> Message:
    """The same for somebody else's eyes: links that only the receiver may have lead nowhere, and look like it."""
    message = words_of(gathered, subscriber)
    return message.filled(dict.fromkeys(message.link_names(), f"{config().public_base_url}/u/{HIDDEN}"))


def filled(gathered: Gathered, subscriber: Subscriber) -> Message:
    """The same with the receiver's own links: for the receiver alone."""
    return words_of(gathered, subscriber).filled(links_of(subscriber, list(gathered.campaigns)))


def may_read(account: Account, gathered: Gathered, *, today: dt.date) -> bool:
    """Whether somebody else may read this mail: only who may see every campaign it names and every entry it tells."""
    named = {campaign.id for campaign in gathered.campaigns}
    readable = readable_campaigns(account).with_only_columns(Campaign.id).where(Campaign.id.in_(named))
    if set(db.session.scalars(readable)) != named:
        return False
    told = set(gathered.entries)
    visible = sa.select(TimelineEntry.id).where(TimelineEntry.id.in_(told), entries_visible_to(account, today=today))
    return set(db.session.scalars(visible)) == told


NOT_YOURS = _("It tells of something that you may not see, so its words are not shown to you.")
