"""Whom a run writes to, and what they follow, as columns: a run has thousands, and their objects take most of its time.

They stand where a Subscriber or a Subscription may stand; what few of them need is loaded when it is asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field, fields
from typing import cast

import sqlalchemy as sa

from tracker.accounts.models import Account, Role
from tracker.campaigns.models import Campaign, Issue, SavedSearch
from tracker.db import db, one_of
from tracker.digests.models import Following, Frequency, Subscriber, Subscription
from tracker.sealing import keyring


@dataclass(slots=True)
class Addressee:
    """A subscriber."""

    id: int
    public_id: str
    account_id: int | None
    address_sealed: str | None
    address_hash: str | None
    frequency: Frequency
    weekday: int
    month_day: int
    hour: int
    zone: str
    locale: str
    neutral_subject: bool
    confirmed_at: dt.datetime | None
    ended_at: dt.datetime | None
    end_reason: str
    link_secret: str
    role: Role | None  # of the account
    email: str | None  # of the account
    is_active: bool | None  # the account
    _account: Account | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def account(self) -> Account | None:
        """Whose it is, loaded when first asked for; None for a bare address."""
        if self._account is None and self.account_id is not None:
            self._account = db.session.get_one(Account, self.account_id)
        return self._account

    @property
    def address(self) -> str | None:
        """Where mail goes, as `sending.address_of` says of a Subscriber."""
        if self.account_id is not None:
            return self.email if self.is_active else None
        if self.address_sealed is None or self.confirmed_at is None:
            return None
        return keyring().open(self.address_sealed, f"subscriber|address|{self.public_id}")


_SUBSCRIBER, _ACCOUNT = cast(sa.Table, Subscriber.__table__), cast(sa.Table, Account.__table__)
_OF_ACCOUNT = {"role": _ACCOUNT.c.role, "email": _ACCOUNT.c.email, "is_active": _ACCOUNT.c.active}
_ADDRESSEE = [
    _OF_ACCOUNT[one.name] if one.name in _OF_ACCOUNT else _SUBSCRIBER.c[one.name]
    for one in fields(Addressee)
    if one.init
]


def addressees(wanted: sa.ColumnElement[bool], *, limit: int) -> list[Addressee]:
    """Subscribers of whom a condition is true, up to `limit`, locked for the caller; who is locked is left out."""
    found = (
        sa.select(*_ADDRESSEE)
        .select_from(_SUBSCRIBER.outerjoin(_ACCOUNT, _ACCOUNT.c.id == _SUBSCRIBER.c.account_id))
        .where(wanted)
        .order_by(_SUBSCRIBER.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=_SUBSCRIBER)
    )
    return [Addressee(*row) for row in db.session.execute(found)]


@dataclass(slots=True)
class Followed:
    """A subscription that lasts."""

    subscriber_id: int
    following: Following
    campaign_id: int | None
    company_id: int | None
    issue_id: int | None
    saved_search_id: int | None
    began_at: dt.datetime
    neutral_subject: bool

    @property
    def campaign(self) -> Campaign | None:
        """What is followed, if it is a campaign."""
        return None if self.campaign_id is None else db.session.get_one(Campaign, self.campaign_id)

    @property
    def issue(self) -> Issue | None:
        """What is followed, if it is an issue area."""
        return None if self.issue_id is None else db.session.get_one(Issue, self.issue_id)

    @property
    def saved_search(self) -> SavedSearch | None:
        """What is followed, if it is a kept search."""
        return None if self.saved_search_id is None else db.session.get_one(SavedSearch, self.saved_search_id)


_SUBSCRIPTION = cast(sa.Table, Subscription.__table__)
_FOLLOWED = [_SUBSCRIPTION.c[one.name] for one in fields(Followed)]


def followed_now_by(subscriber_ids: Collection[int]) -> dict[int, list[Followed]]:
    """What each of these follows now, in the order in which it was begun."""
    found: dict[int, list[Followed]] = {one: [] for one in subscriber_ids}
    rows = sa.select(*_FOLLOWED).where(
        one_of(_SUBSCRIPTION.c.subscriber_id, [*found]), _SUBSCRIPTION.c.ended_at.is_(None)
    )
    for row in db.session.execute(rows.order_by(_SUBSCRIPTION.c.id)):
        found[row[0]].append(Followed(*row))
    return found
