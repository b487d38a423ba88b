"""Two at once on PostgreSQL: a redaction, a resending or a leaving that crosses a mail whose last bytes leave; news
that is recorded while a run goes on."""

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.digests.world import World, followed
from tests.support.mails import begins_to_leave
from tests.support.processes import wait_until
from tracker import clock
from tracker.accounts.models import Role
from tracker.db import db, transaction
from tracker.digests import links, resending, running, service
from tracker.digests.models import Digest, DigestState, Subscriber
from tracker.digests.sending import withdraw_entry
from tracker.digests.service import DigestError
from tracker.mail import claims, repairing
from tracker.mail.models import Email, EmailState
from tracker.timeline.models import EntryKind, EntryVisibility, TimelineEntry
from tracker.timeline.service import append_entry, redact_entry

WAITS = sa.text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


def meanwhile(app: Flask, does: Callable[[], object]) -> Callable[[], object]:
    """Let somebody else do this until they wait for what is locked here. Gives a function that waits for their end, and
    gives what came of it."""
    done: list[object] = []

    def run() -> None:
        try:
            with app.app_context():
                done.append(does())
        except Exception as error:
            done.append(error)

    def end() -> object:
        other.join(30)
        return done[0]

    other = threading.Thread(target=run)
    other.start()
    # Each look is a transaction of its own: within one, the same is seen for ever.
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as looking:
        wait_until(lambda: done or looking.scalar(WAITS), "the other one to wait", every=0.02)
    return end


@pytest.mark.postgresql
def test_a_redaction_that_crosses_the_last_bytes(world: World) -> None:
    """The mail left before it could be stopped: it is sent, and nothing is composed a second time."""
    campaign, _reader = followed(world)
    entry = world.entry(campaign)
    running.sweep(world.at("2026-11-23 08:00"))
    with transaction():
        (email,) = claims.claim(now=clock.now())

    def redact() -> None:
        with transaction():
            row = db.session.get_one(TimelineEntry, entry)
            redact_entry(row, reason="a mistake", actor=None, now=clock.now(), also=[withdraw_entry])

    with transaction():
        assert begins_to_leave(email.id, email.token, now=clock.now())
        redacted = meanwhile(world.app, redact)
    assert redacted() is None
    assert world.get(Email, email.id).state is EmailState.TRANSMIT
    assert world.states() == ["ready"]
    with transaction():
        taken = [claims.Taken(email.id, email.token, 250, "ok")]
        assert claims.settle_sent(taken, now=clock.now()) == {email.id}


@pytest.mark.postgresql
def test_an_entry_whose_transaction_lasts(world: World) -> None:
    """Recorded before the digest is composed, committed when that has left: it holds up nobody, and is told by the next
    one, once."""
    campaign, _reader = followed(world)
    world.entry(campaign, "In time")
    with transaction():
        append_entry(
            campaign_id=campaign, kind=EntryKind.STATEMENT, headline="Long in coming", occurred_on=clock.now().date(),
            now=clock.now(), actor=None, visibility=EntryVisibility.PUBLIC,
        )  # fmt: skip
        db.session.flush()
        world.at("2026-11-23 08:00")
        ran = meanwhile(world.app, lambda: running.run(clock.now()))
        assert ran() == {"planned": 1, "ready": 1, "sent": 1}
    for day in ("2026-11-24", "2026-11-25"):
        world.run(f"{day} 08:00")
    assert [(text.count("In time"), text.count("Long in coming")) for text in world.texts()] == [(1, 0), (0, 1)]


@pytest.mark.postgresql
def test_unsubscribing_twice_at_the_same_moment(world: World) -> None:
    """A mailbox provider and a reader press at once: both are told that it is done."""
    _campaign, reader = followed(world)
    with transaction():
        subscriber = db.session.scalars(sa.select(Subscriber)).one()
        url = f"/u/{links.token(subscriber, links.UNSUBSCRIBE)}"
    client = world.app.test_client()
    with transaction():
        service.unsubscribe(db.session.scalars(sa.select(Subscriber)).one(), now=clock.now())
        db.session.flush()
        answered = meanwhile(world.app, lambda: client.post(url).status_code)
    assert answered() == 200
    assert world.subscriber(reader).ended_at is not None


@pytest.mark.each_database
def test_a_second_copy_on_its_way_is_not_sent_a_third_time(world: World) -> None:
    """The automatic second copy of an unknown mail waits, or is being handed over: asking for another is refused."""
    campaign, _reader = followed(world)
    world.entry(campaign)
    running.sweep(world.at("2026-11-23 08:00"))
    desk = world.account(role=Role.ADMINISTRATOR)
    with transaction():
        (email,) = claims.claim(now=clock.now())
        assert begins_to_leave(email.id, email.token, now=clock.now())
        assert claims.settle_unknown(email.id, email.token, now=clock.now())
    running.sweep(world.at("2026-11-23 08:01"))
    assert world.digests()[0].state is DigestState.UNKNOWN

    def ask() -> None:
        from tracker.accounts.models import Account

        with transaction():
            digest, by = db.session.scalars(sa.select(Digest)).one(), db.session.get_one(Account, desk)
            resending.resend(digest, by=by, now=clock.now())

    with transaction():
        assert repairing.free_lost_claims(now=world.at("2026-11-23 08:31")) == 1
    with pytest.raises(DigestError, match="waits to be sent already"):
        ask()
    with transaction():
        (again,) = claims.claim(now=clock.now())
        assert begins_to_leave(again.id, again.token, now=clock.now())
    with pytest.raises(DigestError, match="waits to be sent already"):
        ask()
    assert world.get(Email, email.id).state is EmailState.TRANSMIT
