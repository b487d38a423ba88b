"""Signers who follow the campaign read news in their next digest, so that it reaches them once (issue 5)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from tracker import clock
from tracker.accounts.models import Account
from tracker.db import db
from tracker.deliveries.sending import on_hearing
from tracker.digests.models import Subscriber
from tracker.digests.readers import readers_of
from tracker.digests.selecting import still_tellable
from tracker.sealing import keyring
from tracker.sealing.keyring import canonical_address
from tracker.timeline.models import TimelineEntry


@on_hearing
def read_it_in_a_digest(entry: TimelineEntry, addresses: Sequence[str]) -> set[str]:
    """Those of these addresses whose next digest tells of the entry: they follow the campaign since before it, and may
    read it."""
    now, ring = clock.now(), keyring()
    by_email = {canonical_address(address): address for address in addresses}
    by_hash = {one: address for address in addresses for one in ring.address_hashes(address)}
    found = db.session.scalars(
        sa.select(Subscriber)
        .outerjoin(Subscriber.account)
        .where(
            Subscriber.ended_at.is_(None),
            sa.or_(
                sa.and_(Account.email.in_(by_email), Account.active),
                sa.and_(Subscriber.address_hash.in_(by_hash), Subscriber.confirmed_at.is_not(None)),
            ),
        )
    ).all()
    hear = set()
    for reader in readers_of(found, today=now.date()):
        since = reader.since.get(entry.campaign_id)
        if since is not None and since < entry.recorded_at and still_tellable(reader, [entry.id], now=now):
            account = reader.account
            hear.add(by_email[account.email] if account else by_hash[str(reader.subscriber.address_hash)])
    return hear
