"""Why something about a campaign was not done."""

from __future__ import annotations

from tracker.words import LazyString


class CampaignError(Exception):
    """In words a person can read; `field` names what caused it, if one field did."""

    def __init__(self, words: LazyString, field: str = "") -> None:
        super().__init__(words)
        self.field = field
