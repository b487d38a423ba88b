"""Files of entries: sealed, limited, carried over by corrections, taken back or destroyed with what they belong to."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.support.attaching import WORDS, add, text
from tests.support.happenings import Team
from tests.support.papers import LIMITS
from tracker import clock, sealing
from tracker.db import db
from tracker.timeline import attached
from tracker.timeline.models import Attachment, AttachmentChunk, Redaction, Revision
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.service import (
    Files,
    TimelineError,
    amend,
    append_entry,
    apply_redactions,
    attach,
    correct_entry,
    open_attachment,
    redact_attachment,
    redact_entry,
    remove_attachment,
)

TODAY = dt.date(2030, 1, 1)


def chunks() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(AttachmentChunk)) or 0


def values() -> list[str | None]:
    found = db.session.execute(
        sa.select(Revision.old_value, Revision.new_value).where(Revision.field == "attachments").order_by(Revision.id)
    )
    return [value for row in found for value in row]


@pytest.mark.each_database
def test_bytes_come_back_as_they_were(team: Team) -> None:
    """A file of several parts is kept sealed, and comes back whole under its name; a Revision says who added it."""
    content = bytes(range(256)) * 3000
    with team.act() as now:
        file = add(team, team.note("Plain."), now, text("Ärger “minutes”.txt", content))
        public_id = file.public_id
    with team.look():
        file = db.session.scalars(sa.select(Attachment)).one()
        assert chunks() == 3 and file.size == len(content)
        assert attached.content_of(file, now=clock.now()) == ("Ärger “minutes”.txt", content)
        parts = db.session.scalars(sa.select(AttachmentChunk.sealed)).all()
        assert not any(content[:64] in part for part in parts)
        assert values() == [None, "Ärger “minutes”.txt"]
        assert "rger" not in file.name_sealed and public_id == file.public_id


@pytest.mark.each_database
@pytest.mark.parametrize("harm", ["altered", "swapped", "shortened", "emptied"])
def test_what_is_damaged_is_said(team: Team, harm: str) -> None:
    """Parts that were altered, exchanged or lost are noticed, wherever that happened."""
    content = b"a" * 600_000
    with team.act() as now:
        file = add(team, team.note("Plain."), now, text(content=content))
        parts = sa.select(AttachmentChunk).order_by(AttachmentChunk.number)
        first, second, third = db.session.scalars(parts).all()
        if harm == "altered":
            first.sealed = first.sealed[:-1] + bytes([first.sealed[-1] ^ 1])
        elif harm == "swapped":
            first.sealed, second.sealed = second.sealed, first.sealed
        else:
            db.session.execute(
                sa.delete(AttachmentChunk).where(AttachmentChunk.number >= (2 if harm == "shortened" else 0))
            )
        assert third.number == 2
        with pytest.raises(attached.Damaged):
            attached.content_of(file, now=now)


def test_the_key_of_the_campaign_opens_it(team: Team) -> None:
    """When the campaign's key is destroyed, nobody reads the file or its name again; the page can say so."""
    with team.act() as now:
        entry = team.note("Plain.")
        file = add(team, entry, now)
        sealing.destroy_campaign_keys(team.campaign.public_id, now=now)
        with pytest.raises(attached.KeyGone):
            attached.content_of(file, now=now)
        shown = attached.files_of([entry], team.account("editor"), today=TODAY, now=now)
        assert [one.name for one in shown[entry.id]] == [None]


def test_names_of_confidential_papers_stay_out_of_the_changes(team: Team) -> None:
    """Of something told in confidence a Revision says only that files changed."""
    with team.act() as now:
        add(team, team.note("Secret.", visibility=To.OFF_THE_RECORD), now)
        add(team, team.note("Quiet.", visibility=To.NOT_FOR_ATTRIBUTION), now, is_open=True)
        assert values() == [None] * 4
        assert not any(db.session.scalars(sa.select(Attachment.is_open)))


