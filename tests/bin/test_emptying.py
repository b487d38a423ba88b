"""After its time what was removed is destroyed, words and all; what others have built upon stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support.attaching import add, text
from tests.support.campaigns import log
from tests.support.happenings import Team
from tests.support.pages import visit
from tracker import clock
from tracker.accounts.models import Reading
from tracker.accounts.service import record_access
from tracker.bin import service
from tracker.bin.emptying import empty_bin
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.models import Campaign, Demand
from tracker.campaigns.service import (
    add_deadline,
    add_demand,
    add_text,
    edit_demand,
    remove_campaign,
    remove_deadline,
    remove_demand,
)
from tracker.companies.models import Company
from tracker.db import db, transaction
from tracker.outcomes.models import OutcomeStatus
from tracker.outcomes.service import Became, record_outcome
from tracker.resolutions.service import Filing, file_resolution
from tracker.signatures.models import Appearance
from tracker.signatures.people import Person
from tracker.signatures.service import add_signatory
from tracker.timeline.models import (
    Attachment,
    AttachmentChunk,
    EntryKind,
    Revision,
    Source,
    SourceKind,
    TimelineEntry,
)
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.service import amend, append_entry, correct_entry, remove_entry
from tracker.web.once import forget_saved
from worker.tasks import empty_the_bin

SECRET = "Ottilie Unmistakable"
MONTH = dt.timedelta(days=31)


def everywhere(words: str) -> list[str]:
    """The tables in which these words stand."""
    found = []
    for table in db.metadatas[None].sorted_tables:
        for row in db.session.execute(sa.select(table)).all():
            if any(words.split()[-1].casefold() in str(value).casefold() for value in row):
                found.append(table.name)
    return sorted(set(found))


def filing(team: Team, title: str) -> Filing:
    """A resolution with a filer."""
    return Filing(company=db.session.get_one(Company, team.company_id), title=title, lead_filer="A Fund")


def source(words: str) -> Source:
    return Source(citation=words, kind=SourceKind.PRIMARY, recorded_at=clock.now())


@pytest.mark.each_database
def test_a_removed_entry_leaves_no_word(team: Team) -> None:
    """Its sentence, earlier wording, sources and record go; a source that another entry cites stays."""
    team.alone()
    with team.act() as now:
        actor = team.account("editor")
        shared = source("Shared source")
        entry = team.note(
            f"{SECRET} met us.", visibility=To.OFF_THE_RECORD, sources=[source(f"Diary of {SECRET}"), shared]
        )
        team.note("Another note.", sources=[shared])
        remove_entry(entry, actor=actor, now=now - MONTH)
        db.session.add(
            Revision(
                record_type="timeline_entry", record_id=entry.id, campaign_id=team.campaign_id, field="words",
                old_value=SECRET, new_value="x", recorded_at=now,
            )
        )  # fmt: skip
    with team.look():
        assert {"revision", "source", "timeline_entry", "search_document"} <= set(everywhere(SECRET))
        assert empty_bin(clock.now()) == 1
        assert everywhere(SECRET) == []
        assert db.session.scalar(sa.select(sa.func.count()).select_from(TimelineEntry)) == 1
        assert db.session.scalars(sa.select(Source.citation)).all() == ["Shared source"]
        assert empty_bin(clock.now()) == 0


@pytest.mark.each_database
def test_what_hangs_on_its_record_leaves_a_row_without_words(team: Team) -> None:
    """A resolution that was taken back, but has a filer, keeps its row, since the filer's names it; no word stays."""
    team.alone()
    with team.act() as now:
        actor = team.account("editor")
        resolution = file_resolution(
            team.campaign, filing(team, SECRET),
            team.told(visibility=To.OFF_THE_RECORD), actor=actor, now=now,
        )  # fmt: skip
        remove_entry(resolution.entry, actor=actor, now=now - MONTH)
    with team.look():
        empty_bin(clock.now())
        assert everywhere(SECRET) == []
        assert empty_bin(clock.now()) == 0


