"""Stories that went wrong once, told the same way every time; most are of redactions that reach other sentences.

Each is whether the editor is alone, what happens, and what is drawn for that (see happening_at_random.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from tests.support.happening_at_random import (
    file,
    file_anew,
    grade,
    promise,
    redact,
    remove,
    show,
    step,
    tell_promise_anew,
    vote,
    vote_anew,
)
from tests.support.stories import Story
from tracker.db import db
from tracker.outcomes.models import Implementation
from tracker.resolutions.models import Resolution, Vote
from tracker.timeline.models import EntryKind, TimelineEntry
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.service import change_entry, correct_entry

Act = Callable[[Story, Any], None]


class Drawn:
    """What was drawn in a story that is told again."""

    def __init__(self, *drawn: Any) -> None:
        self.left = list(drawn)

    def draw(self, _strategy: object) -> Any:
        return self.left.pop(0)


def correct_with(sentence: str) -> Act:
    """A vote is corrected in a sentence that quotes the title."""

    def act(story: Story, _data: Any) -> None:
        known = db.session.scalars(sa.select(Vote)).one()
        headline = sentence.format(known.resolution.title.rstrip("."))
        on = known.entry.occurred_on
        correct_entry(
            known.entry, reason="Wrong.", headline=headline, occurred_on=on, actor=story.editor, now=story.now
        )

    return act


def reword(sentence: str) -> Act:
    """The correction says so instead."""

    def act(story: Story, _data: Any) -> None:
        entry = db.session.scalars(sa.select(TimelineEntry).where(TimelineEntry.kind == EntryKind.CORRECTION)).one()
        change_entry(
            entry,
            actor=story.editor,
            now=story.now,
            headline=sentence.format(db.session.scalars(sa.select(Resolution.title)).one().rstrip(".")),
            words="",
            occurred_on=entry.occurred_on,
            precision=entry.occurred_precision,
            visibility=entry.visibility,
        )

    return act


NEXT_YEAR = dt.date(2020, 1, 1)
STORIES: dict[str, tuple[bool, list[Act], list[Any]]] = {
    # A redaction took the words out of a sentence that was noted down with them.
    "how far a promise went": (
        True,
        [step, promise, vote, remove, grade, remove, file_anew, file, show, redact, promise],
        [NEXT_YEAR, "alder", 5, 0, 0, Implementation.PARTLY, 3, 0, "birch", 2, 3, To.MEMBERS, 1, None, "cedar", 2],
    ),
    # The title was corrected, then the vote, and the sentence that tells the first title is redacted.
    "an earlier title": (
        False,
        [file, vote, file_anew, vote_anew, redact],
        ["alder", 1, 0, 3, 1, 0, 2, "birch", 0, 5, 7, 1],
    ),
    # Its author alone could see it, so that only its changes know what it said.
    "a draft worded otherwise since": (
        True,
        [file, vote, correct_with("Vote on “{}”: few."), reword("Vote on “{}”: most."), reword("They voted."), redact],
        ["alder", 1, 0, 3, 1, 1],
    ),
    # The source of what was corrected in between is the last to come out, and what was wrong has the latest date.
    "a correction corrected": (
        False,
        [promise, tell_promise_anew, file, tell_promise_anew],
        [None, "alder", 5, 0, 4, NEXT_YEAR, "cedar", "birch", 0, 0, 3, NEXT_YEAR, "cedar"],
    ),
}