def test_limits(team: Team) -> None:
    """Too many files, or too much in one campaign, is refused in words beside the field."""
    with team.act() as now:
        entry, by = team.note("Plain."), {"actor": team.account("editor"), "now": now}
        few = replace(LIMITS, an_entry=2)
        attach(entry, Files([text(), text()], False, few), **by)
        with pytest.raises(TimelineError, match="At most 2 files") as caught:
            attach(entry, Files([text()], False, few), **by)
        assert caught.value.field == "files"
        with pytest.raises(TimelineError, match="of one campaign"):
            full = Files([text()], False, replace(LIMITS, campaign_bytes=3 * len(WORDS) - 1))
            attach(team.note("Other."), full, **by)


def test_a_limit_tells_of_nothing_hidden(team: Team) -> None:
    """Files that somebody may not have do not count against them, nor are they in the number shown."""
    with team.act() as now:
        secret = team.note("Secret.", by="lead", visibility=To.OFF_THE_RECORD)
        add(team, secret, now, text(content=b"x" * 1000), by="lead")
        assert attached.bytes_of(team.campaign_id, team.account("editor"), now=now) == 0
        assert attached.bytes_of(team.campaign_id, team.account("lead"), now=now) == 1000
        limited = Files([text()], False, replace(LIMITS, campaign_bytes=500))
        attach(team.note("Plain."), limited, actor=team.account("editor"), now=now)


@pytest.mark.each_database
def test_who_may_have_a_file(team: Team) -> None:
    """Exactly who reads the entry, and of those the team alone unless it was opened; off the record the named alone."""
    everybody = ("editor", "lead", "reader", "administrator", "organiser", "viewer", None)
    team_alone = {"editor", "lead", "reader", "administrator"}
    wanted = {
        "open": (To.PUBLIC, True, (), set(everybody)),
        "public": (To.PUBLIC, False, (), team_alone),
        "signed in": (To.SIGNED_IN, True, (), set(everybody) - {None}),
        "members": (To.MEMBERS, True, (), team_alone),
        "not for attribution": (To.NOT_FOR_ATTRIBUTION, False, (), team_alone),
        "off the record": (To.OFF_THE_RECORD, True, ("viewer",), {"editor", "viewer"}),
    }
    with team.act() as now:
        for headline, (visibility, is_open, readers, _who) in wanted.items():
            entry = team.note(headline, visibility=visibility, readers=readers)
            add(team, entry, now, text(f"{headline}.txt"), is_open=is_open)
    with team.look():
        for headline, (_visibility, _open, _readers, expected) in wanted.items():
            entry, got = team.entry(headline), set()
            file = entry.attachments[0].public_id
            for who in everybody:
                account = team.account(who) if who else None
                mine = attached.attachment_by_public_id(team.campaign_id, file, account, today=TODAY)
                rows = attached.files_of([entry], account, today=TODAY, now=clock.now())
                assert bool(mine) == bool(rows)
                if mine:
                    got.add(who)
            assert got == expected, headline


def test_public_only_from_a_day(team: Team) -> None:
    """An opened file waits with its entry for the day from which outsiders may read."""
    with team.act() as now:
        entry = team.note("Later.", public_from=dt.date(2029, 5, 1))
        file = add(team, entry, now, is_open=True).public_id
        for day, there in ((dt.date(2029, 4, 30), False), (dt.date(2029, 5, 1), True)):
            assert bool(attached.attachment_by_public_id(team.campaign_id, file, None, today=day)) is there


def test_corrections_carry_files_over(team: Team) -> None:
    """What is told anew shows the files of what it corrects, and its own; nothing is stored twice."""
    with team.act() as now:
        actor = team.account("editor")
        wrong = team.note("Wrong.")
        add(team, wrong, now)
        right = correct_entry(
            wrong,
            reason="Not so",
            headline="Right.",
            occurred_on=wrong.occurred_on,
            files=Files([text("new.txt")]),
            actor=actor,
            now=now,
        )
        names = attached.names(right.attachments, now=now).values()
        assert sorted(names) == ["minutes.txt", "new.txt"] and chunks() == 2
        assert len(wrong.attachments) == 1


