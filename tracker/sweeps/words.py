"""Words for how far a sweep is."""

from __future__ import annotations

from tracker.sweeps.models import SweepState
from tracker.words import LazyString, _

STATES: dict[SweepState, LazyString] = {
    SweepState.COUNTING: _("Counting; nobody is touched"),
    SweepState.COUNTED: _("Counted; nobody was touched"),
    SweepState.RUNNING: _("Being found invalid"),
    SweepState.DONE: _("Found invalid"),
    SweepState.UNDOING: _("Being taken back"),
    SweepState.UNDONE: _("Taken back"),
    SweepState.CANCELLED: _("Not done"),
}
