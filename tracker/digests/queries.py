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
from tracker.campaigns.models import (
    Campaign,
    CampaignSubject,
    Issue,
    SavedSearch,
    Target,
    Visibility,
    campaign_issue,
)
from tracker.campaigns.queries import readable_campaigns
from tracker.companies.models import Company
from tracker.db import db
from tracker.digests.merges import heard_together
from tracker.digests.models import Digest, DigestRun, DigestState, Following, Subscriber, Subscription
from tracker.finding.campaigns import ids_fitting
from tracker.finding.saved import wanted_by
from tracker.mail.models import Email

STOPPED = "stopped by the reader"


def subscriber_of(account: Account) -> Subscriber | None:
    """The account's subscriber row, ended or not."""
    return db.session.scalar(sa.select(Subscriber).where(Subscriber.account_id == account.id))


def active_subscriptions(subscriber: Subscriber) -> list[Subscription]:
    """What a subscriber follows now."""
    found = sa.select(Subscription).where(Subscription.subscriber_id == subscriber.id, Subscription.ended_at.is_(None))
    return list(db.session.scalars(found.order_by(Subscription.id)))


def subscription_of(subscriber: Subscriber, public_id: str) -> Subscription | None:
    """One subscription of a subscriber, ended or not."""
    found = sa.select(Subscription).where(
        Subscription.public_id == public_id, Subscription.subscriber_id == subscriber.id
    )
    return db.session.scalar(found)


def campaigns_told_to(subscriber: Subscriber) -> sa.Select[Campaign]:
    """Every campaign this subscriber may be told of: readable now, however little of it is followed."""
    found: sa.Select[Campaign]
    if subscriber.account is not None:
        found = readable_campaigns(subscriber.account)
    else:
        found = sa.select(Campaign).where(Campaign.deleted_at.is_(None), Campaign.visibility == Visibility.PUBLIC)
    return found


def campaigns_of(ids: set[int]) -> dict[int, Campaign]:
    """The campaigns of these ids, with whom they ask."""
    found = sa.select(Campaign).where(Campaign.id.in_(ids))
    subjects = selectinload(Campaign.subjects).selectinload(CampaignSubject.company)
    return {one.id: one for one in db.session.scalars(found.options(subjects))}


def campaigns_of_company(company_id: int) -> set[int]:
    """The ids of campaigns that ask a company, or ask about it."""
    subjects = sa.select(CampaignSubject.campaign_id).where(CampaignSubject.company_id == company_id)
    targets = sa.select(Target.campaign_id).where(Target.company_id == company_id, Target.deleted_at.is_(None))
    return {*db.session.scalars(subjects), *db.session.scalars(targets)}


def campaigns_of_issue(issue: Issue) -> set[int]:
    """The ids of campaigns that bear an issue area, or the one that stands for it since they were merged."""
    here = standing_issue(issue)
    bearing = sa.select(campaign_issue.c.campaign_id).where(campaign_issue.c.issue_id == here.id)
    return set() if here.deleted_at is not None else set(db.session.scalars(bearing))


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


def campaigns_found_by(saved_search: SavedSearch, account: Account, *, today: dt.date) -> set[int]:
    """The ids of campaigns that a kept search finds for its owner."""
    return set(db.session.scalars(ids_fitting(wanted_by(saved_search), account, today)))


def followed_since(subscriber: Subscriber, *, today: dt.date = dt.date.min) -> dict[int, dt.datetime]:
    """The campaigns a subscriber hears about, each with the moment from which on it does.

    `today` is for kept searches: left away, they find nothing by what opens on a certain day.

    A campaign that was stopped by itself stays out of what was followed more widely before (see `stop_campaign`).
    """
    told = set(db.session.scalars(campaigns_told_to(subscriber).with_only_columns(Campaign.id)))
    stopped = _stopped(subscriber)
    narrow: dict[int, dt.datetime] = {}
    wide: list[tuple[dt.datetime, set[int]]] = []
    for one in active_subscriptions(subscriber):
        if one.campaign_id is not None:
            narrow[one.campaign_id] = min(one.began_at, narrow.get(one.campaign_id, one.began_at))
        elif one.company_id is not None:
            wide.append((one.began_at, campaigns_of_company(one.company_id)))
        elif one.issue is not None:
            wide.append((one.began_at, campaigns_of_issue(one.issue)))
        elif one.saved_search is not None and subscriber.account is not None:
            wide.append((one.began_at, campaigns_found_by(one.saved_search, subscriber.account, today=today)))
        elif one.following is Following.EVERYTHING:
            wide.append((one.began_at, told))
    since = dict(narrow)

    def widen(ways: list[tuple[dt.datetime, set[int]]]) -> None:
        for began_at, ids in ways:
            for campaign_id in ids:
                if campaign_id in narrow or campaign_id not in stopped or stopped[campaign_id] < began_at:
                    since[campaign_id] = min(began_at, since.get(campaign_id, began_at))

    widen(wide)
    widen(heard_together({one: began_at for one, began_at in since.items() if one in told}, told))
    return {campaign_id: began_at for campaign_id, began_at in since.items() if campaign_id in told}


def wants_neutral(subscriber: Subscriber, campaigns: Iterable[Campaign]) -> bool:
    """Whether a mail about these campaigns must name nobody in its subject line: one is by link, or is followed so."""
    about = list(campaigns)
    if any(campaign.visibility is Visibility.LINK for campaign in about):
        return True
    named = {campaign.id for campaign in about}
    # Of a merged campaign the mail tells under the name of the one it went into; a wider one may be any.
    return any(
        one.neutral_subject
        and (one.campaign is None or one.campaign.id in named or one.campaign.merged_into_id is not None)
        for one in active_subscriptions(subscriber)
    )


def _stopped(subscriber: Subscriber) -> dict[int, dt.datetime]:
    """When each campaign that was stopped by itself was stopped last."""
    stopped: dict[int, dt.datetime] = {}
    ended = sa.select(Subscription).where(
        Subscription.subscriber_id == subscriber.id,
        Subscription.following == Following.CAMPAIGN,
        Subscription.end_reason == STOPPED,
    )
    for one in db.session.scalars(ended):
        if one.campaign_id is not None and one.ended_at is not None:
            stopped[one.campaign_id] = max(one.ended_at, stopped.get(one.campaign_id, one.ended_at))
    return stopped


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


def latest_digest(subscriber: Subscriber, *, before: dt.datetime | None = None) -> Digest | None:
    """The last digest that was, or may have been, sent."""
    told = [DigestState.READY, DigestState.SENT, DigestState.UNKNOWN]
    found = sa.select(Digest).where(Digest.subscriber_id == subscriber.id, Digest.state.in_(told))
    if before is not None:
        found = found.where(Digest.due_at < before)
    return db.session.scalar(found.order_by(Digest.due_at.desc(), Digest.id.desc()).limit(1))
