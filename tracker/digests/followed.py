"""What subscribers hear about, and since when; asked for many of them at once (ADR 29).

What decides who may read what is asked once a *circle*: people of one role and the same memberships. What is followed
by way of a company or an issue area is asked once for each of these, a kept search once for its owner.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence

import sqlalchemy as sa

from tracker.accounts.models import Account, CampaignMember
from tracker.campaigns.issues import standing_issue
from tracker.campaigns.models import Campaign, Issue, SavedSearch, Target, Visibility, campaign_issue
from tracker.campaigns.models import CampaignSubject as Subject
from tracker.campaigns.queries import readable_campaigns
from tracker.db import db, one_of
from tracker.digests.addressees import Addressee, Followed
from tracker.digests.merges import heard_together, merges
from tracker.digests.models import Following, Subscriber, Subscription
from tracker.finding.campaigns import ids_fitting
from tracker.finding.saved import wanted_by

STOPPED = "stopped by the reader"

Moments = dict[int, dt.datetime]  # campaign id → since when


def campaigns_told_to(subscriber: Subscriber | Addressee) -> sa.Select[Campaign]:
    """Every campaign this subscriber may be told of: readable now, however little of it is followed."""
    found: sa.Select[Campaign]
    if subscriber.account is not None:
        found = readable_campaigns(subscriber.account)
    else:
        found = sa.select(Campaign).where(Campaign.deleted_at.is_(None), Campaign.visibility == Visibility.PUBLIC)
    return found


def open_campaigns(subscriber: Subscriber, subscriptions: Sequence[Subscription]) -> set[int]:
    """The ids of campaigns among what is followed that the subscriber may read now: others are not named to them."""
    ids = {one.campaign_id for one in subscriptions if one.campaign_id is not None}
    may = campaigns_told_to(subscriber).with_only_columns(Campaign.id)
    return set(db.session.scalars(may.where(Campaign.id.in_(ids)))) if ids else set()


def campaigns_of_company(company_id: int) -> set[int]:
    """The ids of campaigns that ask a company, or ask about it."""
    subjects = sa.select(Subject.campaign_id).where(Subject.company_id == company_id)
    targets = sa.select(Target.campaign_id).where(Target.company_id == company_id, Target.deleted_at.is_(None))
    return {*db.session.scalars(subjects), *db.session.scalars(targets)}


def campaigns_of_issue(issue: Issue) -> set[int]:
    """The ids of campaigns that bear an issue area, or the one that stands for it since they were merged."""
    here = standing_issue(issue)
    bearing = sa.select(campaign_issue.c.campaign_id).where(campaign_issue.c.issue_id == here.id)
    return set() if here.deleted_at is not None else set(db.session.scalars(bearing))


def campaigns_found_by(saved_search: SavedSearch, account: Account, *, today: dt.date) -> set[int]:
    """The ids of campaigns that a kept search finds for its owner."""
    return set(db.session.scalars(ids_fitting(wanted_by(saved_search), account, today)))


def joined_by(subscribers: Collection[Subscriber | Addressee]) -> dict[int, Moments]:
    """Of which campaigns each is a member, and since when; by subscriber."""
    whose = {one.account_id: one.id for one in subscribers if one.account_id is not None}
    found: dict[int, Moments] = {one.id: {} for one in subscribers}
    rows = sa.select(CampaignMember.account_id, CampaignMember.campaign_id, CampaignMember.joined_at)
    for account_id, campaign_id, joined_at in db.session.execute(
        rows.where(one_of(CampaignMember.account_id, [*whose]))
    ):
        found[whose[account_id]][campaign_id] = joined_at
    return found


def circle_of(subscriber: Subscriber | Addressee, joined: Mapping[int, dt.datetime]) -> Hashable:
    """Whoever is of one circle may read the same campaigns and, off the record apart, the same entries."""
    return None if subscriber.account_id is None else (subscriber.role, frozenset(joined))


def active_by(subscribers: Collection[Subscriber]) -> dict[int, list[Subscription]]:
    """What each follows now, in the order in which it was begun."""
    found: dict[int, list[Subscription]] = {one.id: [] for one in subscribers}
    rows = sa.select(Subscription).where(one_of(Subscription.subscriber_id, [*found]), Subscription.ended_at.is_(None))
    for one in db.session.scalars(rows.order_by(Subscription.id)):
        found[one.subscriber_id].append(one)
    return found


def followed_by(
    subscribers: Sequence[Subscriber | Addressee],
    joined: Mapping[int, Moments],
    active: Mapping[int, Sequence[Followed]],
    *,
    today: dt.date,
) -> dict[int, Moments]:
    """The campaigns each hears about, with the moment from which on; by subscriber. See `queries.followed_since`."""
    stopped, edges = _stopped_by(subscribers), merges()
    readable: dict[Hashable, set[int]] = {}
    of_company: dict[int, set[int]] = {}
    of_issue: dict[int, set[int]] = {}
    found: dict[int, Moments] = {}
    for subscriber in subscribers:
        circle = circle_of(subscriber, joined[subscriber.id])
        if circle not in readable:
            readable[circle] = set(db.session.scalars(campaigns_told_to(subscriber).with_only_columns(Campaign.id)))
        told = readable[circle]
        narrow: Moments = {}
        wide: list[tuple[dt.datetime, set[int]]] = []
        for one in active[subscriber.id]:
            if one.campaign_id is not None:
                narrow[one.campaign_id] = min(one.began_at, narrow.get(one.campaign_id, one.began_at))
            elif one.company_id is not None:
                if one.company_id not in of_company:
                    of_company[one.company_id] = campaigns_of_company(one.company_id)
                wide.append((one.began_at, of_company[one.company_id]))
            elif one.issue_id is not None and (issue := one.issue) is not None:
                if one.issue_id not in of_issue:
                    of_issue[one.issue_id] = campaigns_of_issue(issue)
                wide.append((one.began_at, of_issue[one.issue_id]))
            elif (kept := one.saved_search) is not None and (account := subscriber.account) is not None:
                wide.append((one.began_at, campaigns_found_by(kept, account, today=today)))
            elif one.following is Following.EVERYTHING:
                wide.append((one.began_at, told))
        since = dict(narrow)
        _widen(since, wide, narrow, stopped[subscriber.id])
        together = heard_together({one: began_at for one, began_at in since.items() if one in told}, told, edges)
        _widen(since, together, narrow, stopped[subscriber.id])
        found[subscriber.id] = {campaign_id: began_at for campaign_id, began_at in since.items() if campaign_id in told}
    return found


def _widen(
    since: Moments, ways: Sequence[tuple[dt.datetime, set[int]]], narrow: Collection[int], stopped: Moments
) -> None:
    for began_at, ids in ways:
        for campaign_id in ids:
            if campaign_id in narrow or campaign_id not in stopped or stopped[campaign_id] < began_at:
                since[campaign_id] = min(began_at, since.get(campaign_id, began_at))


def _stopped_by(subscribers: Collection[Subscriber | Addressee]) -> dict[int, Moments]:
    """When each campaign that was stopped by itself was stopped last, by subscriber."""
    stopped: dict[int, Moments] = defaultdict(dict)
    ended = sa.select(Subscription.subscriber_id, Subscription.campaign_id, Subscription.ended_at).where(
        one_of(Subscription.subscriber_id, [one.id for one in subscribers]),
        Subscription.following == Following.CAMPAIGN,
        Subscription.end_reason == STOPPED,
    )
    for subscriber_id, campaign_id, ended_at in db.session.execute(ended):
        if campaign_id is None or ended_at is None:
            continue
        mine = stopped[subscriber_id]
        mine[campaign_id] = max(ended_at, mine.get(campaign_id, ended_at))
    return stopped
