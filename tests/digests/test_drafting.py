"""On SQLite a slice is drafted while others write, and written down only if what it came from is as it was."""

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tests.digests.test_together import everybody, nothing_composed, words_read
from tests.digests.world import World, followed
from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, transaction
from tracker.digests import composing, drafting, planning, running, service
from tracker.digests.models import DigestItem, Subscriber
from tracker.digests.sending import withdraw_entry
from tracker.mail import claims, outbox
from tracker.mail.models import Email, EmailBody, EmailKind
from tracker.mail.render import render
from tracker.timeline.models import Source, TimelineEntry
from tracker.timeline.service import redact_entry


def due(world: World) -> tuple[int, int, int]:
    """A campaign, who follows it, and an entry that they are due to be told, with its source; planned for."""
    campaign, reader = followed(world)
    entry = world.entry(campaign, "Ada Knot said so", sources=[world.source(publisher="The Gazette")])
    with transaction():
        planning.plan(world.at("2026-11-23 08:00"))
    return campaign, reader, entry


def drafted() -> drafting.Draft:
    draft = drafting.draft(clock.now())
    assert draft is not None and draft.mails
    return draft


def write(draft: drafting.Draft) -> dict[str, int]:
    with transaction():
        return dict(drafting.write(draft))


def mails() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Email).where(Email.kind == EmailKind.DIGEST)) or 0


def test_a_draft_is_what_composing_would_write(world: World) -> None:
    """Drafted or composed under the lock: the same receivers are told the same entries by the same words."""
    everybody(world)
    now = world.at("2026-11-23 08:00")
    with transaction():
        planning.plan(now)
    found = []
    for write_some in (drafted_once, composed_once):
        nothing_composed()
        while write_some():
            pass
        told = db.session.execute(sa.select(DigestItem.subscriber_id, DigestItem.entry_id)).all()
        states = {one.subscriber_id: (one.state, one.reason) for one in world.digests()}
        bodies = db.session.scalar(sa.select(sa.func.count()).select_from(EmailBody))
        running.send()
        found.append((sorted(map(tuple, told)), states, bodies, words_read(world)))
    assert len(found[0][3]) > 15
    assert found[0] == found[1]


def drafted_once() -> dict[str, int]:
    draft = drafting.draft(clock.now())
    return write(draft) if draft is not None else {}


def composed_once() -> dict[str, int]:
    with transaction():
        return dict(composing.compose_due(clock.now()))


def subscriber_of(account: int) -> Subscriber:
    return db.session.scalars(sa.select(Subscriber).where(Subscriber.account_id == account)).one()


def unsubscribes(_world: World, _campaign: int, reader: int, _entry: int) -> None:
    service.unsubscribe(subscriber_of(reader), now=clock.now())


def stops(_world: World, _campaign: int, reader: int, _entry: int) -> None:
    subscriber_of(reader).subscriptions[0].ended_at = clock.now()


def follows_more(_world: World, _campaign: int, reader: int, _entry: int) -> None:
    service.follow(db.session.get_one(Account, reader), now=clock.now())


def wants_no_name(_world: World, _campaign: int, reader: int, _entry: int) -> None:
    subscriber_of(reader).subscriptions[0].neutral_subject = True


def redacts(_world: World, _campaign: int, _reader: int, entry: int) -> None:
    row = db.session.get_one(TimelineEntry, entry)
    redact_entry(row, reason="a name", actor=None, now=clock.now(), sources=[], also=[withdraw_entry], cited=[])


def changes_a_source(_world: World, _campaign: int, _reader: int, _entry: int) -> None:
    db.session.scalars(sa.select(Source)).one().publisher = "Another"


def dates_a_deadline(_world: World, campaign: int, _reader: int, _entry: int) -> None:
    row = Deadline(campaign_id=campaign, what="Call them", due_on=clock.now().date(), created_at=clock.now())
    db.session.add(row)


def closes(_world: World, campaign: int, _reader: int, _entry: int) -> None:
    db.session.get_one(Campaign, campaign).visibility = Visibility.MEMBERS


