"""What is asked of the database about subscribers, subscriptions and digests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from tracker.accounts.models import Account
from tracker.campaigns.issues import standing_issue
from tracker.campaigns.merged import together
from tracker.campaigns.models import Campaign, CampaignSubject, Issue, SavedSearch
from tracker.companies.models import Company
from tracker.db import db, one_of
from tracker.digests.addressees import followed_now_by
from tracker.digests.followed import active_by, followed_by, joined_by
from tracker.digests.models import Digest, DigestItem, DigestRun, DigestState, Following, Subscriber, Subscription
from tracker.mail.models import Email

TOLD = (DigestState.READY, DigestState.SENT, DigestState.UNKNOWN)


def subscriber_of(account: Account) -> Subscriber | None:
    """The account's subscriber row, ended or not."""
    return db.session.scalar(sa.select(Subscriber).where(Subscriber.account_id == account.id))


def active_subscriptions(subscriber: Subscriber) -> list[Subscription]:
    """What a subscriber follows now."""
    return active_by([subscriber])[subscriber.id]


def subscription_of(subscriber: Subscriber, public_id: str) -> Subscription | None:
    """One subscription of a subscriber, ended or not."""
    found = sa.select(Subscription).where(
        Subscription.public_id == public_id, Subscription.subscriber_id == subscriber.id
    )
    return db.session.scalar(found)


def campaigns_of(ids: set[int]) -> dict[int, Campaign]:
    """The campaigns of these ids, with whom they ask."""
    found = sa.select(Campaign).where(Campaign.id.in_(ids))
    subjects = selectinload(Campaign.subjects).selectinload(CampaignSubject.company)
    return {one.id: one for one in db.session.scalars(found.options(subjects))}


def subscriptions_to(saved_search: SavedSearch) -> list[Subscription]:
    """Everybody's to a kept search, ended or not."""
    found = sa.select(Subscription).where(Subscription.saved_search_id == saved_search.id)
    return list(db.session.scalars(found.order_by(Subscription.id)))


def followed_searches(account: Account) -> set[int]:
    """The ids of the kept searches that an account follows."""
    subscriber = subscriber_of(account)
    if subscriber is None or subscriber.ended_at is not None:
        return set()
    return {one.saved_search_id for one in active_subscriptions(subscriber) if one.saved_search_id is not None}


def followed_since(subscriber: Subscriber, *, today: dt.date = dt.date.min) -> dict[int, dt.datetime]:
    """The campaigns a subscriber hears about, each with the moment from which on it does.

    `today` is for kept searches: left away, they find nothing by what opens on a certain day.

    A campaign that was stopped by itself stays out of what was followed more widely before (see `stop_campaign`).
    """
    alone = [subscriber]
    return followed_by(alone, joined_by(alone), followed_now_by([subscriber.id]), today=today)[subscriber.id]


@dataclass(frozen=True)
class FollowState:
    """Whether somebody hears about something, and why."""

    subscription: Subscription | None  # of this very thing
    wider: Subscription | None = None  # of a company or of everything, which includes it

    @property
    def is_followed(self) -> bool:
        """Whether they hear about it, one way or another."""
        return self.subscription is not None or self.wider is not None


def following(
    account: Account, *, campaign: Campaign | None = None, company: Company | None = None, issue: Issue | None = None
) -> FollowState:
    """Whether an account follows a campaign, a company, an issue area, or (none given) everything it may see."""
    subscriber = subscriber_of(account)
    if subscriber is None or subscriber.ended_at is not None:
        return FollowState(None)
    active = active_subscriptions(subscriber)
    everything = next((one for one in active if one.following is Following.EVERYTHING), None)
    if campaign is not None:
        # Who follows what was merged into it follows it.
        parts = together([campaign.id], account)
        own = next((one for one in active if one.campaign_id == campaign.id), None) or next(
            (one for one in active if one.campaign_id in parts), None
        )
        if own is None and campaign.id in followed_since(subscriber):
            wider = [one for one in active if one.campaign_id is None]
            return FollowState(None, wider[0] if wider else None)
        return FollowState(own)
    if company is not None:
        own = next((one for one in active if one.company_id == company.id), None)
        return FollowState(own, None if own else everything)
    if issue is not None:
        own = next((one for one in active if one.issue is not None and standing_issue(one.issue) is issue), None)
        return FollowState(own, None if own else everything)
    return FollowState(everything)


def following_anything(account: Account) -> bool:
    """Whether an account follows anything at all."""
    subscriber = subscriber_of(account)
    return subscriber is not None and subscriber.ended_at is None and bool(active_subscriptions(subscriber))


def runs() -> sa.Select[DigestRun]:
    """All runs, the latest first."""
    return sa.select(DigestRun).order_by(DigestRun.due_at.desc(), DigestRun.frequency)


def counts_of(run_ids: list[int]) -> dict[int, dict[DigestState, int]]:
    """How many digests of each run stand where."""
    rows = db.session.execute(
        sa.select(Digest.run_id, Digest.state, sa.func.count())
        .where(Digest.run_id.in_(run_ids))
        .group_by(Digest.run_id, Digest.state)
    )
    counts: dict[int, dict[DigestState, int]] = {run_id: {} for run_id in run_ids}
    for run_id, state, count in rows:
        counts[run_id][state] = count
    return counts


def run_by_public_id(public_id: str) -> DigestRun | None:
    """One run."""
    return db.session.scalar(sa.select(DigestRun).where(DigestRun.public_id == public_id))


def digests_of(run: DigestRun) -> sa.Select[Digest]:
    """A run's digests with their receivers and mails."""
    return (
        sa.select(Digest)
        .where(Digest.run_id == run.id)
        .order_by(Digest.id)
        .options(selectinload(Digest.subscriber).selectinload(Subscriber.account), selectinload(Digest.email))
    )


def digest_of(email: Email) -> Digest | None:
    """The digest that a mail carries."""
    return db.session.scalar(sa.select(Digest).where(Digest.email_id == email.id))


def latest_due(subscriber_ids: Iterable[int], *, before: dt.datetime) -> dict[int, dt.datetime]:
    """When the last one of each that was, or may have been, sent fell due before a moment; by subscriber."""
    rows = (
        sa.select(Digest.subscriber_id, sa.func.max(Digest.due_at))
        .where(one_of(Digest.subscriber_id, [*subscriber_ids]), Digest.state.in_(TOLD), Digest.due_at < before)
        .group_by(Digest.subscriber_id)
    )
    return dict(db.session.execute(rows).all())


def told_by(digest: Digest) -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions that an item is one of a digest's."""
    return DigestItem.subscriber_id == digest.subscriber_id, DigestItem.digest_id == digest.id
