"""A redaction and the composing of what quotes it, at the same time on PostgreSQL: whichever comes first, what was
destroyed leaves in no mail."""

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from tests.digests.test_crossing import meanwhile
from tests.digests.world import World, followed
from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import Precision, db, transaction
from tracker.digests import composing, planning, running
from tracker.digests.sending import withdraw_deadline, withdraw_entry, withdraw_source
from tracker.mail import unsealed
from tracker.mail.models import Email, EmailState
from tracker.outcomes.service import Promise, record_commitment
from tracker.resolutions.service import Counted, Filing, file_resolution, record_vote
from tracker.signatures.models import Qualifier
from tracker.signatures.service.sizes import SizeClaim, record_reported_count
from tracker.timeline.models import EntryKind, EntryVisibility, TimelineEntry
from tracker.timeline.service import Told, append_entry, correct_entry, redact_entry
from tracker.web.dates import UncertainDate

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.parametrize(
        "what",
        ["told", "title", "deadline", "entry", "source", "size", "source of a size", "larger size"],
    ),
]


def quoted(world: World, what: str) -> int:
    """An entry that was told, whose words, size or source another one that is due will say again."""
    campaign, reader = followed(world)
    if "size" in what:
        return sized(world, what, campaign)
    if what in ("told", "title", "deadline"):
        return new(world, what, campaign, reader)
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


def new(world: World, what: str, campaign_id: int, reader: int) -> int:
    """It is due itself; or a vote whose sentence repeats the title; or the reader's own deadline, which promised it."""
    world.run("2026-11-23 08:00")
    world.at("2026-11-23 12:00")
    world.entry(campaign_id, "It was said")
    if what == "told":
        entry = world.entry(campaign_id, "Ada Knot said so")
    with transaction():
        campaign, account = db.session.get_one(Campaign, campaign_id), db.session.get_one(Account, reader)
        now, today = clock.now(), clock.now().date()
        told = Told(occurred_on=today, visibility=EntryVisibility.PUBLIC, announce=False)
        if what == "title":
            filing = Filing("By Ada Knot", campaign.subjects[0].company)
            resolution = file_resolution(campaign, filing, told, actor=None, now=now)
            counted = Counted(for_shares=2, against_shares=8)
            record_vote(resolution, counted, replace(told, announce=True), campaign=campaign, actor=None, now=now)
            entry = resolution.entry_id
        elif what == "deadline":
            promise = Promise("To Ada Knot", due_on=today, due_precision=Precision.DAY, is_deadline=True)
            entry = record_commitment(campaign, promise, told, actor=account, now=now).entry_id
    with transaction():
        planning.plan(world.at("2026-11-24 08:00"))
    return entry


def sized(world: World, what: str, campaign: int) -> int:
    """How many were reported stands beside the news; or below the news that there are fewer now."""
    entry = reported(world, campaign, 40, "friends" if what == "source of a size" else "friends of Ada Knot")
    world.run("2026-11-23 08:00")
    world.at("2026-11-23 12:00")
    world.entry(campaign, "It was said")
    if what == "larger size":
        world.at("2026-11-23 13:00")
        reported(world, campaign, 30, "Friends of ADA KNOT")  # the same people: in other letters, so to tell them apart
    with transaction():
        planning.plan(world.at("2026-11-24 08:00"))
    return entry


def reported(world: World, campaign: int, value: int, population: str) -> int:
    with transaction():
        told = Told(
            occurred_on=clock.now().date(), visibility=EntryVisibility.PUBLIC,
            sources=[world.source(publisher="Ada Knot" if population == "friends" else "")],
        )  # fmt: skip
        day = UncertainDate(clock.now().date(), Precision.DAY)
        claim = SizeClaim(value=value, qualifier=Qualifier.ABOUT, population=population, as_of=day)
        row = record_reported_count(db.session.get_one(Campaign, campaign), claim, told, actor=None, now=clock.now())
        return row.entry_id


def redact(entry: int, what: str) -> None:
    row = db.session.get_one(TimelineEntry, entry)
    redact_entry(
        row, reason="a name", actor=None, now=clock.now(),
        sources=list(row.sources) if what.startswith("source") else [],
        also=[withdraw_entry], cited=[withdraw_source], noted=[withdraw_deadline],
    )  # fmt: skip


def redacts(entry: int, what: str) -> None:
    with transaction():
        redact(entry, what)


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
    with transaction():
        assert composing.compose_due(clock.now()) == {"ready": 1}
        (email,) = db.session.scalars(sa.select(Email).where(Email.state == EmailState.PENDING))
        assert "Ada Knot" in str(unsealed.opened(email))
        redacted = meanwhile(world.app, lambda: redacts(entry, what))
    assert redacted() is None
    assert "Ada Knot" not in last_text(world)


def test_redacted_between_reading_and_holding(world: World, what: str) -> None:
    """All of the redaction happens right before the composer takes hold of what it quotes: what it has read by then is
    not said."""
    entry = quoted(world, what)
    came: list[object] = []

    def once(_connection: Any, _cursor: Any, statement: str, *_how: Any) -> None:
        if "FOR SHARE" in statement and not came:
            came.append("on its way")
            came.append(meanwhile(world.app, lambda: redacts(entry, what))())

    sa.event.listen(db.engine, "before_cursor_execute", once)
    try:
        with transaction():
            composing.compose_due(clock.now())
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", once)
    assert came == ["on its way", None]
    assert "Ada Knot" not in last_text(world)
