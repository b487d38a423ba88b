"""A redaction and the composing of what quotes it, at the same time on PostgreSQL: whichever comes first, what was
destroyed leaves in no mail."""

import pytest

from tests.digests.test_crossing import meanwhile
from tests.digests.world import World, followed
from tracker import clock
from tracker.accounts.models import Account
from tracker.db import db, transaction
from tracker.digests import composing, planning, running
from tracker.digests.sending import withdraw_entry, withdraw_source
from tracker.timeline.models import EntryKind, EntryVisibility, TimelineEntry
from tracker.timeline.service import append_entry, correct_entry, redact_entry

pytestmark = [pytest.mark.postgresql, pytest.mark.parametrize("what", ["entry", "source"])]


def quoted(world: World, what: str) -> int:
    """An entry that was told, whose words or source another one that is due will say again."""
    campaign, reader = followed(world)
    sources = [world.source(publisher="Ada Knot")] if what == "source" else []
    entry = world.entry(campaign, "Somebody said so" if sources else "Ada Knot said so", sources=sources)
    world.run("2026-11-23 08:00")
    world.at("2026-11-23 12:00")
    with transaction():
        old, actor = db.session.get_one(TimelineEntry, entry), db.session.get_one(Account, reader)
        day = clock.now().date()
        if what == "entry":
            correct_entry(
                old, reason="nobody did", headline="It was said", occurred_on=day, actor=actor, now=clock.now()
            )
        else:
            append_entry(
                campaign_id=campaign, kind=EntryKind.STATEMENT, headline="It was said", occurred_on=day,
                actor=actor, now=clock.now(), visibility=EntryVisibility.PUBLIC, sources=old.sources,
            )  # fmt: skip
    with transaction():
        planning.plan(world.at("2026-11-24 08:00"))
    return entry


def redact(entry: int, what: str) -> None:
    row = db.session.get_one(TimelineEntry, entry)
    redact_entry(
        row, reason="a name", actor=None, now=clock.now(), sources=list(row.sources) if what == "source" else [],
        also=[withdraw_entry], cited=[withdraw_source],
    )  # fmt: skip


def last_text(world: World) -> str:
    world.run("2026-11-24 08:01")
    *_earlier, text = world.texts()
    assert "It was said" in text
    return text


def test_redacted_first(world: World, what: str) -> None:
    """Composed while the redaction is not committed: it waits for the next round."""
    entry = quoted(world, what)
    with transaction():
        redact(entry, what)
        composed = meanwhile(world.app, running.compose)
        assert composed() == {}
    assert "Ada Knot" not in last_text(world)


def test_composed_first(world: World, what: str) -> None:
    """Redacted while the mail is not committed: the redaction waits, and takes it back."""
    entry = quoted(world, what)

    def redacts() -> None:
        with transaction():
            redact(entry, what)

    with transaction():
        assert composing.compose_due(clock.now()) == {"ready": 1}
        redacted = meanwhile(world.app, redacts)
    assert redacted() is None
    assert "Ada Knot" not in last_text(world)