@pytest.mark.each_database
def test_a_demand_with_an_outcome_stays(team: Team) -> None:
    """History is not removed with what it tells of: a demand that was refused stays; one that nobody answered goes,
    with its changes and its deadline's reminders."""
    with team.act() as now:
        actor = team.account("editor")
        record_outcome(
            team.demand(1), Became(OutcomeStatus.REFUSED), team.told(words="They said no."), actor=actor, now=now
        )
        edit_demand(team.demand(2), {"words": SECRET}, seen=team.demand(2).version, actor=actor, now=now)
        for position in (1, 2):
            remove_demand(team.demand(position), reason="x", actor=actor, now=now - MONTH, visibility=To.PUBLIC)
        deadline = add_deadline(
            team.campaign, what=SECRET, due_on=dt.date(2030, 1, 1), owner=actor, actor=actor, now=now
        )
        remove_deadline(deadline, actor=actor, now=now - MONTH)
    with team.look():
        empty_bin(clock.now())
        assert db.session.scalars(sa.select(Demand.words)).all() == ["Stop selling Rekognition to governments"]
        assert {"timeline_entry"} == {
            name for name in everywhere(SECRET) if "search" not in name
        }  # "No longer asked: …", which others could read
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Deadline)) == 0
        assert empty_bin(clock.now()) == 0


def fill(team: Team, campaign: Campaign, words: str, now: dt.datetime) -> None:
    """A campaign with a little of everything, each time with these words."""
    actor = team.account("lead")
    demand = add_demand(campaign, f"Stop {words}", told=team.told(), actor=actor, now=now)
    record_outcome(demand, Became(OutcomeStatus.REFUSED), team.told(words=words), actor=actor, now=now)
    for number, body in enumerate((f"Dear {words}", f"Dear, dear {words}")):
        add_text(campaign, body, seen=number, told=team.told(), actor=actor, now=now)
        for who in ("Ann", "Bea"):
            add_signatory(
                campaign, Person(f"{who} {words}", "", "", f"{who}{number}@example.org"),
                appearance=Appearance.NAMED, signed=None, actor=actor, now=now,
            )  # fmt: skip
    file_resolution(
        campaign,
        filing(team, words),
        team.told(),
        actor=actor,
        now=now,
    )
    first = append_entry(
        campaign_id=campaign.id, kind=EntryKind.NOTE, headline=words, occurred_on=now.date(), now=now, actor=actor,
        visibility=To.PUBLIC, sources=[source(words)],
    )  # fmt: skip
    correct_entry(first, reason=words, headline=words, occurred_on=now.date(), actor=actor, now=now)
    add_deadline(campaign, what=words, due_on=dt.date(2030, 1, 1), owner=actor, actor=actor, now=now)
    record_access(actor, campaign_id=campaign.id, reading=Reading.VIEWED, count=1, reason="To call them", now=now)


@pytest.mark.each_database
@pytest.mark.parametrize("bite", [3, 500])
def test_a_campaign_leaves_no_word(team: Team, signed_in: Callable[..., Any], bite: int) -> None:
    """A campaign with people, text, history goes altogether, however small the bites; another one keeps everything.

    What stays is a row without a word, and who read its people's addresses.
    """
    client = team.client("lead")
    log(client, title=f"Letter to {SECRET}", kind="public", company=team.company_name)
    with team.act() as now:
        other = db.session.scalars(sa.select(Campaign).where(Campaign.title.contains(SECRET))).one()
        fill(team, other, SECRET, now)
        fill(team, team.campaign, "Somebody else", now)
        remove_campaign(other, actor=team.account("lead"), now=now - MONTH)
        number, public_id = other.id, other.public_id
    with team.look():
        kept = {name: count for name, count in counts(team.campaign_id).items() if count}
        assert len(everywhere(SECRET)) >= 8
        with transaction():
            forget_saved(clock.now())  # where the quick log led to; swept after a day
        empty_bin(clock.now(), bite=bite)
        assert everywhere(SECRET) == []
        assert {name: count for name, count in counts(team.campaign_id).items() if count} == kept
        assert {name for name, count in counts(number).items() if count} == {"access_record"}
        gone = db.session.get_one(Campaign, number)
        assert gone.destroyed_at is not None and gone.title == "Destroyed" and gone.public_id == public_id
        assert empty_bin(clock.now()) == 0
    assert "Destroyed" not in visit(client, "/campaigns/removed").text


