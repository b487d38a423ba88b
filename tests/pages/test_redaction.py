"""Redaction destroys words for good: no file keeps them, and a restored copy is redacted again."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.digests.conftest import world  # noqa: F401 - a fixture
from tests.digests.world import World, followed
from tests.support.happenings import Team
from tests.support.pages import submit, visit
from tracker import clock, sealing
from tracker.db import db, forget_deleted, transaction
from tracker.engagements.models import Engagement, EngagementKind, Statement
from tracker.engagements.service import Contact, Said, record_engagement, record_statement
from tracker.mail.models import EmailBody
from tracker.outcomes.service import Promise, record_commitment
from tracker.pages.redaction import WITHDRAWN_FROM
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.models import Redaction, Revision, Source, TimelineEntry
from tracker.timeline.service import amend, apply_redactions, record_revision, redact_entry

NAME = "Wilhelmina Quagga"


def bytes_of(instance: Path) -> bytes:
    """Everything the instance has written, write-ahead logs too."""
    files = [path for path in instance.rglob("*") if path.is_file() and path.suffix not in (".css", ".js")]
    return b"".join(path.read_bytes() for path in files)


def told_by_mistake(team: Team) -> str:
    """A statement with the name in each place that keeps words; the entry's public id."""
    with team.act() as now:
        source = Source(citation="A letter", quotation=f"{NAME} wrote this.", recorded_at=now)
        statement = record_statement(
            team.campaign,
            Said(target=team.demand().target, speaker=NAME, office=f"Friend of {NAME}", quotation=f"I am {NAME}."),
            team.told(words=f"Said {NAME}.", sources=[source]),
            actor=team.account("editor"),
            now=now,
        )
        record_revision(
            record_type="timeline_entry",
            record_id=statement.entry.id,
            field="headline",
            old_value=f"Not {NAME}",
            new_value=NAME,
            actor=team.account("editor"),
            now=now,
        )
        return statement.entry.public_id


def test_a_name_goes_within_a_minute(team: Team, instance: Path) -> None:
    """One form: what will go is shown, one button destroys it, the date and the reason stay."""
    address = team.path(f"/history/{told_by_mistake(team)}")
    client = team.client("editor")
    assert NAME.encode() in bytes_of(instance)
    preview = visit(client, address + "/redact")
    for words in (f"Said {NAME}.", f"I am {NAME}.", f"Friend of {NAME}", "in 1 change"):
        assert words in preview.text
    wrong = submit(client, address + "/redact", reason="", status=422)
    assert "Say why" in wrong.select_one("#reason-error").get_text()

    page = submit(client, address + "/redact", reason="a name typed by mistake", quotations="y")
    assert page.heading == "Words removed"
    assert "a name typed by mistake" in page.text and "22 May 2019" in page.text
    for path in ("/history", "/history?q=quagga", "/changes"):
        assert "Wilhelmina" not in client.get(team.path(path)).get_data(as_text=True)
    assert "Words removed : a name typed by mistake" in visit(team.client("viewer"), team.path("/history")).text
    with team.look():
        db.session.remove()
        assert NAME.encode() not in bytes_of(instance), "the words are still in a file"
        assert db.session.scalars(sa.select(Revision.old_value).where(Revision.field == "headline")).all() == [None]
        kept = db.session.scalars(sa.select(Redaction)).one()
        assert kept.reason == "a name typed by mistake" and NAME not in str(vars(kept))


def test_a_source_altogether(team: Team, instance: Path) -> None:
    """A source that names somebody in its citation or address goes altogether when that is asked."""
    with team.act() as now:
        entry = team.note("Plain.")
        entry.sources = [
            Source(citation=NAME, url="https://example.org/wilhelmina-quagga", title=NAME, recorded_at=now),
            Source(citation="Another", quotation="kept", recorded_at=now),
        ]
        db.session.flush()
        address, source = team.path(f"/history/{entry.public_id}/redact"), entry.sources[0].public_id
    submit(team.client("editor"), address, reason="a name", sources=source)
    with team.look():
        gone, other = db.session.scalars(sa.select(Source).order_by(Source.id)).all()
        assert (gone.citation, gone.url, gone.title) == ("Words removed", "", "")
        assert (other.citation, other.quotation) == ("Another", "kept")
        db.session.remove()
    assert NAME.encode() not in bytes_of(instance) and b"wilhelmina-quagga" not in bytes_of(instance)


@pytest.mark.each_database
def test_a_restored_copy_is_redacted_again(team: Team) -> None:
    """What an older copy of the main database brings back is destroyed again by the marks in the key store."""
    public_id = told_by_mistake(team)
    with team.act() as now:
        entry = db.session.scalars(sa.select(TimelineEntry)).one()
        kept: dict[str, Any] = {"headline": entry.headline, "words": entry.words}
        redact_entry(entry, reason="a name", actor=team.account("lead"), now=now)
        assert apply_redactions(now) == 0
    with team.act():  # what a restore of yesterday's backup does
        entry = db.session.scalars(sa.select(TimelineEntry)).one()
        entry.redacted_at, entry.headline, entry.words = None, kept["headline"], kept["words"]
        db.session.scalars(sa.select(Statement)).one().quotation = NAME
    with team.act() as now:
        assert apply_redactions(now) == 1
        entry = db.session.scalars(sa.select(TimelineEntry)).one()
        assert (entry.headline, entry.words, entry.redaction_reason) == ("Words removed", "", "a name")
        assert db.session.scalars(sa.select(Statement)).one().quotation == ""
        assert [mark.record for mark in sealing.marked_redactions()] == [f"timeline_entry:{public_id}"]


