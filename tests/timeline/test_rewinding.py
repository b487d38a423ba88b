"""Rewinding a history to a moment gives what stood then: checked against notes taken at each moment.

The notes are plain rows written down while a random story happens; nothing of `tracker/timeline/rewinding.py` is used
for them. Two things may differ, and only they: who may read an entry is today's rule, and redacted words are gone.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.happening_at_random import ACTS
from tests.support.happenings import Team
from tests.support.stories import TODAY, WORDS, Row, Story
from tracker.accounts.models import Account
from tracker.db import db
from tracker.outcomes.models import OutcomeStatus
from tracker.pages.standing import how_it_stood
from tracker.timeline.models import TimelineEntry
from tracker.timeline.queries import HistoryFilter, corrections_of, entries_visible_to, with_evidence
from tracker.timeline.rewinding import RecordedBy, read_then, rewound

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
@given(data=st.data(), alone=st.booleans(), acts=st.lists(st.sampled_from(ACTS), min_size=3, max_size=11))
def test_rewinding_equals_what_was_noted_down(team: Team, data: Any, alone: bool, acts: list[Any]) -> None:
    """For each moment and each reader: entries, words, dates, sources, corrections, stage, asks and size of then."""
    story = Story(team)
    story.begin(alone)
    for act in acts:
        story.happen(act, data)
    with team.look():
        for who in READERS:
            account = team.account(who) if who else None
            seen = set(db.session.scalars(sa.select(TimelineEntry.id).where(entries_visible_to(account, today=TODAY))))
            for index in range(len(story.notes)):
                compare(story, index, account, seen)
        for index in range(len(story.notes)):
            compare_standing(story, index)


def compare(story: Story, index: int, account: Account | None, seen: set[int]) -> None:
    notes = story.notes[index]
    past = RecordedBy(notes.at.date(), notes.at + dt.timedelta(microseconds=1), account, TODAY)
    wanted = [now_redacted(row) for row in notes.entries.values() if may_know(story, index, row, account, seen)]
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


def now_redacted(row: Row) -> Row:
    """The row, or what a redaction since has left of it: its last date, its sources, no words and no changes."""
    entry = db.session.get_one(TimelineEntry, row.id)
    if entry.redacted_at is None:
        return row
    dated = entry.occurred_on, entry.occurred_precision.value
    return Row(row.id, row.kind, entry.headline, "", *dated, row.recorded_at, row.sources, row.corrects)


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
    return all((one.headline, one.words) == (row.headline, row.words) for one in later)


def compare_standing(story: Story, index: int) -> None:
    notes, editor = story.notes[index], story.team.account("editor")
    past = RecordedBy(notes.at.date(), notes.at + dt.timedelta(microseconds=1), editor, TODAY)
    stood = how_it_stood(story.campaign, past, sees_changes=True)
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
