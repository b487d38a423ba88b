"""Several compose at once on PostgreSQL: each takes readers of their own, and nobody waits for another."""

from collections import Counter
from threading import Thread

import pytest

from tests.digests.world import World, followed
from tracker import clock
from tracker.db import transaction
from tracker.digests import composing, planning, running
from tracker.digests.models import DigestState

pytestmark = pytest.mark.postgresql
SOME = 4  # digests that one looks at; three readers missed three days each, so the second is cut in two


def test_who_composes_beside_another_takes_the_next(world: World) -> None:
    """Whoever comes while others are composed takes those who are left; each reader has one mail, and one alone."""
    campaign, _reader = followed(world)
    for name in ("second", "third"):
        world.follow(world.account(f"{name}@example.org"), campaign)
    world.at("2026-11-23 07:30")
    world.entry(campaign)
    now = world.at("2026-11-25 08:00")
    with transaction():
        planning.plan(now)
    counts: list[Counter[str]] = []

    def compose() -> None:
        with world.app.app_context(), transaction():
            counts.append(composing.compose_due(clock.now(), limit=SOME, seconds=0))

    with transaction():
        counts.append(composing.compose_due(clock.now(), limit=SOME, seconds=0))
        other = Thread(target=compose)
        other.start()
        other.join(30)
        assert len(counts) == 2  # not: it waits until the first has committed
    assert [one["ready"] for one in counts] == [2, 1]
    states = Counter((one.subscriber_id, one.state) for one in world.digests())
    assert sorted(states.values()) == [1, 1, 1, 2, 2, 2]
    assert {number for (_reader, state), number in states.items() if state is DigestState.READY} == {1}
    running.send()
    assert sorted(mail["To"] for mail in world.mails()) == [
        "reader@example.org",
        "second@example.org",
        "third@example.org",
    ]