def test_a_real_backup_comes_back_without_the_words(team: Team, instance: Path, tmp_path: Path) -> None:
    """The same with the file itself: copied before, put back after, redacted again, and no byte of it left."""
    told_by_mistake(team)
    with team.look():
        forget_deleted()
        db.session.remove()
    shutil.copy(instance / "tracker.db", tmp_path / "yesterday.db")
    with team.act() as now:
        redact_entry(db.session.scalars(sa.select(TimelineEntry)).one(), reason="a name", actor=None, now=now)
    with team.look():
        forget_deleted()
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    shutil.copy(tmp_path / "yesterday.db", instance / "tracker.db")
    assert NAME.encode() in bytes_of(instance)
    with team.act() as now:
        assert apply_redactions(now) == 1
    with team.look():
        assert forget_deleted()
        db.session.remove()
    assert NAME.encode() not in bytes_of(instance)


def test_others_that_keep_the_words_are_told(team: Team) -> None:
    """Whoever keeps copies, such as the outbox, is called with the entry inside the same transaction."""
    told: list[str] = []
    with team.act() as now:
        entry = team.note("Plain.")
        redact_entry(
            entry, reason="r", actor=None, now=now, also=[lambda redacted, _now: told.append(redacted.public_id)]
        )
        assert told == [entry.public_id]


def test_stored_mails_go_too(world: World) -> None:  # noqa: F811 - the fixture
    """A mail that told of the entry loses its words in the outbox and its letter in the folder."""
    campaign, _reader = followed(world)
    number = world.entry(campaign, headline=f"{NAME} speaks")
    world.run("2026-11-23 08:00")
    assert NAME in world.texts()[0]
    with transaction():
        entry = db.session.get_one(TimelineEntry, number)
        redact_entry(entry, reason="a name", actor=None, now=clock.now(), also=WITHDRAWN_FROM)
    assert world.mails() == []
    assert [body.text_sealed for body in db.session.scalars(sa.select(EmailBody))] == [None]


def test_the_preview_does_not_show_who_took_part(team: Team) -> None:
    """A lead may destroy a note not for attribution without learning from the preview who took part."""
    with team.act() as now:
        engagement = record_engagement(
            team.campaign,
            Contact(EngagementKind.CALL, team.demand().target, participants=NAME),
            team.told(visibility=To.NOT_FOR_ATTRIBUTION),
            actor=team.account("editor"),
            now=now,
        )
        address = team.path(f"/history/{engagement.entry.public_id}/redact")
    page = visit(team.client("lead"), address)
    assert "(hidden from you)" in page.text and NAME not in page.html
    submit(team.client("lead"), address, reason="asked to")
    with team.look():
        assert db.session.scalars(sa.select(Engagement.participants)).all() == [""]


def test_every_record_can_be_redacted(team: Team) -> None:
    """REDACTED of each record names columns that exist and are text."""
    from tracker.timeline.queries import record_classes

    with team.look():
        for table, kind in record_classes().items():
            for name in kind.REDACTED:
                column = kind.__table__.columns[name]  # type: ignore[attr-defined]
                assert isinstance(column.type, sa.String), (table, name)


def test_a_promise_that_was_corrected_before(team: Team, instance: Path) -> None:
    """A record told anew leaves its earlier words in nobody's changes once the entry that told them is redacted."""
    with team.act() as now:
        actor = team.account("editor")
        promise = record_commitment(team.campaign, Promise(f"To pay {NAME}"), team.told(), actor=actor, now=now)
        first = promise.entry
        told = amend(first, team.told(), reason="Not so", actor=actor, now=now)
        record_commitment(team.campaign, Promise("To pay"), told, actor=actor, now=now, known=promise)
        address = team.path(f"/history/{first.public_id}/redact")
    assert NAME in visit(team.client("reader"), team.path("/changes")).text
    submit(team.client("lead"), address, reason="a name")
    assert NAME not in visit(team.client("reader"), team.path("/changes")).html
    with team.look():
        db.session.remove()
        assert NAME.encode() not in bytes_of(instance)


def test_what_was_told_in_place_before(team: Team, instance: Path) -> None:
    """The drafts of an entry, that only its author ever read, go with it."""
    with team.act() as now:
        actor, said = team.account("editor"), Said(target=team.demand().target, quotation=f"I am {NAME}.")
        first = record_statement(
            team.campaign, said, team.told(words=NAME, visibility=To.OFF_THE_RECORD), actor=actor, now=now
        )
        told = amend(
            first.entry, team.told(words="Nobody", visibility=To.OFF_THE_RECORD), reason="", actor=actor, now=now
        )
        said = Said(target=team.demand().target, quotation="I am.")
        second = record_statement(team.campaign, said, told, actor=actor, now=now)
        address = team.path(f"/history/{second.entry.public_id}")
    page = visit(team.client("editor"), address)
    assert "Corrects" not in page.text
    submit(team.client("editor"), address + "/redact", reason="a name")
    with team.look():
        db.session.remove()
        assert NAME.encode() not in bytes_of(instance)
