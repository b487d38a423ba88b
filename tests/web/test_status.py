"""Every state that a page may show has words and a mark of its own."""

import enum

import pytest
from flask import Flask

from tracker.campaigns.models import CampaignKind, Stage, Visibility
from tracker.digests.models import DigestState
from tracker.mail.models import EmailState
from tracker.outcomes.models import OutcomeStatus
from tracker.signatures.models import Appearance, SignatureStatus
from tracker.timeline.models import EntryKind, EntryVisibility

STATES = {
    "outcome": [OutcomeStatus],
    "stage": [Stage],
    "kind": [CampaignKind],
    "visibility": [Visibility, EntryVisibility],
    "delivery": [EmailState, DigestState],
    "signature": [SignatureStatus],
    "appearance": [Appearance],
}


@pytest.mark.parametrize(("macro", "states"), [(macro, states) for macro, kinds in STATES.items() for states in kinds])
def test_every_state_has_its_mark(app: Flask, macro: str, states: type[enum.StrEnum]) -> None:
    """No state falls back to the plain tag that unknown words get."""
    with app.test_request_context():
        marks = app.jinja_env.get_template("components/status.html").module
        for state in states:
            shown = str(getattr(marks, macro)(state))
            assert "#tag" not in shown, f"components/status.html: {macro} has no words for {state!r}"
            assert "#" in shown


def test_every_kind_of_entry_has_its_mark(app: Flask) -> None:
    """The history tells kinds of entries apart."""
    with app.test_request_context():
        marks = app.jinja_env.get_template("components/timeline.html").module.marks  # type: ignore[attr-defined]
    assert {kind.value for kind in EntryKind} <= marks.keys()
