"""Right before digests leave: may each still go? Looked at a batch at a time (digests.md, rule 4).

What decides is who may read what today. People of one role and the same memberships who would read the same entries
are asked about once; whoever changed what they follow since, or is told something off the record, is asked about alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.accounts.models import CampaignMember
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.digests import links
from tracker.digests.followed import campaigns_told_to
from tracker.digests.models import Digest, DigestItem, DigestState, Subscriber, Subscription
from tracker.digests.readers import readers_of
from tracker.digests.selecting import still_tellable
from tracker.digests.sending import address_of, follow_mail, free, mails_sent
from tracker.mail import outbox
from tracker.mail.models import Email, EmailKind
from tracker.mail.sender import Watch
from tracker.timeline.models import EntryVisibility, TimelineEntry

ANEW = "something in it may no longer be told; composed anew"
LATE = "the next one is due already; composed anew"


def recheck(emails: Sequence[Email], now: dt.datetime) -> dict[int, str]:
    """Why some of these claimed mails may not go, by id; their digests are due again, or skipped."""
    batch = _Batch.of([email for email in emails if email.kind is EmailKind.DIGEST])
    refused: dict[int, str] = {}
    verdicts: dict[object, bool] = {}
    for email, digest in batch.mails:
        subscriber = digest.subscriber
        if subscriber.ended_at is not None or address_of(subscriber) is None:
            refused[email.id] = subscriber.end_reason or "the account is not in use"
            if not email.ambiguous:
                free(digest)
                digest.state, digest.reason, digest.settled_at = DigestState.SKIPPED, refused[email.id], now
            continue
        alike = batch.alike(email, digest)
        if alike not in verdicts:
            verdicts[alike] = batch.may_be_told(email, digest, now)
        if not verdicts[alike]:
            refused[email.id] = ANEW
        elif not email.ambiguous and batch.next_is_due(digest):
            refused[email.id] = LATE
        if email.id in refused and not email.ambiguous:
            free(digest)
            digest.state = DigestState.DUE
    return refused


@dataclass(frozen=True)
class _Batch:
    """What is known of some mails, asked of the database for all of them at once."""

    mails: list[tuple[Email, Digest]]
    told: Mapping[int, frozenset[int]]  # entries, by digest
    confided: frozenset[int]  # entries among them that are off the record
    member_of: Mapping[int, frozenset[int]]  # campaigns, by account
    followed_anew: Mapping[int, dt.datetime]  # when a subscriber last began or ended to follow something
    due_next: Mapping[int, dt.datetime]  # the latest due moment of a subscriber that waits to be composed

    @classmethod
    def of(cls, emails: Sequence[Email]) -> _Batch:
        digests = {
            digest.email_id: digest
            for digest in db.session.scalars(
                sa.select(Digest)
                .where(Digest.email_id.in_([email.id for email in emails]))
                .options(joinedload(Digest.subscriber).joinedload(Subscriber.account))
            )
        }
        mails = [(email, digests[email.id]) for email in emails if email.id in digests]
        subscribers = {digest.subscriber_id for digest in digests.values()}
        accounts = {digest.subscriber.account_id for digest in digests.values()} - {None}
        told = _grouped(
            sa.select(DigestItem.digest_id, DigestItem.entry_id).where(
                DigestItem.digest_id.in_([digest.id for digest in digests.values()])
            )
        )
        return cls(
            mails=mails,
            told=told,
            confided=_confided(frozenset().union(*told.values())),
            member_of=_grouped(
                sa.select(CampaignMember.account_id, CampaignMember.campaign_id).where(
                    CampaignMember.account_id.in_(accounts)
                )
            ),
            followed_anew=_followed_anew(subscribers),
            due_next=_due_next(subscribers),
        )

    def alike(self, email: Email, digest: Digest) -> object:
        """What digests have in common about which the same is true."""
        told = self.told.get(digest.id, frozenset())
        since = self.followed_anew.get(digest.subscriber_id)
        if told & self.confided or digest.composed_at is None or (since is not None and since >= digest.composed_at):
            return digest.id
        account = digest.subscriber.account
        standing = (account.role, self.member_of.get(account.id, frozenset())) if account is not None else None
        return standing, told, _named(email)

    def may_be_told(self, email: Email, digest: Digest, now: dt.datetime) -> bool:
        """Whether the receiver may still see, and still follows, all that a composed mail tells and names."""
        told = self.told.get(digest.id, frozenset())
        (reader,) = readers_of([digest.subscriber], today=now.date())
        if told - still_tellable(reader, told, now=now):
            return False
        named = _named(email)
        readable = campaigns_told_to(digest.subscriber).with_only_columns(Campaign.public_id)
        return named <= set(db.session.scalars(readable.where(Campaign.public_id.in_(named))))

    def next_is_due(self, digest: Digest) -> bool:
        """Whether the next period waits to be composed already, and would tell the same with more."""
        following = self.due_next.get(digest.subscriber_id)
        return following is not None and following > digest.due_at


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


def _followed_anew(subscribers: Collection[int]) -> dict[int, dt.datetime]:
    last: dict[int, dt.datetime] = {}
    rows = db.session.execute(
        sa.select(Subscription.subscriber_id, sa.func.max(Subscription.began_at), sa.func.max(Subscription.ended_at))
        .where(Subscription.subscriber_id.in_(subscribers))
        .group_by(Subscription.subscriber_id)
    )
    for subscriber_id, began_at, ended_at in rows:
        last[subscriber_id] = max(began_at, ended_at or began_at)
    return last


def _due_next(subscribers: Collection[int]) -> dict[int, dt.datetime]:
    rows = db.session.execute(
        sa.select(Digest.subscriber_id, sa.func.max(Digest.due_at))
        .where(Digest.subscriber_id.in_(subscribers), Digest.state == DigestState.DUE)
        .group_by(Digest.subscriber_id)
    )
    return {row[0]: row[1] for row in rows}


def _named(email: Email) -> frozenset[str]:
    """The public ids of the campaigns that a mail names: it has a link to stop each."""
    prefix = links.stop_name("")
    return frozenset(name.removeprefix(prefix) for name in outbox.links_of(email) if name.startswith(prefix))


WATCH = Watch(recheck=recheck, sent=mails_sent, changed=follow_mail)
