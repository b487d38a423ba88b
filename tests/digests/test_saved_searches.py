"""A kept search that is followed tells of what it finds, as far as its owner may read, and of nothing else."""

import datetime as dt

import pytest

from tests.digests.world import World
from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, CampaignKind, Visibility
from tracker.db import db, transaction
from tracker.digests import service
from tracker.digests.queries import followed_since
from tracker.finding.saved import keep_search
from tracker.finding.wanted import Wanted

pytestmark = pytest.mark.each_database


def kept_and_followed(world: World, wanted: Wanted) -> int:
    """A reader who follows one search."""
    reader = world.account()
    with transaction():
        account = db.session.get_one(Account, reader)
        saved = keep_search(account, "Mine", wanted, now=clock.now())
        service.follow(account, now=clock.now(), saved_search=saved)
        service.follow(account, now=clock.now(), saved_search=saved)
    return reader


def test_what_it_finds_is_told(world: World) -> None:
    """By words and by facets, campaigns of today and of tomorrow; not what its owner may not read."""
    world.at("2026-11-23 06:00")
    kept_and_followed(world, Wanted(q="letter", kind=(CampaignKind.EMPLOYEE,)))
    first = world.campaign("The first letter", kind=CampaignKind.EMPLOYEE)
    other = world.campaign("A report", kind=CampaignKind.EMPLOYEE)
    hidden = world.campaign("A hidden letter", kind=CampaignKind.EMPLOYEE, visibility=Visibility.MEMBERS)
    world.at("2026-11-23 07:30")
    for campaign, words in ((first, "Heard at last"), (other, "Nothing to do with it"), (hidden, "Told to nobody")):
        world.entry(campaign, words)
    world.run(world.at("2026-11-30 08:01"))
    (text,) = world.texts()
    assert "Heard at last" in text
    assert "Nothing to do with it" not in text and "Told to nobody" not in text


def test_stopping_one_campaign_stops_it_alone(world: World) -> None:
    """As with a company that is followed: the rest of what the search finds goes on."""
    now = world.at("2026-11-23 06:00")
    reader = kept_and_followed(world, Wanted(q="letter"))
    first, second = world.campaign("The first letter"), world.campaign("The second letter")
    with transaction():
        service.stop_campaign(
            world.subscriber(reader), db.session.get_one(Campaign, first), now=now + dt.timedelta(hours=1)
        )
    assert set(followed_since(world.subscriber(reader))) == {second}
