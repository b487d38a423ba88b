"""What a signer's receipt tells of news: features above this one say it here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tracker.campaigns.models import Campaign

Tells = Callable[[Campaign], Sequence[str]]
_tellers: list[Tells] = []


def on_receipts(tells: Tells) -> Tells:
    """Call this when a receipt is shown; what it gives is read by whoever signed, the newest first."""
    _tellers.append(tells)
    return tells


def news_of(campaign: Campaign) -> list[str]:
    """What signers of this campaign may read."""
    return [words for tells in _tellers for words in tells(campaign)]
