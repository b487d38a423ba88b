"""Why something about a resolution was not recorded."""

from __future__ import annotations

from tracker.timeline.service import TimelineError


class ResolutionError(TimelineError):
    """Why it was not recorded, in words; `field` says where that belongs."""
