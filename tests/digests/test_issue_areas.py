"""Following an issue area: every campaign on it, as far as one may read; also under the name it was merged into."""

import pytest
import sqlalchemy as sa

from tests.digests.world import World
from tracker import clock
from tracker.accounts.models import Account, Role
from tracker.campaigns.models import Campaign, Issue, Visibility
from tracker.campaigns.service import merge_issues, open_issue, remove_issue, set_issues
from tracker.db import db, transaction
from tracker.digests import service
from tracker.digests.queries import followed_since, following
from tracker.digests.words import subscription_sentence

pytestmark = pytest.mark.each_database


def bear(campaign_id: int, *names: str) -> None:
    with transaction():
        set_issues(db.session.get_one(Campaign, campaign_id), names, actor=None, now=clock.now())


def issue(name: str) -> Issue:
    return db.session.scalars(sa.select(Issue).where(Issue.name == name)).one()


def test_every_campaign_on_it(world: World) -> None:
    """Those that bear it and that one may read, each entry once; those that come to bear it later as well."""
    on_it, hidden, other = (
        world.campaign("On it"),
        world.campaign("Hidden", visibility=Visibility.MEMBERS),
        world.campaign("Other"),
    )
    for one in (on_it, hidden):
        bear(one, "Facial recognition")
    reader = world.account()
    with transaction():
        subscription = service.follow(
            db.session.get_one(Account, reader), now=clock.now(), issue=issue("Facial recognition")
        )
        assert subscription_sentence(subscription) == "Every campaign on Facial recognition"
    assert followed_since(world.subscriber(reader)).keys() == {on_it}
    account = world.subscriber(reader).account
    assert account is not None
    assert following(account, campaign=db.session.get_one(Campaign, on_it)).wider is not None
    bear(other, "Facial recognition")
    assert followed_since(world.subscriber(reader)).keys() == {on_it, other}


def test_merged_it_is_followed_on(world: World) -> None:
    """Whoever followed a name that was merged follows the one that remains; nothing while it lies in the bin."""
    campaign, reader, editor = world.campaign("On it"), world.account(), world.account(role=Role.ORGANISER)
    bear(campaign, "Face surveillance")
    with transaction():
        made = open_issue("Facial recognition", actor=db.session.get_one(Account, editor), now=clock.now())
        service.follow(db.session.get_one(Account, reader), now=clock.now(), issue=made)
    assert followed_since(world.subscriber(reader)) == {}
    with transaction():
        merge_issues(
            issue("Facial recognition"),
            issue("Face surveillance"),
            actor=db.session.get_one(Account, editor),
            now=clock.now(),
        )
    assert followed_since(world.subscriber(reader)).keys() == {campaign}
    account = world.subscriber(reader).account
    assert account is not None
    assert following(account, issue=issue("Face surveillance")).subscription is not None
    with transaction():
        remove_issue(issue("Face surveillance"), actor=db.session.get_one(Account, editor), now=clock.now())
    assert followed_since(world.subscriber(reader)) == {}
