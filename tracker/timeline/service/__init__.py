"""Append, change, correct, redact: the one way a fact gets into a campaign's history, and the one way out."""

from tracker.timeline.service.append import Told, append_entry, expose_entries, note_change, note_exposure, tell
from tracker.timeline.service.attachments import (
    Files,
    attach,
    may_remove,
    open_attachment,
    redact_attachment,
    remove_attachment,
)
from tracker.timeline.service.change import add_source, change_entry, change_visibility, may_change, remove_entry
from tracker.timeline.service.correct import amend, correct_entry
from tracker.timeline.service.errors import Conflict, TimelineError
from tracker.timeline.service.reach import WIDTH, no_wider
from tracker.timeline.service.redaction import apply_redactions, destroy_words, redact_entry, words_to_destroy
from tracker.timeline.service.repetitions import Repetitions
from tracker.timeline.service.revisions import record_revision

__all__ = [
    "WIDTH",
    "Conflict",
    "Files",
    "Repetitions",
    "TimelineError",
    "Told",
    "add_source",
    "amend",
    "append_entry",
    "apply_redactions",
    "attach",
    "change_entry",
    "change_visibility",
    "correct_entry",
    "destroy_words",
    "expose_entries",
    "may_change",
    "may_remove",
    "no_wider",
    "note_change",
    "note_exposure",
    "open_attachment",
    "record_revision",
    "redact_attachment",
    "redact_entry",
    "remove_attachment",
    "remove_entry",
    "tell",
    "words_to_destroy",
]
