"""What may happen in a random story: each is one call of a service, with what hypothesis draws for it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st

from tests.support.stories import Story, draw_day
from tracker.campaigns.models import Stage
from tracker.campaigns.service import add_demand, change_stage, edit_demand, remove_demand
from tracker.campaigns.stages import MOVES
from tracker.db import Precision, db
from tracker.outcomes.models import Commitment, CommitmentGrade, Implementation, Outcome, OutcomeStatus
from tracker.outcomes.service import Became, Promise, grade_commitment, record_commitment, record_outcome
from tracker.resolutions.models import DispositionKind, Resolution, Vote
from tracker.resolutions.service import Counted, Filing, file_resolution, record_disposition, record_vote
from tracker.signatures.models import Qualifier
from tracker.signatures.service.sizes import SizeClaim, record_reported_count
from tracker.timeline.models import EntryKind, TimelineEntry
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.service import (
    Told,
    add_source,
    amend,
    append_entry,
    change_entry,
    change_visibility,
    correct_entry,
    expose_entries,
    may_change,
    redact_entry,
    remove_entry,
)
from tracker.web.dates import UncertainDate


def note(story: Story, data: Any) -> None:
    who = data.draw(st.sampled_from(["editor", "editor", "lead"]))
    append_entry(
        campaign_id=story.campaign_id,
        kind=EntryKind.NOTE,
        headline=story.words(data),
        words=data.draw(st.sampled_from(["", "More of it."])),
        occurred_on=draw_day(data),
        actor=story.team.account(who),
        visibility=data.draw(st.sampled_from(To)),
        now=story.now,
    )


def change(story: Story, data: Any) -> None:
    entry = story.pick(data, TimelineEntry.kind == EntryKind.NOTE)
    if entry is None or entry.actor is None or not may_change(entry, entry.actor, now=story.now):
        return
    change_entry(
        entry,
        actor=entry.actor,
        now=story.now,
        headline=story.words(data) if data.draw(st.booleans()) else entry.headline,
        words=data.draw(st.sampled_from(["", "More of it.", "Otherwise."])),
        occurred_on=draw_day(data),
        precision=data.draw(st.sampled_from(Precision)),
        visibility=data.draw(st.sampled_from([To.MEMBERS, entry.visibility])),
        sources=[story.source()] if data.draw(st.booleans()) else [],
    )


def correct(story: Story, data: Any) -> None:
    if entry := story.pick(data):
        correct_entry(
            entry,
            reason="It was wrong.",
            headline=story.words(data),
            occurred_on=draw_day(data),
            actor=story.editor,
            now=story.now,
        )


def source(story: Story, data: Any) -> None:
    if entry := story.pick(data):
        add_source(entry, story.source(), actor=story.editor, now=story.now)


def show(story: Story, data: Any) -> None:
    if entry := story.pick(data):
        to = data.draw(st.sampled_from([To.PUBLIC, To.SIGNED_IN, To.MEMBERS]))
        change_visibility(entry, to, actor=entry.actor or story.editor, now=story.now)


def redact(story: Story, data: Any) -> None:
    if entry := story.pick(data, TimelineEntry.redacted_at.is_(None)):
        redact_entry(entry, reason="A name.", actor=story.editor, now=story.now)


def remove(story: Story, data: Any) -> None:
    entry = story.pick(data)
    if entry is not None and entry.actor is not None:
        remove_entry(entry, actor=entry.actor, now=story.now)


def outcome(story: Story, data: Any) -> None:
    if demand := story.demand(data):
        status = data.draw(st.sampled_from([OutcomeStatus.REFUSED, OutcomeStatus.MET, OutcomeStatus.UNANSWERED]))
        record_outcome(demand, Became(status), story.told(data), actor=story.editor, now=story.now)


def tell_outcome_anew(story: Story, data: Any) -> None:
    first = story.pick(data, TimelineEntry.kind == EntryKind.OUTCOME, TimelineEntry.corrects_id.is_(None))
    if first is None:
        return
    known = db.session.scalars(sa.select(Outcome).where(Outcome.entry_id == first.id)).one()
    told = amend(first, story.told(data), reason="It was wrong.", actor=story.editor, now=story.now)
    record_outcome(known.demand, Became(OutcomeStatus.PARTLY_MET), told, actor=story.editor, now=story.now)


def size(story: Story, data: Any) -> None:
    value = data.draw(st.integers(0, 9)) * 50
    claim = SizeClaim(Qualifier.ABOUT, value, "employees", UncertainDate(draw_day(data), Precision.DAY))
    record_reported_count(story.campaign, claim, story.told(data), actor=story.editor, now=story.now)


def stage(story: Story, data: Any) -> None:
    moves = [to for to in MOVES[story.campaign.stage] if to is not Stage.CONCLUDED]
    if moves:
        to = data.draw(st.sampled_from(moves))
        told = Told(occurred_on=draw_day(data), visibility=To.PUBLIC, words="Because.")
        change_stage(story.campaign, to, told=told, actor=story.editor, now=story.now)


def ask(story: Story, data: Any) -> None:
    add_demand(story.campaign, f"Ask {story.number}", told=story.told(data), actor=story.editor, now=story.now)


def reword_ask(story: Story, data: Any) -> None:
    if demand := story.demand(data):
        values = {"words": f"Ask {story.number} anew"}
        edit_demand(demand, values, seen=demand.version, actor=story.editor, now=story.now)


def unask(story: Story, data: Any) -> None:
    if demand := story.demand(data):
        remove_demand(demand, reason="Done.", actor=story.editor, now=story.now, visibility=To.PUBLIC)


def promise(story: Story, data: Any) -> None:
    record_commitment(story.campaign, _promise(story, data), story.told(data), actor=story.editor, now=story.now)


def _promise(story: Story, data: Any) -> Promise:
    due_on = data.draw(st.sampled_from([None, dt.date(2020, 1, 1), dt.date(2021, 1, 1)]))
    precision = Precision.DAY if due_on else None
    return Promise(story.words(data), story.company, due_on=due_on, due_precision=precision)


def tell_promise_anew(story: Story, data: Any) -> None:
    if known := story.record(data, Commitment):
        told = amend(known.entry, story.told(data), reason="It was wrong.", actor=story.editor, now=story.now)
        words = _promise(story, data)
        record_commitment(story.campaign, words, told, actor=story.editor, now=story.now, known=known)


def grade(story: Story, data: Any) -> None:
    if known := story.record(data, Commitment):
        how_far = data.draw(st.sampled_from(Implementation))
        grade_commitment(known, how_far, story.told(data), actor=story.editor, now=story.now)


def tell_grade_anew(story: Story, data: Any) -> None:
    if known := story.record(data, CommitmentGrade):
        told = amend(known.entry, story.told(data), reason="It was wrong.", actor=story.editor, now=story.now)
        how_far = data.draw(st.sampled_from(Implementation))
        grade_commitment(known.commitment, how_far, told, actor=story.editor, now=story.now)


def file(story: Story, data: Any) -> None:
    filing = Filing(story.words(data), story.company, lead_filer=f"Filer {story.number}")
    file_resolution(story.campaign, filing, story.told(data), actor=story.editor, now=story.now)


def file_anew(story: Story, data: Any) -> None:
    if known := story.record(data, Resolution):
        told = amend(known.entry, story.told(data), reason="It was wrong.", actor=story.editor, now=story.now)
        filing = Filing(story.words(data), story.company, item_number=str(story.number))
        file_resolution(story.campaign, filing, told, actor=story.editor, now=story.now, known=known)


def step(story: Story, data: Any) -> None:
    if known := story.record(data, Resolution):
        kind = data.draw(st.sampled_from(DispositionKind))
        told = story.told(data)
        record_disposition(known, kind, told, campaign=story.campaign, actor=story.editor, now=story.now)


def vote(story: Story, data: Any) -> None:
    if known := story.record(data, Resolution):
        _count(story, data, known, story.told(data))


def vote_anew(story: Story, data: Any) -> None:
    if known := story.record(data, Vote):
        told = amend(known.entry, story.told(data), reason="It was wrong.", actor=story.editor, now=story.now)
        _count(story, data, known.resolution, told)


def _count(story: Story, data: Any, resolution: Resolution, told: Told) -> None:
    counted = Counted(for_shares=data.draw(st.integers(1, 9)), against_shares=10)
    record_vote(resolution, counted, told, campaign=story.campaign, actor=story.editor, now=story.now)


def be_joined(story: Story, data: Any) -> None:
    for name in ("lead", "reader", "viewer"):
        story.team.account(name).active = True
    expose_entries(story.campaign_id, story.now)


ACTS = (note, note, change, change, correct, source, show, redact, remove, outcome, tell_outcome_anew, size, stage)
ACTS += (ask, reword_ask, unask, be_joined)
PROMISES = (promise, promise, tell_promise_anew, tell_promise_anew, grade, grade, tell_grade_anew)
FILINGS = (file, file, file_anew, file_anew, step, vote, vote, vote_anew)
RECORDS = (*PROMISES, *FILINGS, redact, remove, reword_ask, be_joined, show)
