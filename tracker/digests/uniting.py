"""One person, one subscriber: what an address followed without an account is the account's that has it now.

Otherwise both would be written to, and a day had two digests. Nothing is told twice or lost: what was told to the
address counts as told to the account, and what was followed keeps the moment from which on it is.
"""

from __future__ import annotations

import datetime as dt
import secrets

import sqlalchemy as sa

from tracker.accounts.having import on_having
from tracker.accounts.models import Account
from tracker.db import db, one_of
from tracker.digests import planning, scheduling
from tracker.digests.models import Digest, DigestItem, DigestState, Subscriber, SubscriberMerge
from tracker.digests.periods import Schedule
from tracker.digests.queries import active_subscriptions, subscriber_of
from tracker.digests.sending import due_again
from tracker.sealing import keyring

UNITED = "the address has an account since, which follows it now"
ANEW = "its address has an account since; composed anew"
BATCH = 500  # accounts whose addresses are looked up in one question


@on_having
def unite(account: Account, now: dt.datetime) -> None:
    """Let an account follow what its address followed alone; inside a transaction. Once is enough, twice is once."""
    db.session.flush()
    hashes = keyring().address_hashes(account.email)
    found = sa.select(Subscriber.id).where(Subscriber.address_hash.in_(hashes), Subscriber.ended_at.is_(None))
    for number in db.session.scalars(found.order_by(Subscriber.id)).all():
        _unite(number, account, now)


def unite_all(now: dt.datetime) -> int:
    """The same for every account in use: a restore may part again what was united; how many were."""
    ring, united = keyring(), 0
    accounts = db.session.execute(sa.select(Account.id, Account.email).where(Account.active).order_by(Account.id)).all()
    for start in range(0, len(accounts), BATCH):
        some = accounts[start : start + BATCH]
        whose = {one: number for number, email in some for one in ring.address_hashes(email)}
        found = sa.select(Subscriber.address_hash).where(
            Subscriber.address_hash.in_(whose), Subscriber.ended_at.is_(None)
        )
        for number in sorted({whose[str(one)] for one in db.session.scalars(found)}):
            unite(db.session.get_one(Account, number), now)
            united += 1
    return united


def _unite(number: int, account: Account, now: dt.datetime) -> None:
    own = subscriber_of(account)
    # Composers, planners and whoever unsubscribes lock them too; always the older first.
    wanted = sa.select(Subscriber).where(one_of(Subscriber.id, sorted({number, own.id} if own else {number})))
    locked = wanted.order_by(Subscriber.id).with_for_update().execution_options(populate_existing=True)
    by_id = {one.id: one for one in db.session.scalars(locked)}
    alone = by_id[number]
    if alone.ended_at is not None or alone.address_hash is None:
        return
    if own is None:
        # The same row, with all that was told and is due: only whose it is changes.
        alone.account, alone.address_sealed, alone.address_hash = account, None, None
        db.session.flush()
        return
    _plan(alone, now)
    _plan(own, now)
    schedule = Schedule.of(alone if own.ended_at is not None else own)
    _take_digests(alone, own, now)
    _take_subscriptions(alone, own, now)
    own.ended_at, own.end_reason = None, ""
    own.neutral_subject = own.neutral_subject or alone.neutral_subject
    alone.ended_at, alone.end_reason = now, UNITED
    db.session.add(SubscriberMerge(subscriber_id=alone.id, into_id=own.id, merged_at=now))
    # The account has the address; a second copy, and finding this row by it, serve nobody.
    alone.address_sealed, alone.address_hash = None, f"united:{secrets.token_hex(24)}"
    db.session.flush()
    scheduling.reschedule(own, schedule, now)
    db.session.flush()


def _plan(subscriber: Subscriber, now: dt.datetime) -> None:
    """What fell due before is what was agreed then."""
    if subscriber.ended_at is None and subscriber.next_due_at <= now:
        planning.plan_alone(subscriber, now)
        db.session.refresh(subscriber)


def _take_digests(alone: Subscriber, own: Subscriber, now: dt.datetime) -> None:
    """Give the account the digests of the address, and what they told. Those that wait are composed anew, as one."""
    theirs, ours = (
        db.session.scalars(sa.select(Digest).where(Digest.subscriber_id == one.id).order_by(Digest.id)).all()
        for one in (alone, own)
    )
    for digest in theirs:
        _compose_anew(digest, now)
    if any(digest.state is DigestState.DUE for digest in theirs):
        for digest in ours:
            _compose_anew(digest, now)
    periods = {(one.frequency, one.period_key): one for one in ours}
    for digest in theirs:
        same = periods.get((digest.frequency, digest.period_key))
        if same is None:
            digest.subscriber = own
        elif digest.state is DigestState.DUE:
            digest.state, digest.reason, digest.settled_at = DigestState.SKIPPED, UNITED, now
            digest.merged_into_id = same.id
    db.session.flush()
    known = sa.select(DigestItem.entry_id).where(DigestItem.subscriber_id == own.id)
    told = sa.update(DigestItem).where(DigestItem.subscriber_id == alone.id, DigestItem.entry_id.not_in(known))
    quietly = {"synchronize_session": False}
    db.session.execute(told.values(subscriber_id=own.id).execution_options(**quietly))
    rest = sa.delete(DigestItem).where(DigestItem.subscriber_id == alone.id)
    db.session.execute(rest.execution_options(**quietly))


def _compose_anew(digest: Digest, now: dt.datetime) -> None:
    """Take back a digest that waits to be sent, unless it may have been handed over before."""
    if digest.state is DigestState.READY:
        due_again(digest, ANEW, now=now)


def _take_subscriptions(alone: Subscriber, own: Subscriber, now: dt.datetime) -> None:
    """Give the account what the address follows; what both follow is followed since the earlier moment."""
    already = {one.campaign_id: one for one in active_subscriptions(own) if one.campaign_id is not None}
    for one in active_subscriptions(alone):
        same = already.get(one.campaign_id or 0)
        if same is None:
            one.subscriber = own
        else:
            same.began_at = min(same.began_at, one.began_at)
            same.neutral_subject = same.neutral_subject or one.neutral_subject
            one.ended_at, one.end_reason = now, UNITED
    db.session.flush()
