"""Following a campaign that is merged: both are heard, each entry once, under one title; undone, as before."""

import pytest

from tests.digests.world import World
from tracker import clock
from tracker.campaigns.models import Campaign, Visibility
from tracker.campaigns.relations import CampaignMerge
from tracker.campaigns.service import merge_campaigns, undo_merge
from tracker.db import db, transaction
from tracker.digests.queries import followed_since, following
from tracker.digests.service import stop_campaign

pytestmark = pytest.mark.each_database


def merge(one: int, into: int) -> int:
    with transaction():
        pair = [db.session.get_one(Campaign, number) for number in (one, into)]
        made = merge_campaigns(*pair, reason="The same", actor=None, now=clock.now())
        db.session.flush()
        return made.id


def test_both_are_heard_once(world: World) -> None:
    """Who follows either hears of both from the merging on, and of nothing that was told or is older."""
    old, new = world.campaign("Old record"), world.campaign("New record")
    of_old, of_both = world.account(), world.account()
    world.follow(of_old, old)
    world.follow(of_both, old)
    world.follow(of_both, new)
    world.at("2026-11-24 07:00")
    world.entry(new, "Told before the merging")
    world.entry(old, "Of the old one")
    world.run("2026-11-24 08:00")
    world.at("2026-11-24 12:00")
    merge(old, new)
    world.at("2026-11-24 13:00")
    world.entry(new, "After it in the new one")
    world.entry(old, "After it in the old one")
    world.run("2026-11-25 08:00")
    texts = world.texts()
    assert len(texts) == 4
    for words in texts[2:]:
        assert words.count("After it in the new one") == words.count("After it in the old one") == 1
        assert "Told before" not in words
        assert "Of the old one" not in words
        assert "Old record" not in words
    assert sum("Told before" in words for words in texts) == 1  # to who followed the new one


def test_undone_it_is_as_before(world: World) -> None:
    """Who followed one hears of that one alone; the subscriptions were never touched."""
    old, new = world.campaign("Old record"), world.campaign("New record")
    reader = world.account()
    world.follow(reader, old)
    world.at("2026-11-24 07:00")
    number = merge(old, new)
    assert followed_since(world.subscriber(reader)).keys() == {old, new}
    world.at("2026-11-24 07:10")
    with transaction():
        undo_merge(db.session.get_one(CampaignMerge, number), actor=None, now=clock.now())
    assert followed_since(world.subscriber(reader)).keys() == {old}
    world.entry(new, "Of the new one")
    world.run("2026-11-24 08:00")
    assert not any("Of the new one" in words for words in world.texts())


def test_a_chain(world: World) -> None:
    """Each is heard from when it was merged with the one that is followed, not from the last merging of the chain."""
    a, b, c = (world.campaign(title) for title in "ABC")
    reader = world.account()
    world.follow(reader, a)
    first = world.at("2026-11-24 07:00")
    merge(a, b)
    second = world.at("2026-11-24 07:30")
    merge(b, c)
    since = followed_since(world.subscriber(reader))
    assert (since[b], since[c]) == (first, second)
    assert since[a] < first


def test_only_what_one_may_read(world: World) -> None:
    """A merging with a campaign that the reader may not read changes nothing for them."""
    old, new = world.campaign("Old record"), world.campaign("New record", visibility=Visibility.MEMBERS)
    reader = world.account()
    world.follow(reader, old)
    merge(old, new)
    assert followed_since(world.subscriber(reader)).keys() == {old}


def test_stopped_is_stopped(world: World) -> None:
    """Whoever stops the one campaign that they see hears of neither record."""
    old, new = world.campaign("Old record"), world.campaign("New record")
    reader = world.account()
    world.follow(reader, old)
    merge(old, new)
    world.at("2026-11-24 07:00")
    subscriber = world.subscriber(reader)
    assert following(subscriber.account, campaign=db.session.get_one(Campaign, new)).is_followed
    with transaction():
        stop_campaign(world.subscriber(reader), db.session.get_one(Campaign, new), now=clock.now())
    subscriber = world.subscriber(reader)
    assert followed_since(subscriber) == {}
    assert not following(subscriber.account, campaign=db.session.get_one(Campaign, new)).is_followed
