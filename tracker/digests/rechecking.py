"""Right before digests leave: may each still go? Looked at a batch at a time (digests.md, rule 4).

What decides is who may read what today. People of one role and the same memberships who would read the same entries
are asked about once; whoever changed what they follow since, or is told something off the record, is asked about alone.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from tracker.accounts.models import Account, CampaignMember, Role
from tracker.campaigns.models import Campaign
from tracker.db import db, one_of
from tracker.deliveries import leaving
from tracker.digests import links
from tracker.digests.followed import campaigns_told_to
from tracker.digests.models import Digest, DigestItem, DigestState, Subscriber, Subscription
from tracker.digests.readers import Reader, alike, readers_of
from tracker.digests.selecting import still_tellable_to
from tracker.digests.sending import follow_mail, free, mails_sent
from tracker.mail import unsealed
from tracker.mail.claims import Claimed
from tracker.mail.models import Email, EmailKind
from tracker.mail.settling import Watch
from tracker.sealing import keyring
from tracker.timeline.models import EntryVisibility, TimelineEntry

ANEW = "something in it may no longer be told; composed anew"
LATE = "the next one is due already; composed anew"
MOVED = "its receiver has another address now; composed anew"


def recheck(emails: Sequence[Claimed], now: dt.datetime) -> dict[int, str]:
    """Why some of these claimed mails may not go, by id."""
    batch = _Batch.of([email for email in emails if email.kind is EmailKind.DIGEST])
    tellable = batch.tellable(now)
    refused: dict[int, str] = {}
    for email, of in batch.mails:
        if of.has_ended or not of.is_reachable:
            refused[email.id] = of.end_reason or "the account is not in use"
        elif of.has_moved:
            refused[email.id] = MOVED
        elif batch.alike[email.id] not in tellable:
            refused[email.id] = ANEW
        elif not email.ambiguous and of.digest_id in batch.overtaken:
            refused[email.id] = LATE
    return refused


def put_right(reasons: Mapping[int, str], now: dt.datetime) -> None:
    """The digests of mails that were cancelled for these reasons are due again; or skipped, where nobody is to read
    them."""
    digests = db.session.scalars(sa.select(Digest).where(one_of(Digest.email_id, sorted(reasons))).order_by(Digest.id))
    for digest in digests.all():
        reason = reasons[digest.email_id or 0]
        free(digest)
        if reason in (ANEW, LATE, MOVED):
            digest.state = DigestState.DUE
        else:
            digest.state, digest.reason, digest.settled_at = DigestState.SKIPPED, reason, now


class _Digest(NamedTuple):
    """What decides of one mail, without the objects: a batch has hundreds."""

    digest_id: int
    email_id: int
    subscriber_id: int
    is_composed: bool
    has_ended: bool
    end_reason: str
    account_id: int | None
    role: Role | None
    is_reachable: bool
    address: str | None  # of the account, today
    recipient_hash: str  # of the address to which the mail was written

    @property
    def has_moved(self) -> bool:
        """Whether the account has another address than the mail was written to. A bare address is never changed."""
        if self.address is None or not self.recipient_hash:
            return False
        return (
            self.recipient_hash != keyring().address_hash(self.address)
            and self.recipient_hash not in keyring().address_hashes(self.address)  # by a former key
        )

    @classmethod
    def of(cls, email_ids: Sequence[int]) -> list[_Digest]:
        """The digests of these mails. Asked in two steps, each by keys: PostgreSQL cannot know how many digests have so
        many mails, and would read all subscribers and accounts rather than theirs."""
        digests = db.session.execute(
            sa.select(
                Digest.id, Digest.email_id, Digest.subscriber_id, Digest.composed_at.is_not(None), Email.recipient_hash
            )
            .join(Email, Email.id == Digest.email_id)
            .where(one_of(Email.id, email_ids))
        ).all()
        is_reachable = sa.case(
            (Subscriber.account_id.is_not(None), Account.active),
            else_=sa.and_(Subscriber.address_sealed.is_not(None), Subscriber.confirmed_at.is_not(None)),
        )
        whose = (
            sa.select(
                Subscriber.id, Subscriber.ended_at.is_not(None), Subscriber.end_reason, Subscriber.account_id,
                Account.role, is_reachable, Account.email,
            )
            .outerjoin(Account, Account.id == Subscriber.account_id)
            .where(one_of(Subscriber.id, sorted({row[2] for row in digests})))
        )  # fmt: skip
        known: dict[int, Sequence[Any]] = {row[0]: row[1:] for row in db.session.execute(whose)}
        return [cls._make((*row[:4], *known[row[2]], row[4])) for row in digests]


@dataclass(frozen=True)
class _Batch:
    """What is known of some mails, asked of the database for all of them at once."""

    mails: list[tuple[Claimed, _Digest]]
    told: Mapping[int, frozenset[int]]  # entries, by digest
    confided: frozenset[int]  # entries among them that are off the record
    member_of: Mapping[int, frozenset[int]]  # campaigns, by account
    followed_anew: frozenset[int]  # digests whose subscriber began or ended to follow something since
    overtaken: frozenset[int]  # digests whose next one waits to be composed already, and would tell the same with more

    @classmethod
    def of(cls, emails: Sequence[Claimed]) -> _Batch:
        digests = {one.email_id: one for one in _Digest.of([email.id for email in emails])} if emails else {}
        mails = [(email, digests[email.id]) for email in emails if email.id in digests]
        subscribers = sorted({one.subscriber_id for one in digests.values()})
        accounts = sorted({one.account_id for one in digests.values() if one.account_id is not None})
        ids = [one.digest_id for one in digests.values()]
        told = _told(subscribers, ids)
        return cls(
            mails=mails,
            told=told,
            confided=_confided(frozenset().union(*told.values())),
            member_of=_grouped(
                sa.select(CampaignMember.account_id, CampaignMember.campaign_id).where(
                    one_of(CampaignMember.account_id, accounts)
                )
            ),
            followed_anew=_followed_anew(ids),
            overtaken=_overtaken(subscribers, ids),
        )

    @functools.cached_property
    def alike(self) -> Mapping[int, Hashable]:
        """What mails, by id, have in common about which the same is true. One body names the same campaigns to all."""
        return {email.id: self._standing(email, of) for email, of in self.mails}

    def _standing(self, email: Claimed, of: _Digest) -> Hashable:
        told = self.told.get(of.digest_id, frozenset())
        if not of.is_composed or of.digest_id in self.followed_anew or not told.isdisjoint(self.confided):
            return of.digest_id
        standing = of.account_id and (of.role, self.member_of.get(of.account_id, frozenset()))
        return standing, told, email.body_id

    def tellable(self, now: dt.datetime) -> set[Hashable]:
        """The groups whose receivers may still see, and still follow, all that their mails tell and name: one mail of
        each is looked at."""
        one_each = {self.alike[email.id]: (email, of) for email, of in self.mails}
        wanted = sorted({of.subscriber_id for _email, of in one_each.values()})
        found = sa.select(Subscriber).where(one_of(Subscriber.id, wanted)).options(joinedload(Subscriber.account))
        subscribers = list(db.session.scalars(found)) if wanted else []
        readers = {reader.id: reader for reader in readers_of(subscribers, today=now.date())} if wanted else {}
        asked = [
            (readers[of.subscriber_id], self.told.get(of.digest_id, frozenset()), _named(email))
            for email, of in one_each.values()
        ]
        told = still_tellable_to([(reader, told) for reader, told, _named in asked], now=now)
        named = _still_named([(reader, named) for reader, _told, named in asked])
        return {key for key, *allowed in zip(one_each, told, named, strict=True) if all(allowed)}


def _still_named(asked: Sequence[tuple[Reader, frozenset[str]]]) -> list[bool]:
    """Whether each may be told of all of these campaigns, given by their public ids; asked once a circle."""
    readable: dict[Hashable, set[str]] = {}
    for group in alike(asked, lambda one: one[0].circle):
        wanted = frozenset().union(*(named for _reader, named in group))
        may = campaigns_told_to(group[0][0].subscriber).with_only_columns(Campaign.public_id)
        readable[group[0][0].circle] = set(db.session.scalars(may.where(Campaign.public_id.in_(wanted))))
    return [named <= readable[reader.circle] for reader, named in asked]


def _grouped(pairs: sa.Select[int, int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for key, value in db.session.execute(pairs):
        found.setdefault(key, set()).add(value)
    return {key: frozenset(values) for key, values in found.items()}


def _confided(entries: Collection[int]) -> frozenset[int]:
    found = sa.select(TimelineEntry.id).where(
        TimelineEntry.id.in_(entries), TimelineEntry.visibility == EntryVisibility.OFF_THE_RECORD
    )
    return frozenset(db.session.scalars(found))


def _told(subscribers: Sequence[int], digests: Sequence[int]) -> dict[int, frozenset[int]]:
    """Which entries these digests tell. Most tell the same: those are put together by the database, and read once."""
    entries = sa.func.aggregate_strings(sa.cast(DigestItem.entry_id, sa.Text), ",")
    rows = db.session.execute(
        sa.select(DigestItem.digest_id, entries)
        .where(one_of(DigestItem.subscriber_id, subscribers), one_of(DigestItem.digest_id, digests))
        .group_by(DigestItem.digest_id)
    )
    read: dict[str, frozenset[int]] = {}
    told = {}
    for digest_id, words in rows:
        if words not in read:
            read[words] = frozenset(map(int, words.split(",")))
        told[digest_id] = read[words]
    return told


def _followed_anew(digests: Sequence[int]) -> frozenset[int]:
    since = sa.or_(Subscription.began_at >= Digest.composed_at, Subscription.ended_at >= Digest.composed_at)
    found = sa.select(Digest.id).join(Subscription, Subscription.subscriber_id == Digest.subscriber_id)
    return frozenset(db.session.scalars(found.where(one_of(Digest.id, digests), since)))


def _overtaken(subscribers: Sequence[int], digests: Sequence[int]) -> frozenset[int]:
    following = aliased(Digest)
    found = (
        sa.select(Digest.id)
        .join(following, following.subscriber_id == Digest.subscriber_id)
        .where(
            one_of(following.subscriber_id, subscribers), following.state == DigestState.DUE,
            one_of(Digest.id, digests), following.due_at > Digest.due_at,
        )
    )  # fmt: skip
    return frozenset(db.session.scalars(found))


def _named(email: Claimed) -> frozenset[str]:
    """The public ids of the campaigns that a mail names: it has a link to stop each."""
    prefix = links.stop_name("")
    return frozenset(name.removeprefix(prefix) for name in unsealed.links_of(email) if name.startswith(prefix))


def recheck_each(emails: Sequence[Claimed], now: dt.datetime) -> dict[int, str]:
    """The same of every kind of mail that may have to stay."""
    return recheck(emails, now) | leaving.recheck(emails, now)


WATCH = Watch(recheck=recheck_each, stopped=put_right, sent=mails_sent, changed=follow_mail)
