"""What was written for readers whose mails then broke, on SQLite: only there a column may hold what breaks so late."""

import sqlalchemy as sa

from tests.digests.world import World, followed
from tracker.accounts.models import Account, Role
from tracker.db import db, transaction
from tracker.digests.models import Subscriber
from tracker.mail.models import EmailBody


def test_a_body_that_was_undone_is_not_sent(world: World) -> None:
    """Two roles read the same words; the one who is first breaks after these were stored, which is undone with it: the
    other's mail has words of its own."""
    campaign, broken = followed(world)
    world.follow(world.account("whole@example.org"), campaign)
    world.at("2026-11-23 07:30")
    world.entry(campaign)
    with transaction():
        db.session.execute(sa.update(Account).where(Account.id == broken).values(role=Role.ORGANISER))
        ours = db.session.scalar(sa.select(Subscriber.id).where(Subscriber.account_id == broken))
        db.session.execute(sa.text("UPDATE subscriber SET link_secret = x'ff' WHERE id = :id"), {"id": ours})
    world.run("2026-11-23 08:00")
    assert world.states() == ["failed: could not be composed: AttributeError", "sent"]
    assert [mail["To"] for mail in world.mails()] == ["whole@example.org"]
    assert len(db.session.scalars(sa.select(EmailBody)).all()) == 1


def test_a_receiver_to_whom_nothing_can_be_written_stops_no_other(world: World) -> None:
    """Whoever reads other words has their mail, though all mails of a batch are written at once; no words are kept of
    those that nobody was sent."""
    campaign, broken = followed(world)
    other = world.account("whole@example.org")
    world.follow(other, campaign)
    world.follow(other, world.campaign("Another"))
    world.at("2026-11-23 07:30")
    world.entry(campaign)
    with transaction():
        db.session.execute(sa.text("UPDATE account SET email = x'ff' WHERE id = :id"), {"id": broken})
    world.run("2026-11-23 08:00")
    assert world.states() == ["failed: could not be composed: TypeError", "sent"]
    assert [mail["To"] for mail in world.mails()] == ["whole@example.org"]
    assert sum(body.text_sealed is not None for body in db.session.scalars(sa.select(EmailBody))) == 1
