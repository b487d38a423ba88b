"""Rewinding a history to a moment gives what stood then: checked against notes taken at each moment.

The notes are plain rows written down while a random story happens; nothing of `tracker/timeline/rewinding.py` is used
for them. Two things may differ, and only they: who may read an entry is today's rule, and redacted words are gone,
also from the sentences that repeat them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.happening_at_random import ACTS, RECORDS, redact
from tests.support.happenings import Team
from tests.support.stories import TODAY, WORDS, Filing, Notes, Promise, Row, Story
from tests.support.stories_told_again import STORIES, Act, Drawn
from tracker.accounts.models import Account
from tracker.db import Precision, db
from tracker.outcomes.models import Commitment, CommitmentGrade, Implementation, OutcomeStatus
from tracker.pages.standing import Standing, how_it_stood
from tracker.resolutions.models import Resolution
from tracker.timeline.models import TimelineEntry
from tracker.timeline.queries import HistoryFilter, corrections_of, entries_visible_to, with_evidence
from tracker.timeline.rewinding import PublishedBy, RecordedBy, read_then, rewound

Told = TypeVar("Told", Promise, Filing, "Grade", "Step")
READERS = ("editor", "lead", "reader", "viewer", None)


@pytest.mark.each_database
@pytest.mark.timeout(400)
@settings(
    max_examples=6,
    deadline=None,
    phases=[
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ],  # each example is many transactions; shrinking would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    data=st.data(),
    alone=st.booleans(),
    acts=st.sampled_from([ACTS, RECORDS]).flatmap(
        lambda acts: st.lists(st.sampled_from(acts), min_size=3, max_size=11)
    ),
)
def test_rewinding_equals_what_was_noted_down(team: Team, data: Any, alone: bool, acts: list[Any]) -> None:
    """For each moment and each reader: entries, words, dates, sources, corrections, stage, asks, size,
    promises and resolutions of then."""
    compare_everything(happened(team, data, alone, acts))


@pytest.mark.each_database
@pytest.mark.parametrize(("alone", "acts", "drawn"), STORIES.values(), ids=STORIES)
def test_a_story_told_again(team: Team, alone: bool, acts: list[Act], drawn: list[Any]) -> None:
    """Whatever repeats redacted words reads "Words removed" in every past state, and is otherwise what it was."""
    story = happened(team, Drawn(*drawn), alone, acts)
    assert bool(story.struck) is (redact in acts)
    compare_everything(story)


def happened(team: Team, data: Any, alone: bool, acts: list[Act]) -> Story:
    story = Story(team)
    story.begin(alone)
    for act in acts:
        story.happen(act, data)
    return story


def compare_everything(story: Story) -> None:
    team = story.team
    with team.look():
        for who in READERS:
            account = team.account(who) if who else None
            seen = set(db.session.scalars(sa.select(TimelineEntry.id).where(entries_visible_to(account, today=TODAY))))
            for index in range(len(story.notes)):
                compare(story, index, account, seen)
        for index in range(len(story.notes)):
            compare_standing(story, index)
        for months in range(0, 20, 3):
            compare_published(story, dt.date(2018 + months // 12, months % 12 + 1, 15))


def compare(story: Story, index: int, account: Account | None, seen: set[int]) -> None:
    notes = story.notes[index]
    past = RecordedBy(notes.at.date(), notes.at + dt.timedelta(microseconds=1), account, TODAY)
    wanted = [now_redacted(story, row) for row in notes.entries.values() if may_know(story, index, row, account, seen)]
    wanted.sort(key=lambda row: (row.on, row.recorded_at, row.id), reverse=True)
    assert shown(story, past, HistoryFilter()) == [as_shown(row, wanted) for row in wanted]
    word = WORDS[index % len(WORDS)]
    found = [row.id for row in wanted if word in row.headline.lower()]
    assert [one[0] for one in shown(story, past, HistoryFilter(text=word))] == found, word


def shown(story: Story, past: RecordedBy, wanted: HistoryFilter) -> list[Any]:
    undone = past.undone(story.campaign_id)
    entries = db.session.scalars(with_evidence(rewound(story.campaign_id, past, wanted, undone))).all()
    then = read_then(past, entries, undone)
    corrections = corrections_of(entries, past.shown)
    return [
        (
            entry.id,
            then[entry.id].headline,
            then[entry.id].words,
            then[entry.id].occurred_on,
            then[entry.id].precision.value,
            tuple(one.id for one in then[entry.id].sources),
            corrections[entry.id].id if entry.id in corrections else None,
        )
        for entry in entries
    ]


def as_shown(row: Row, all_rows: list[Row]) -> Any:
    correction = next((one.id for one in all_rows if one.corrects == row.id), None)
    return (row.id, row.headline, row.words, row.on, row.precision, row.sources, correction)


def now_redacted(story: Story, row: Row) -> Row:
    """The row, or what redactions since have left of it: of its own, its last date, its sources, no words and no
    changes; of another's, all but the words of that which it repeats."""
    entry = db.session.get_one(TimelineEntry, row.id)
    if entry.redacted_at is None:
        return replace(row, headline=as_struck(story, row))
    on, precision = entry.occurred_on, entry.occurred_precision.value
    return replace(row, headline=entry.headline, words="", on=on, precision=precision)


def may_know(story: Story, index: int, row: Row, account: Account | None, seen: set[int]) -> bool:
    """Today's rule, and: drafts that were reworded or removed are their author's."""
    entry = db.session.get_one(TimelineEntry, row.id)
    mine = account is not None and entry.actor_id == account.id
    if entry.deleted_at is not None:
        return mine
    if row.id not in seen:
        return False
    if mine or entry.redacted_at is not None:
        return True
    later = [one.entries[row.id] for one in story.notes[index:]]
    said = as_struck(story, row), row.words
    return all((as_struck(story, one), one.words) == said for one in later)