def counts(campaign_id: int) -> dict[str, int]:
    """How many rows of each table name this campaign."""
    return {
        table.name: db.session.scalar(
            sa.select(sa.func.count()).select_from(table).where(table.c.campaign_id == campaign_id)
        )
        or 0
        for table in db.metadatas[None].sorted_tables
        if "campaign_id" in table.c
    }


@pytest.mark.each_database
def test_stopped_half_way_and_begun_again(team: Team) -> None:
    """A worker that dies after any bite leaves something that the next one finishes."""
    with team.act() as now:
        fill(team, team.campaign, SECRET, now)
        remove_campaign(team.campaign, actor=team.account("lead"), now=now - MONTH)
    with team.look():
        for _ in range(500):
            with pytest.raises(InterruptedError), transaction():
                assert service.destroy_part_of_campaign(before=clock.now(), now=clock.now(), most=7)
                raise InterruptedError
            with transaction():
                done = service.destroy_part_of_campaign(before=clock.now(), now=clock.now(), most=7)
            if not done or db.session.get_one(Campaign, team.campaign_id).destroyed_at:
                break
        assert everywhere(SECRET) == []


def test_no_word_stays_in_the_files(app: Flask, team: Team) -> None:
    """After the task the words are in no file of the instance: not in the database, not in its write-ahead log."""
    team.alone()
    with team.act() as now:
        entry = team.note(f"{SECRET} met us.", visibility=To.OFF_THE_RECORD)
        remove_entry(entry, actor=team.account("editor"), now=now - MONTH)
    folder = Path(app.instance_path)

    def files() -> list[str]:
        return [path.name for path in folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]

    with team.look():
        db.session.remove()
    assert files()
    with team.look():
        empty_the_bin()
    assert files() == []


def test_my_entry_is_destroyed_at_once(team: Team) -> None:
    """“A name is in it, do not wait thirty days”: its author destroys an entry that lies in the bin."""
    team.alone()
    with team.act() as now:
        remove_entry(
            team.note(f"{SECRET} met us.", visibility=To.OFF_THE_RECORD), actor=team.account("editor"), now=now
        )
    client = team.client("editor")
    page = visit(client, team.path("/bin"))
    action = str(page.select_one("form[action$=destroy]")["action"])
    assert "Destroyed for good." in visit(client, action, method="POST", queries=80).soup.text
    with team.look():
        assert everywhere(SECRET) == []
    assert client.post(action).status_code == 404


def test_files_go_with_what_is_destroyed(team: Team) -> None:
    """A removed entry takes its files along, row and all; a draft that was told anew leaves them to what took its
    place, and a campaign leaves none."""
    team.alone()
    with team.act() as now:
        editor = team.account("editor")
        gone = team.note("Gone.", visibility=To.OFF_THE_RECORD)
        add(team, gone, now)
        draft = team.note("Draft.", visibility=To.OFF_THE_RECORD)
        kept = add(team, draft, now, text("kept.txt"))
        told = amend(draft, team.told(visibility=To.OFF_THE_RECORD), reason="", actor=editor, now=now)
        new = append_entry(
            campaign_id=team.campaign_id, kind=draft.kind, headline="New.", occurred_on=draft.occurred_on, now=now,
            actor=editor, visibility=told.visibility, carried=told.carried,
        )  # fmt: skip
        draft.corrects = new
        remove_entry(gone, actor=editor, now=now)
        ids = kept.id, new.id
    with team.look():
        empty_bin(clock.now() + MONTH)
        assert db.session.scalars(sa.select(Attachment.id)).all() == [ids[0]]
        assert db.session.scalars(sa.select(AttachmentChunk.attachment_id)).all() == [ids[0]]
        assert [one.id for one in db.session.get_one(TimelineEntry, ids[1]).attachments] == [ids[0]]
    with team.act() as now:
        remove_campaign(team.campaign, actor=team.account("editor"), now=now)
    with team.look():
        empty_bin(clock.now() + MONTH)
        assert not db.session.scalars(sa.select(Attachment.id)).all()
        assert not db.session.scalars(sa.select(AttachmentChunk.attachment_id)).all()
