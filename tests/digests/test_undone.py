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
