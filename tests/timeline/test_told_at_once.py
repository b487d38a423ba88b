"""Two people correct the same record: the second sees both versions field by field and chooses; nothing is lost."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest
from flask import url_for

from tests.support.happenings import Team
from tests.support.pages import Page, visit, words
from tests.support.records import KINDS, Kind, note
from tracker import clock
from tracker.db import db
from tracker.engagements.models import EngagementKind
from tracker.engagements.service import Contact, record_engagement
from tracker.outcomes.models import OutcomeStatus
from tracker.outcomes.service import Became, record_outcome
from tracker.timeline.in_place import AMENDED_AT
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.models import Source, TimelineEntry
from tracker.timeline.queries import newest_telling, record_behind
from tracker.timeline.service import Conflict, amend

REASON = "It was wrong."


def test_every_kind_of_record_is_here(team: Team) -> None:
    """Each record that is told anew by a form of its own is tried below."""
    assert set(KINDS) == {"note", *AMENDED_AT}


def made(team: Team, kind: Kind) -> tuple[int, str]:
    """The entry that first tells such a record, read by others, and the address of the form that tells it anew."""
    with team.act() as now:
        told = team.told(words="See the letter.", sources=[Source(citation="A letter", recorded_at=now)])
        record = kind.make(team, {"told": told, "actor": team.account("editor"), "now": now})
        entry = record if isinstance(record, TimelineEntry) else record.entry
        key, public_id, table = entry.id, entry.public_id, entry.record_type
    with team.app.test_request_context():
        return key, url_for(AMENDED_AT.get(table, "timeline.correct"), slug=team.slug, public_id=public_id)


def told_now(team: Team, kind: Kind, first: int) -> Any:
    """What the record holds today."""
    with team.look():
        entry = db.session.get_one(TimelineEntry, first)
        today = clock.now().date()
        newest = newest_telling(team.campaign_id, entry.public_id, team.account("editor"), today=today)
        assert newest is not None
        return kind.told(record_behind(newest) or newest)


def rows(page: Page) -> list[str]:
    return [words(row) for row in page.select(".conflict fieldset legend")]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_two_correct_it(team: Team, kind: Kind) -> None:
    """“While I wrote, the lead corrected the same thing. I saw what we both wrote, and took mine; or theirs.”"""
    first, address = made(team, kind)
    ada, bo = team.client("editor"), team.client("lead")
    mine, theirs = (visit(who, address, queries=60).form("main .sheet form") for who in (ada, bo))
    visit(bo, address, method="POST", data={**theirs, kind.field: kind.theirs, "reason": REASON})
    assert told_now(team, kind, first) == kind.theirs

    mine |= {kind.field: kind.mine, "reason": "I know better.", "words": "And my own words."}
    page = visit(ada, address, method="POST", data=mine, status=409)
    assert rows(page) == [kind.label, words_of_field(page) + " only you changed it"]
    assert told_now(team, kind, first) == kind.theirs
    choice = page.form(".conflict form")
    assert choice["reason"] == "I know better." and f"choice-{kind.row or kind.field}" not in choice
    assert choice["choice-words"] == "mine"
    visit(ada, address, method="POST", data={**choice, f"choice-{kind.row or kind.field}": "mine"})
    assert told_now(team, kind, first) == kind.mine
    with team.look():
        newest = max(db.session.get_one(TimelineEntry, first).corrections[0].corrections, key=lambda one: one.id)
        assert (newest.words, newest.correction_reason) == ("And my own words.", "I know better.")
        assert kind.make is note or newest.sources[0].citation == "A letter"


def words_of_field(page: Page) -> str:
    """How this form calls its words."""
    return words(page.select_one("label[for=words]")).removesuffix(" (optional)")


def test_theirs_is_taken(team: Team) -> None:
    """Whoever chooses theirs leaves that field as it stands, and adds what only they wrote."""
    kind = KINDS["statement"]
    first, address = made(team, kind)
    ada, bo = team.client("editor"), team.client("lead")
    mine, theirs = (visit(who, address).form("main .sheet form") for who in (ada, bo))
    data = {**theirs, "speaker": "Theirs", "source-citation": "Their source", "reason": REASON}
    visit(bo, address, method="POST", data=data)
    data = {**mine, "speaker": "Mine", "office": "The chair", "source-citation": "My source", "reason": REASON}
    page = visit(ada, address, method="POST", data=data, status=409)
    source = words(page.select_one("[data-field=source]"))
    assert "Their source" in source and "My source" in source
    choice = {**page.form(".conflict form"), "choice-speaker": "theirs", "choice-source": "theirs"}
    visit(ada, address, method="POST", data=choice)
    assert told_now(team, kind, first) == "Theirs"
    with team.look():
        newest = db.session.get_one(TimelineEntry, first).corrections[0].corrections[0]
        statement = record_behind(newest)
        assert statement is not None and statement.office == "The chair"  # type: ignore[attr-defined]
        assert [source.citation for source in newest.sources] == ["Their source"]


def test_a_third_meanwhile(team: Team) -> None:
    """While the second chooses, a third corrects the correction: asked anew, with the second's words still there."""
    kind = KINDS["outcome"]
    first, address = made(team, kind)
    ada, bo, cy = (team.client(who) for who in ("editor", "lead", "administrator"))
    mine, theirs = (visit(who, address).form("main .sheet form") for who in (ada, bo))
    visit(bo, address, method="POST", data={**theirs, kind.field: "Theirs", "reason": REASON})
    page = visit(ada, address, method="POST", data={**mine, kind.field: "Mine", "reason": REASON}, status=409)
    third = visit(cy, address).form("main .sheet form")  # the address of the first leads to what is told today
    assert third[kind.field] == "Theirs"
    visit(cy, address, method="POST", data={**third, kind.field: "The third's", "reason": REASON})
    choice = {**page.form(".conflict form"), f"choice-{kind.field}": "theirs"}
    page = visit(ada, address, method="POST", data=choice, status=409)
    assert words(page.select_one(f"[data-field={kind.field}]")).endswith("Theirs The third's Mine Mine")
    visit(ada, address, method="POST", data={**page.form(".conflict form"), f"choice-{kind.field}": "mine"})
    assert told_now(team, kind, first) == "Mine"


