"""Why something cannot be done."""

from __future__ import annotations

from tracker.timeline.service import TimelineError


class SignatureError(TimelineError):
    """Why something about a signatory cannot be done, in words; `field` says what caused it."""
