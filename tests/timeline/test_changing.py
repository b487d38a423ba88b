"""Before anybody else could see an entry its author changes it; afterwards it is corrected in the open."""

import datetime as dt
from typing import Any

import pytest

from tests.support.happenings import Team
from tests.support.pages import visit
from tracker.campaigns.models import Visibility
from tracker.db import Precision
from tracker.timeline.models import EntryKind, Source
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.queries import revisions_of
from tracker.timeline.service import (
    Conflict,
    TimelineError,
    change_entry,
    change_visibility,
    correct_entry,
    redact_entry,
    remove_entry,
)

MAY = dt.date(2019, 5, 1)


def values(**changes: Any) -> dict[str, Any]:
    return {
        "headline": "Right.",
        "words": "",
        "occurred_on": MAY,
        "precision": Precision.MONTH,
        "visibility": To.MEMBERS,
        **changes,
    }


@pytest.fixture
def campaign_visibility() -> Visibility:
    return Visibility.MEMBERS


def test_the_author_changes_what_nobody_else_saw(team: Team) -> None:
    """Each changed field leaves a Revision with both values."""
    team.alone()
    with team.act() as now:
        entry = team.note("Wrong.", visibility=To.MEMBERS)
        change_entry(entry, actor=team.account("editor"), now=now, **values())
        kept = {revision.field: (revision.old_value, revision.new_value) for revision in revisions_of(entry)}
        assert kept["headline"] == ("Wrong.", "Right.")
        assert kept["occurred_on"] == ("2019-05-22", "2019-05-01")
        assert kept["occurred_precision"] == ("day", "month")
        assert "words" not in kept


def test_a_change_that_opens_an_entry_exposes_it(team: Team) -> None:
    """Naming a reader is the last change an author can make."""
    team.alone()
    with team.act() as now:
        entry = team.note("Wrong.", visibility=To.OFF_THE_RECORD)
        actor = team.account("editor")
        change_entry(
            entry,
            actor=actor,
            now=now,
            **values(visibility=To.OFF_THE_RECORD, readers=[team.account("reader")]),
        )
        assert entry.exposed_at == now
        assert [r.old_value for r in revisions_of(entry) if r.field == "readers"] == [None]
        with pytest.raises(TimelineError, match="corrected in the open"):
            change_entry(entry, actor=actor, now=now, **values())


def test_nobody_changes_what_others_could_see(team: Team) -> None:
    """Not its author, once others could have read it; not another, ever."""
    with team.act() as now:
        entry = team.note("Wrong.")
        for who in ("editor", "lead"):
            with pytest.raises(TimelineError):
                change_entry(entry, actor=team.account(who), now=now, **values())
            with pytest.raises(TimelineError):
                remove_entry(entry, actor=team.account(who), now=now)
        assert (entry.headline, entry.deleted_at) == ("Wrong.", None)


def test_two_windows_do_not_overwrite_each_other(team: Team) -> None:
    """The second save of an old version is refused."""
    team.alone()
    with team.act():
        seen = team.note("Wrong.").version
    with team.act() as now:
        change_entry(team.entry("Wrong."), actor=team.account("editor"), now=now, expected_version=seen, **values())
    with team.act() as now, pytest.raises(Conflict):
        change_entry(
            team.entry("Right."),
            actor=team.account("editor"),
            now=now,
            expected_version=seen,
            **values(headline="Mine."),
        )


def test_a_removed_entry_is_gone(team: Team) -> None:
    """What its author takes back is in no list, and cannot be corrected."""
    team.alone()
    with team.act() as now:
        entry = team.note("Wrong.")
        remove_entry(entry, actor=team.account("editor"), now=now)
        assert entry.deleted_at == now
        with pytest.raises(TimelineError, match="nothing to correct"):
            correct_entry(entry, reason="x", headline="y", occurred_on=MAY, actor=team.account("editor"), now=now)


def test_whoever_removed_it_in_another_window_is_told_so(team: Team) -> None:
    """A form that was still open comes back with what was typed and the way to the bin; for others it is not there."""
    client = team.client("editor")
    team.alone()
    with team.act():
        where = team.path(f"/history/{team.note('Wrong.').public_id}")
    old = visit(client, f"{where}/edit").form()
    visit(client, f"{where}/remove", method="POST")
    page = visit(client, f"{where}/edit", method="POST", data={**old, "headline": "Typed meanwhile"}, status=410)
    assert page.heading == "You removed this entry" and page.link("Open the bin").endswith("/bin")
    with team.act():
        team.account("lead").active = True
    visit(team.client("lead"), where, status=404)


@pytest.mark.parametrize("visibility", [To.MEMBERS, To.NOT_FOR_ATTRIBUTION, To.OFF_THE_RECORD])
def test_a_correction_is_read_by_whoever_read_the_first(team: Team, visibility: To) -> None:
    """It has the same readers, the author among them, keeps the sources unless others are given, and is announced."""
    with team.act() as now:
        entry = team.note("Wrong.", visibility=visibility, readers=("reader",))
        entry.sources = [Source(citation="A letter", recorded_at=now)]
        right = correct_entry(
            entry, reason="The date.", headline="Right.", occurred_on=MAY, actor=team.account("lead"), now=now
        )
        assert (right.kind, right.corrects, right.correction_reason) == (EntryKind.CORRECTION, entry, "The date.")
        assert (right.visibility, right.announce) == (visibility, True)
        # In confidence also who told it first: the correction is another's entry.
        author = set() if visibility is To.MEMBERS else {entry.actor}
        assert set(right.readers) == {*entry.readers, *author}
        assert [source.citation for source in right.sources] == ["A letter"]
        assert entry.headline == "Wrong."


def test_a_correction_says_why_and_happens_once(team: Team) -> None:
    """Without a reason, of something corrected already, or of something redacted, it is refused in words."""
    with team.act() as now:
        actor = team.account("editor")
        entry = team.note("Wrong.")
        with pytest.raises(TimelineError) as refused:
            correct_entry(entry, reason="", headline="Right.", occurred_on=MAY, actor=actor, now=now)
        assert refused.value.field == "reason"
        correct_entry(entry, reason="r", headline="Right.", occurred_on=MAY, actor=actor, now=now)
        with pytest.raises(TimelineError, match="corrected already"):
            correct_entry(entry, reason="r", headline="Again.", occurred_on=MAY, actor=actor, now=now)
        gone = team.note("Gone.")
        redact_entry(gone, reason="a name", actor=actor, now=now)
        with pytest.raises(TimelineError, match="nothing to correct"):
            correct_entry(gone, reason="r", headline="Again.", occurred_on=MAY, actor=actor, now=now)


def test_confidence_is_opened_by_its_author_alone(team: Team) -> None:
    """A lead may show a note to fewer, but not open what another was told in confidence."""
    with team.act() as now:
        entry = team.note("Hush.", visibility=To.NOT_FOR_ATTRIBUTION)
        with pytest.raises(TimelineError, match="in confidence"):
            change_visibility(entry, To.PUBLIC, actor=team.account("lead"), now=now)
        change_visibility(entry, To.PUBLIC, actor=team.account("editor"), now=now)
        assert (entry.visibility, entry.opened_at) == (To.PUBLIC, now)
        note = team.note("Plain.", visibility=To.PUBLIC)
        change_visibility(note, To.MEMBERS, actor=team.account("lead"), now=now)
        assert (note.visibility, note.opened_at) == (To.MEMBERS, None)
