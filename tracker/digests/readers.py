"""Subscribers with what of them decides which words they read, loaded for many at once (ADR 29).

Two readers of one circle (`followed.circle_of`) who follow the same campaigns are asked about together.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.at_target import Targets
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, one_of
from tracker.digests.addressees import Addressee, Followed, followed_now_by
from tracker.digests.followed import circle_of, followed_by, joined_by
from tracker.digests.models import Subscriber
from tracker.timeline.models import EntryVisibility, TimelineEntry, entry_reader

One = TypeVar("One")


@dataclass(frozen=True)
class Reader:
    """One subscriber, as a digest needs to know them."""

    subscriber: Subscriber | Addressee
    since: Mapping[int, dt.datetime]  # what they hear about, from when on
    joined: Mapping[int, dt.datetime]  # of which campaigns they are a member
    # Alike to whoever may read the same; alone in it who may read something that is off the record.
    circle: Hashable
    # The campaigns that are followed with a neutral subject; also those at whose target the account's mailbox is, if
    # they are heard of only by way of something wider, of which nobody could say whether it may be named.
    neutral: frozenset[int]
    # Something is followed so of which any campaign may be told: a wider thing, or one that was merged into another.
    is_neutral_anywhere: bool

    @functools.cached_property
    def id(self) -> int:
        """The subscriber's."""
        return self.subscriber.id

    @functools.cached_property
    def account(self) -> Account | None:
        """Whose it is; None for a bare address."""
        return self.subscriber.account

    @functools.cached_property
    def follows(self) -> Hashable:
        """Alike to whoever may read, and hears about, the same campaigns."""
        return self.circle, frozenset(self.since)

    def wants_neutral(self, campaigns: Collection[Campaign]) -> bool:
        """Whether a mail about these campaigns must name nobody in its subject line: one is by link, or is followed
        so."""
        return (
            self.subscriber.neutral_subject
            or self.is_neutral_anywhere
            or any(one.visibility is Visibility.LINK or one.id in self.neutral for one in campaigns)
        )


def readers_of(subscribers: Sequence[Subscriber | Addressee], *, today: dt.date) -> list[Reader]:
    """These subscribers as readers, in their order."""
    joined, active = joined_by(subscribers), followed_now_by([one.id for one in subscribers])
    since = followed_by(subscribers, joined, active, today=today)
    confided = _confided([one.account_id for one in subscribers if one.account_id is not None])
    is_wide = any(each.campaign_id is None for one in subscribers if one.account_id for each in active[one.id])
    targets = Targets.of_all() if is_wide else None
    readers = []
    for one in subscribers:
        circle = circle_of(one, joined[one.id])
        quietly = [each for each in active[one.id] if each.neutral_subject]
        readers.append(
            Reader(
                subscriber=one,
                since=since[one.id],
                joined=joined[one.id],
                circle=(circle, one.account_id) if one.account_id in confided else circle,
                neutral=frozenset(each.campaign_id for each in quietly if each.campaign_id is not None)
                | _overlooked(one, active[one.id], targets),
                is_neutral_anywhere=any(not (of := each.campaign) or of.merged_into_id for each in quietly),
            )
        )
    return readers


def _overlooked(one: Subscriber | Addressee, active: Sequence[Followed], targets: Targets | None) -> frozenset[int]:
    """At whose target the account's mailbox is, of what it does not follow by itself."""
    if targets is None or one.account_id is None or all(each.campaign_id is not None for each in active):
        return frozenset()
    email = one.email if isinstance(one, Addressee) else one.account.email if one.account else None
    return targets.at(email or "") - {each.campaign_id for each in active if each.campaign_id is not None}


def alike(ones: Iterable[One], key: Callable[[One], Hashable]) -> list[list[One]]:
    """Those with equal keys together, in the order in which the first of each came."""
    groups: dict[Hashable, list[One]] = {}
    for one in ones:
        groups.setdefault(key(one), []).append(one)
    return list(groups.values())


def _confided(account_ids: Sequence[int]) -> set[int | None]:
    """Who of these wrote, or is named a reader of, anything that is off the record."""
    found = sa.select(TimelineEntry.actor_id).where(
        one_of(TimelineEntry.actor_id, account_ids), TimelineEntry.visibility == EntryVisibility.OFF_THE_RECORD
    )
    named = sa.select(entry_reader.c.account_id).where(one_of(entry_reader.c.account_id, account_ids))
    return {*db.session.scalars(found.distinct()), *db.session.scalars(named.distinct())}
