"""That readers are told what their mails say: rows for thousands at once, written with their mails (rule 3)."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa

from tracker.campaigns.models import Campaign
from tracker.db import along, db, dialect, given
from tracker.digests.addressees import Addressee
from tracker.digests.due import Due
from tracker.digests.links import linker
from tracker.digests.models import Digest, DigestItem, DigestState
from tracker.digests.sending import follow_mail
from tracker.mail import outbox
from tracker.mail.mailings import Mailing, put_mailings
from tracker.mail.models import Email, EmailKind
from tracker.mail.render import Message
from tracker.postgresql import checked_by_one_plan


@dataclass(frozen=True)
class Ready:
    """Somebody whose digest is to be composed, and where it goes."""

    subscriber: Addressee
    digest: Due
    address: str


@dataclass(frozen=True)
class Telling:
    """Readers of the same words, in the order of their mails, and the entries that these tell."""

    readers: Sequence[Ready]
    mailing: Mailing
    entries: Sequence[int]


def receivers_of(message: Message, ones: Sequence[Ready], campaigns: Sequence[Campaign]) -> list[outbox.Receiver]:
    """Where this message goes, with each one's links, of which one stops each campaign that it names. Raises ValueError
    when a link is missing."""
    links = linker(campaigns)
    receivers = [outbox.Receiver(one.address, links(one.subscriber)) for one in ones]
    outbox.check_links(message, receivers)
    return receivers


def tell(tellings: Sequence[Telling], now: dt.datetime) -> None:
    """Put these mails into the outbox; note that the readers' digests are in them, and tell the entries."""
    db.session.flush()
    kind = dialect()
    with checked_by_one_plan(db.session.connection()):
        mails = put_mailings([one.mailing for one in tellings], kind=EmailKind.DIGEST, now=now)
        readers = [(number, one) for number, telling in enumerate(tellings) for one in telling.readers]
        # Sorted, since writers in different orders deadlock.
        mailed = sorted(
            (one.subscriber.id, one.digest.id, mail.id, number)
            for (number, one), mail in zip(readers, mails, strict=True)
        )
        given_mailed = along(kind, "mailed", mailed)
        told = [(number, entry_id) for number, telling in enumerate(tellings) for entry_id in telling.entries]
        db.session.execute(_composed(kind), given_mailed | {"state": DigestState.READY, "now": now})
        db.session.execute(_told(kind), given_mailed | along(kind, "told", told))
    for mail in mails:
        if mail.is_refused:
            follow_mail(db.session.get_one(Email, mail.id), now)


def _mailed(kind: str) -> sa.FromClause:
    names = "subscriber_id", "digest_id", "email_id", "number"
    return given(kind, "mailed", **{name: sa.Integer() for name in names})


@functools.cache
def _composed(kind: str) -> sa.Update:
    """That digests are in mails."""
    digest, mailed = cast(sa.Table, Digest.__table__), _mailed(kind)
    values = {
        "email_id": mailed.c.email_id,
        "state": sa.bindparam("state", type_=digest.c.state.type),
        "reason": "",
        "composed_at": sa.bindparam("now", type_=digest.c.composed_at.type),
        "settled_at": None,
    }
    return sa.update(digest).where(digest.c.id == mailed.c.digest_id).values(values)


@functools.cache
def _told(kind: str) -> sa.Insert:
    """That each of these was told what their telling tells, by its number."""
    item, mailed = cast(sa.Table, DigestItem.__table__), _mailed(kind)
    told = sa.select(given(kind, "told", number=sa.Integer(), entry_id=sa.Integer())).cte("told")
    told = told.prefix_with("MATERIALIZED")  # or SQLite reads all of it from JSON again for each reader
    pairs = sa.select(mailed.c.subscriber_id, told.c.entry_id, mailed.c.digest_id)
    pairs = pairs.select_from(mailed.join(told, told.c.number == mailed.c.number))
    return sa.insert(item).from_select(
        ["subscriber_id", "entry_id", "digest_id"], pairs.order_by(mailed.c.subscriber_id, told.c.entry_id)
    )