def renames(_world: World, campaign: int, _reader: int, _entry: int) -> None:
    db.session.get_one(Campaign, campaign).title = "Another title"


def plans_another(world: World, _campaign: int, _reader: int, _entry: int) -> None:
    planning.plan(world.at("2026-11-24 08:00"))


def composes(_world: World, _campaign: int, _reader: int, _entry: int) -> None:
    assert composing.compose_due(clock.now()) == {"ready": 1}


CHANGES = (
    unsubscribes, stops, follows_more, wants_no_name, redacts, changes_a_source, dates_a_deadline, closes, renames,
    plans_another, composes,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
def test_what_changed_meanwhile_is_not_written(world: World, change: Callable[[World, int, int, int], None]) -> None:
    """Whatever decides the words, and whoever else wrote them: then nothing of the draft is written."""
    known = due(world)
    draft = drafted()
    with transaction():
        change(world, *known)
    before = mails()
    assert write(draft) == {}
    assert mails() == before
    db.session.rollback()
    running.compose()  # the lock comes first
    assert "due" not in world.states()


def test_what_senders_do_meanwhile_matters_not(world: World) -> None:
    """Another mail is claimed, on its way and taken while a draft is made: the draft is written as it is."""
    due(world)
    with transaction():
        outbox.put(render("test", locale="en"), to="other@example.org", kind=EmailKind.CONFIRMATION, now=clock.now())
    draft = drafted()
    with transaction():
        (other,) = claims.claim(now=clock.now())
    with transaction():
        claims.note(db.session.connection(), [other.held], [], now=clock.now())
    with transaction():
        claims.settle_sent([claims.Taken(*other.held, 250, "taken")], now=clock.now())
    assert write(draft) == {"ready": 1}
    assert world.states() == ["ready"]


def test_who_must_not_be_written_to_by_now_is_not(world: World) -> None:
    """An address that came onto the list while a draft was made gets no mail, and the desk says why."""
    due(world)
    draft = drafted()
    with transaction():
        address = outbox.sealed_rows(draft.mails[0].receivers)[0]["recipient_hash"]
        outbox.suppress(address, "complained", now=clock.now())
    assert write(draft) == {"ready": 1}
    (state,) = world.states()
    assert state.startswith("failed: Do not mail: complained")


def test_others_write_while_a_draft_is_made(world: World) -> None:
    """No question that drafting asks keeps anybody from writing; a composer's would."""
    due(world)
    path = db.engine.url.database
    assert path is not None
    tried: list[bool] = []

    def try_to_write(_connection: Any, _cursor: Any, statement: str, *_how: Any) -> None:
        other = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
        except sqlite3.OperationalError:
            tried.append(False)
        else:
            tried.append(True)
        finally:
            other.close()

    sa.event.listen(db.engine, "before_cursor_execute", try_to_write)
    try:
        draft = drafted()
        assert len(tried) > 10 and all(tried)
        tried.clear()
        write(draft)
        assert tried and not any(tried)
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", try_to_write)


def test_whoever_needs_more_than_a_mail_is_left_to_composing(world: World) -> None:
    """Periods that were missed are merged under the lock; nobody else is held up by it."""
    campaign, _reader = followed(world)
    world.entry(campaign)
    late = world.at("2026-11-25 08:00")
    with transaction():
        planning.plan(late)
    assert drafting.draft(late) is None
    running.compose()
    assert world.states().count("ready") == 1 and "due" not in world.states()


def test_whoever_is_broken_is_left_to_composing(world: World) -> None:
    """With a zone that this machine does not know nothing can be drafted; composed under the lock the digest fails."""
    campaign, reader, _entry = due(world)
    for _number in range(2):
        world.follow(world.account(), campaign)
    with transaction():
        subscriber_of(reader).zone = "Nowhere/Atlantis"
    assert drafting.draft(clock.now()) is None
    running.compose()
    assert [state.partition(":")[0] for state in world.states()] == ["failed"]