def as_struck(story: Story, row: Row) -> str:
    """Its sentence without what was redacted of the promise or the resolution of which it says more."""
    headline = row.headline
    repeats = row.tells in ("commitment_grade", "vote", "disposition") or row.kind == "correction"
    for words in story.struck if repeats else ():
        headline = re.sub(rf"{words}(?!\d)", "Words removed", headline)
    return headline


def compare_standing(story: Story, index: int) -> None:
    notes, editor = story.notes[index], story.team.account("editor")
    past = RecordedBy(notes.at.date(), notes.at + dt.timedelta(microseconds=1), editor, TODAY)
    stood = how_it_stood(story.campaign, past, past.undone(story.campaign_id), sees_changes=True)
    assert stood.stage is notes.stage
    # The editor sees every outcome and size; those redacted since are gone.
    standing = {
        key
        for key, row in notes.entries.items()
        if db.session.get_one(TimelineEntry, key).redacted_at is None
        and not any(other.corrects == key and other.kind == row.kind for other in notes.entries.values())
    }
    outcomes = sorted(standing & notes.outcomes.keys(), key=lambda key: (notes.entries[key].on, key))
    status = {notes.outcomes[key][0]: notes.outcomes[key][1] for key in outcomes}
    assert list(stood.asks) == [(words, status.get(key, OutcomeStatus.UNANSWERED)) for key, words in notes.asks]
    sizes = [notes.sizes[key] for key in standing & notes.sizes.keys()]
    assert (stood.size.value if stood.size else None) == (max(sizes)[2] if sizes else None)
    compare_promises(notes, standing, stood)
    compare_filings(story, notes, standing, stood)


def compare_promises(notes: Notes, standing: set[int], stood: Standing) -> None:
    """Each in the words its record held then, and as far as its latest grade of then said."""
    wanted = []
    for one in in_order(notes, standing, notes.promises):
        by = f", by {one.due_on.day} {one.due_on:%B %Y}" if one.due_on else ""
        sentence = f"Amazon.com, Inc. promised{by}: {one.words}"
        graded = in_order(notes, standing, [Grade(*grade) for grade in one.grades])
        wanted.append((sentence, graded[-1].how_far if graded else "not_known"))
    assert [(one.sentence, one.how_far.value) for one in stood.promised] == wanted


def compare_filings(story: Story, notes: Notes, standing: set[int], stood: Standing) -> None:
    """Each by the title its record held then, and its latest step or vote of then."""
    found = list(stood.filed)
    wanted = in_order(notes, standing, notes.filings)
    assert len(found) == len(wanted)
    for one, known in zip(found, wanted, strict=True):
        assert known.title.rstrip(".") in one.sentence
        steps = in_order(notes, standing, [Step(key) for key in known.steps])
        assert one.last == (as_struck(story, notes.entries[steps[-1].entry]) if steps else "")


def compare_published(story: Story, day: dt.date) -> None:
    """By the dates of sources: in today's sentences, what a source that was out by then tells."""
    past = PublishedBy(day, story.team.account("editor"), TODAY)
    stood = how_it_stood(story.campaign, past, past.undone(story.campaign_id), sees_changes=True)
    live = sa.and_(TimelineEntry.campaign_id == story.campaign_id, TimelineEntry.deleted_at.is_(None))
    out = {one.id: one for one in db.session.scalars(sa.select(TimelineEntry).where(live)) if is_out(one, day)}
    anew = {earlier.id for one in out.values() for earlier in told_anew_by(one)}
    held = [one for one in out.values() if one.id not in anew and one.redacted_at is None]
    for record, said in (
        (Commitment, [one.sentence for one in stood.promised]),
        (Resolution, [one.sentence for one in stood.filed]),
    ):
        told = [one for one in held if one.record_type == record.__tablename__]
        assert sorted(said) == sorted(one.headline for one in told)
    grades = db.session.scalars(sa.select(CommitmentGrade).where(CommitmentGrade.entry_id.in_([o.id for o in held])))
    graded = {grade.implementation for grade in grades} | {Implementation.NOT_KNOWN}
    assert {one.how_far for one in stood.promised} <= graded


def told_anew_by(entry: TimelineEntry) -> Iterable[TimelineEntry]:
    """What it corrects by saying it otherwise; and what that corrected in turn."""
    earlier = entry.corrects
    while earlier is not None and earlier.kind is entry.kind:
        yield earlier
        earlier = earlier.corrects


def is_out(entry: TimelineEntry, day: dt.date) -> bool:
    """Whether a source of it was surely published by the end of a day."""
    after = day + dt.timedelta(days=1)
    parts = {Precision.DAY: 3, Precision.MONTH: 2, Precision.YEAR: 1}
    return any(
        source.published_on is not None
        and source.published_precision is not None
        and source.published_on.timetuple()[: parts[source.published_precision]]
        < after.timetuple()[: parts[source.published_precision]]
        for source in entry.sources
        if source.redacted_at is None
    )


@dataclass(frozen=True)
class Grade:
    """How far a promise had been carried out, by the entry that says so."""

    entry: int
    how_far: str


@dataclass(frozen=True)
class Step:
    """What happened to a resolution, by the entry that says so."""

    entry: int


def in_order(notes: Notes, standing: set[int], told: Iterable[Told]) -> list[Told]:
    """What held then, by the date of then; what fell on one day in the order of recording."""
    held = [one for one in told if one.entry in standing]
    return sorted(held, key=lambda one: (notes.entries[one.entry].on, one.entry))
