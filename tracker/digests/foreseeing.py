"""What would be sent now, and to whom nothing would and why. Looks, and changes nothing."""

from __future__ import annotations

import datetime as dt
import enum
import functools
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa
from flask_babel import force_locale
from sqlalchemy.orm import selectinload

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.campaigns.queries import readable_campaigns
from tracker.db import db
from tracker.digests.content import Gathered, gather_for
from tracker.digests.emails import digest_message
from tracker.digests.links import links_of
from tracker.digests.models import Subscriber
from tracker.digests.periods import clock_of
from tracker.digests.sending import address_of
from tracker.digests.turns import Turn, turns
from tracker.digests.watching import hears
from tracker.mail import outbox
from tracker.mail.render import Message
from tracker.settings import config
from tracker.timeline.models import TimelineEntry
from tracker.timeline.queries import entries_visible_to
from tracker.words import _, gettext

# Stands in the place of a receiver's token.
HIDDEN = "…"
Found = TypeVar("Found")

logger = logging.getLogger("tracker.digests")


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


def receivers_numbered(numbers: Sequence[int]) -> Sequence[Subscriber]:
    """These of them, in order."""
    found = sa.select(Subscriber).where(Subscriber.id.in_(numbers)).order_by(Subscriber.id)
    return db.session.scalars(found.options(selectinload(Subscriber.account))).all()


def foresee(subscriber: Subscriber, *, now: dt.datetime) -> Foreseen:
    """What would become of this subscriber's digest if it fell due now, with what it would say."""
    (found,) = foresee_all([subscriber], now=now, whole=True)
    return found


def foresee_all(subscribers: Sequence[Subscriber], *, now: dt.datetime, whole: bool = False) -> list[Foreseen]:
    """The same for many at once, in their order; what each would say only if `whole`. Nobody broken stops others."""
    broken = {
        one.id: gettext("this machine does not know the time zone %(zone)s", zone=one.zone)
        for one in subscribers
        if clock_of(one.zone) is None
    }
    addresses = {
        one.id: _unless_broken(one, functools.partial(address_of, one), broken) if one.ended_at is None else None
        for one in subscribers
    }
    hearing = [one for one in subscribers if addresses[one.id] is not None and one.id not in broken]
    coming = _coming(hearing, now, broken)
    refused = outbox.refusals({address for address in addresses.values() if address is not None})
    found = []
    for one in subscribers:
        address = addresses[one.id]
        gathered = None
        if whole and one.id in coming:
            with force_locale(one.locale):
                gathered = _unless_broken(one, functools.partial(gather_for, coming[one.id], now=now), broken)
        if one.id in broken:
            found.append(Foreseen(one, address, Would.FAIL, broken[one.id]))
        elif address is None:
            why = one.end_reason or gettext("the account is not in use")
            found.append(Foreseen(one, address, Would.SKIP, why))
        elif not (gathered if whole else coming[one.id].told):
            found.append(Foreseen(one, address, Would.SKIP, gettext("nothing to say")))
        elif address in refused:
            found.append(Foreseen(one, address, Would.FAIL, refused[address]))
        else:
            found.append(Foreseen(one, address, Would.MAIL, "", gathered))
    return found


def _coming(hearing: Sequence[Subscriber], now: dt.datetime, broken: dict[int, str]) -> dict[int, Turn]:
    """What decides everybody's words; of whom that cannot be told, why, in `broken`."""

    def ask(some: Sequence[Subscriber]) -> list[Turn]:
        return turns(some, due_at={one.id: now for one in some}, now=now)

    try:
        found = ask(hearing)
    except sa.exc.DBAPIError:
        raise
    except Exception:
        found = [turn for one in hearing for turn in _unless_broken(one, functools.partial(ask, [one]), broken) or ()]
    return {turn.reader.id: turn for turn in found}


def _unless_broken(one: Subscriber, ask: Callable[[], Found], broken: dict[int, str]) -> Found | None:
    """The answer, or in `broken` why it cannot be found for this subscriber. The database is nobody's fault."""
    try:
        return ask()
    except sa.exc.DBAPIError:
        raise
    except Exception as error:
        logger.error("digest of subscriber %s cannot be foreseen", one.public_id, exc_info=error)
        broken[one.id] = gettext("it could not be composed (%(error)s)", error=type(error).__name__)
    return None


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