def test_in_two_windows_while_nobody_else_has_seen_it(team: Team) -> None:
    """A draft is replaced, not corrected: its author's other window notices, and finds what stands now."""
    team.alone()
    kind = KINDS["commitment"]
    with team.act():
        team.campaign.visibility = type(team.campaign.visibility).MEMBERS
    first, address = made(team, kind)
    client = team.client("editor")
    one, other = (visit(client, address).form("main .sheet form") for _window in range(2))
    visit(client, address, method="POST", data={**one, "promise": "In the one", "words": "More."})
    page = visit(client, address, method="POST", data={**other, "promise": "In the other"}, status=409)
    assert rows(page) == ["What was promised", "More about it only they changed it"]
    visit(client, address, method="POST", data={**page.form(".conflict form"), "choice-promise": "mine"})
    assert told_now(team, kind, first) == "In the other"


def test_files_are_asked_for_once_more(team: Team) -> None:
    """A page that comes back cannot keep files: it says so, and takes them with the choice."""
    kind = KINDS["outcome"]
    first, address = made(team, kind)
    ada, bo = team.client("editor"), team.client("lead")
    mine, theirs = (visit(who, address).form("main .sheet form") for who in (ada, bo))
    visit(bo, address, method="POST", data={**theirs, kind.field: "Theirs", "reason": REASON})
    data = {**mine, kind.field: "Mine", "reason": REASON, "files": (io.BytesIO(b"Words."), "letter.txt")}
    page = visit(ada, address, method="POST", data=data, status=409)
    assert page.select_one(".conflict form")["enctype"] == "multipart/form-data"
    assert "Choose the files again" in words(page.select_one(".conflict form"))
    choice = {**page.form(".conflict form"), f"choice-{kind.field}": "mine"}
    visit(ada, address, method="POST", data={**choice, "files": (io.BytesIO(b"Words."), "letter.txt")})
    with team.look():
        newest = db.session.get_one(TimelineEntry, first).corrections[0].corrections[0]
        assert len(newest.attachments) == 1


def test_told_in_confidence_stays_so(team: Team) -> None:
    """Who may not read the first telling does not learn of the newest by its address either."""
    with team.act() as now:
        told = team.told(visibility=To.OFF_THE_RECORD, words="Softly.", readers=[team.account("lead")])
        contact = Contact(EngagementKind.CALL)
        first = record_engagement(team.campaign, contact, told, actor=team.account("editor"), now=now).entry
        told = amend(first, told, reason=REASON, actor=team.account("lead"), now=now)
        record_engagement(team.campaign, contact, told, actor=team.account("lead"), now=now)
        path = team.path(f"/engagements/{first.public_id}")
    assert visit(team.client("editor"), path).has("#participants")
    visit(team.client("administrator"), path, status=404)


@pytest.mark.each_database
def test_at_the_same_moment(team: Team) -> None:
    """Of two corrections in two transactions at once one is made; the other waits, and is told."""
    first, _address = made(team, KINDS["outcome"])
    ready, said = threading.Barrier(2), []

    def correct(who: str) -> None:
        try:
            with team.act() as now:
                entry, actor = db.session.get_one(TimelineEntry, first), team.account(who)
                assert not entry.corrections
                if not sqlite(team):
                    ready.wait(timeout=20)
                told = amend(entry, team.told(words="Anew."), reason=REASON, actor=actor, now=now)
                record_outcome(team.demand(), Became(OutcomeStatus.REFUSED), told, actor=actor, now=now)
            said.append("made")
        except Conflict:
            said.append("refused")
        except AssertionError:  # on SQLite one writer comes after the other, and sees it
            said.append("refused")

    threads = [threading.Thread(target=correct, args=(who,)) for who in ("editor", "lead")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(said) == ["made", "refused"]
    with team.look():
        assert len(db.session.get_one(TimelineEntry, first).corrections) == 1


def sqlite(team: Team) -> bool:
    with team.look():
        return db.session.get_bind().dialect.name == "sqlite"
