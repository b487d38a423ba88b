"""A slice of digests, drafted while others write: SQLite has one writer, and most of composing is not writing.

What there is to say is found out from one look at the database. It is written down if all that it came from is as it
was; else composing takes the lock first, as it does for whoever needs more than a mail (ADR 48).
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.models import Campaign
from tracker.db import db, one_of
from tracker.digests.addressees import Addressee, addressees
from tracker.digests.composing import BATCH, LONGEST, NOTHING, skip, tell_all
from tracker.digests.content import gather_for
from tracker.digests.due import Due, due_by, is_waiting, waiting_by, whose_turn
from tracker.digests.emails import digest_message
from tracker.digests.models import Digest, DigestState, Subscriber, Subscription
from tracker.digests.readers import alike
from tracker.digests.telling import Ready, Telling, receivers_of
from tracker.digests.turns import turns
from tracker.mail import outbox
from tracker.mail.mailings import Mailing
from tracker.mail.models import Email, EmailBody
from tracker.mail.render import Message
from tracker.sealing import SealError
from tracker.timeline.models import Source, TimelineEntry

logger = logging.getLogger("tracker.digests")


@dataclass(frozen=True)
class Basis:
    """What words came from: these subscribers, and the history of these campaigns."""

    subscriber_ids: Sequence[int]
    campaign_ids: Sequence[int]

    def as_it_is(self) -> tuple[str, ...]:
        """All of it as texts, which are equal as long as nothing in it changed."""
        return tuple(map(_text_of, (*self._of_subscribers(), *self._of_campaigns())))

    def _of_subscribers(self) -> Iterable[sa.SelectBase]:
        # Of an account nothing: who may read what, and where the mail goes, is looked at again before it leaves.
        ids, digests = self.subscriber_ids, one_of(Digest.subscriber_id, self.subscriber_ids)
        mine = one_of(Subscriber.id, ids)
        yield sa.select(Subscriber.id, Subscriber.version, Subscriber.ended_at).where(mine).order_by(Subscriber.id)
        followed = one_of(Subscription.subscriber_id, ids), Subscription.ended_at.is_(None)
        yield sa.select(Subscription.id, Subscription.neutral_subject).where(*followed).order_by(Subscription.id)
        yield sa.select(Digest.id).where(digests, Digest.state == DigestState.DUE).order_by(Digest.id)
        waiting = sa.select(Digest.id).join(Email, Email.id == Digest.email_id).where(digests, *is_waiting())
        yield waiting.order_by(Digest.id)

    def _of_campaigns(self) -> Iterable[sa.SelectBase]:
        of = Campaign
        columns = of.id, of.slug, of.title, of.visibility, of.opened_at, of.deleted_at, of.merged_into_id
        yield sa.select(*columns).where(one_of(of.id, self.campaign_ids)).order_by(of.id)
        for model in (TimelineEntry, Deadline):
            yield _counted(model, model.deleted_at).where(one_of(model.campaign_id, self.campaign_ids))
        yield _counted(Source, Source.redacted_at)


def _counted(
    model: type[TimelineEntry] | type[Deadline] | type[Source], gone_at: sa.SQLColumnExpression[Any]
) -> sa.Select[int, int, int, int]:
    """Numbers of which one changes whenever one of these rows does: each save counts its version."""
    return sa.select(sa.func.count(), sa.func.sum(model.version), sa.func.max(model.id), sa.func.count(gone_at))


def _text_of(rows: sa.SelectBase) -> str:
    """Rows as one text, which SQLite writes quicker than we read them."""
    found = rows.subquery()
    return str(db.session.scalar(sa.select(sa.func.json_group_array(sa.func.json_array(*found.c)))))


@dataclass(frozen=True)
class Drafted:
    """A mail to readers of the same words, and what it tells them."""

    message: Message
    readers: Sequence[Ready]
    receivers: Sequence[outbox.Receiver]
    sealed: Sequence[Mapping[str, Any]]
    entries: Sequence[int]


@dataclass(frozen=True)
class Draft:
    """What is to be written, and what it came from."""

    now: dt.datetime
    mails: Sequence[Drafted]
    silent: Sequence[Due]  # to whom there is nothing to say
    basis: Basis
    was: tuple[str, ...]


def draft(now: dt.datetime, *, limit: int = BATCH, most: float = LONGEST) -> Draft | None:
    """What is to be written to up to `limit` subscribers whose turn it is and who need nothing but a mail. Reads only,
    for about `most` seconds at most.

    None when that can be said of fewer than half of them, or of somebody it cannot be said at all.
    """
    db.session.rollback()  # one look: what others write from now on is not in it
    try:
        some = addressees(Subscriber.id.in_(whose_turn(limit)), limit=limit)
        ready = _plain(some)
        found = _drafted(ready, now, time.monotonic() + most) if 2 * len(ready) > len(some) else None
    except sa.exc.DBAPIError:
        raise
    except Exception as error:  # whoever is broken fails when composed under the lock, alone
        logger.warning("digests of a batch cannot be drafted; composing them under the lock", exc_info=error)
        found = None
    db.session.rollback()
    return found


def write(found: Draft) -> Counter[str]:
    """Write it down; what became of digests. Nothing when what it came from has changed."""
    counts: Counter[str] = Counter()
    if found.basis.as_it_is() != found.was:
        return counts
    if found.silent:
        skip(found.silent, NOTHING, found.now)
        counts["skipped"] += len(found.silent)
    bodies: dict[Message, EmailBody] = {}
    for one in found.mails:
        if one.message not in bodies:
            bodies[one.message] = outbox.put_body(one.message, now=found.now)
    tellings = [
        Telling(one.readers, Mailing(bodies[one.message], one.receivers, one.sealed), one.entries)
        for one in found.mails
    ]
    tell_all(tellings, found.now, counts)
    return counts


def _plain(some: Sequence[Addressee]) -> dict[int, Ready]:
    """Who of these is to be told of one period, and of nothing that waits already, by subscriber."""
    due = due_by(one.id for one in some)
    waiting = waiting_by(due)
    ready = {}
    for one in some:
        try:
            address = one.address if one.ended_at is None else None
        except SealError:
            continue  # composing says so
        if address is not None and one.id not in waiting and len(due.get(one.id, ())) == 1:
            ready[one.id] = Ready(one, due[one.id][0], address)
    return ready


def _drafted(ready: Mapping[int, Ready], now: dt.datetime, end: float) -> Draft:
    mails: list[Drafted] = []
    silent: list[Due] = []
    campaigns: set[int] = set()
    due_at = {key: one.digest.due_at for key, one in ready.items()}
    for group in alike(
        turns([one.subscriber for one in ready.values()], due_at=due_at, now=now), lambda turn: turn.words
    ):
        if (mails or silent) and time.monotonic() > end:
            break  # the others are due as before
        ones = [ready[turn.reader.id] for turn in group]
        gathered = gather_for(group[0], now=now)
        campaigns |= {*group[0].reader.since, *(one.campaign.id for one in group[0].told)}
        if gathered is None:
            silent += [one.digest for one in ones]
            continue
        campaigns |= {*gathered.sized, *(one.id for one in gathered.campaigns)}
        message = digest_message(gathered.content)
        receivers = receivers_of(message, ones, gathered.campaigns)
        mails.append(Drafted(message, ones, receivers, outbox.sealed_rows(receivers), gathered.entries))
    ids = [one.subscriber.id for mail in mails for one in mail.readers] + [one.subscriber_id for one in silent]
    basis = Basis(sorted(ids), sorted(campaigns))
    return Draft(now, mails, silent, basis, basis.as_it_is())