def test_drafts_hand_their_files_on(team: Team) -> None:
    """A record told anew before anybody saw it keeps its files."""
    team.alone()
    with team.act() as now:
        actor = team.account("editor")
        draft = team.note("Draft.", visibility=To.OFF_THE_RECORD)
        file = add(team, draft, now)
        told = amend(draft, team.told(visibility=To.OFF_THE_RECORD), reason="", actor=actor, now=now)
        assert list(told.carried) == [file]
        new = append_entry(
            campaign_id=team.campaign_id, kind=draft.kind, headline="New.", occurred_on=draft.occurred_on, now=now,
            actor=actor, visibility=told.visibility, carried=told.carried,
        )  # fmt: skip
        remove_attachment(file, actor=actor, now=now)
        db.session.refresh(new)
        assert not new.attachments and chunks() == 0


def test_only_what_nobody_saw_is_taken_back(team: Team) -> None:
    """A file goes without a trace of its bytes while its author alone could see it; afterwards it is redacted."""
    with team.act() as now:
        actor = team.account("editor")
        seen = add(team, team.note("Seen."), now)
        with pytest.raises(TimelineError, match="redacted in the open"):
            remove_attachment(seen, actor=actor, now=now)
        mine = add(team, team.note("Mine.", visibility=To.OFF_THE_RECORD), now)
        with pytest.raises(TimelineError):
            remove_attachment(mine, actor=team.account("lead"), now=now)
        remove_attachment(mine, actor=actor, now=now)
        assert chunks() == 1


def test_opening_and_closing(team: Team) -> None:
    """A file is opened to whoever reads its entry, or closed again; never one of something told in confidence."""
    with team.act() as now:
        by = {"actor": team.account("editor"), "now": now}
        file = add(team, team.note("Plain."), now)
        open_attachment(file, True, **by)
        open_attachment(file, True, **by)
        open_attachment(file, False, **by)
        found = sa.select(Revision.new_value).where(Revision.field == "attachment_readers").order_by(Revision.id)
        assert db.session.scalars(found).all() == ["everybody", "members"]
        with pytest.raises(TimelineError, match="confidence"):
            open_attachment(add(team, team.note("Quiet.", visibility=To.NOT_FOR_ATTRIBUTION), now), True, **by)


@pytest.mark.each_database
def test_one_file_is_destroyed_for_good(team: Team) -> None:
    """Bytes, name and sum of one file go, the reason stays; other files, and the entry, stay."""
    with team.act() as now:
        entry = team.note("Plain.")
        file, other = add(team, entry, now), add(team, entry, now, text("other.txt"))
        redact_attachment(file, reason="it named a person", actor=team.account("lead"), now=now)
        assert (file.name_sealed, file.sha256_sealed, file.redaction_reason) == ("", "", "it named a person")
        assert chunks() == 1 and values() == [None, None, None, "other.txt"]
        kept = db.session.scalars(sa.select(Redaction)).one()
        assert (kept.record_type, kept.record_public_id) == ("attachment", file.public_id)
        shown = attached.files_of([entry], team.account("reader"), today=TODAY, now=now, gone=True)[entry.id]
        assert [one.redaction_reason for one in shown] == ["it named a person", ""]
        assert other.redacted_at is None and entry.redacted_at is None


@pytest.mark.each_database
def test_files_go_with_their_entry(team: Team) -> None:
    """Redacting an entry destroys its files, also where a correction shows them; a restored copy loses them again."""
    with team.act() as now:
        actor, wrong = team.account("lead"), team.note("Wrong.", by="lead")
        file = add(team, wrong, now, by="lead")
        right = correct_entry(wrong, reason="r", headline="Right.", occurred_on=wrong.occurred_on, actor=actor, now=now)
        redact_entry(wrong, reason="a name", actor=actor, now=now)
        assert chunks() == 0 and file.redacted_at == now
        assert attached.files_of([right], actor, today=TODAY, now=now) == {}
        assert apply_redactions(now) == 0
    with team.act() as now:  # what a restore of a copy does that knew the file, but not yet its entry's correction
        file = db.session.scalars(sa.select(Attachment)).one()
        file.redacted_at = None
        db.session.add(AttachmentChunk(attachment_id=file.id, number=0, sealed=b"x"))
        db.session.flush()
        assert apply_redactions(now) == 1
        assert chunks() == 0 and file.redaction_reason == "a name"
        assert team.entry("Right").redacted_at is None
