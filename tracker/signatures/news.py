"""News for signers, on their receipts and by mail: features above this one, which write it, say and forget it here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from tracker.campaigns.models import Campaign

Tells = Callable[[Campaign], Sequence[str]]
Forgets = Callable[[Campaign, str, dt.datetime], Sequence[str]]
_tellers: list[Tells] = []
_forgetters: list[Forgets] = []


def on_receipts(tells: Tells) -> Tells:
    """Call this when a receipt is shown; what it gives is read by those whose signature counts, the newest first."""
    _tellers.append(tells)
    return tells


def news_of(campaign: Campaign) -> list[str]:
    """What signers of this campaign may read."""
    return [words for tells in _tellers for words in tells(campaign)]


def on_forgetting(forgets: Forgets) -> Forgets:
    """Call this when a signer at an address is erased: it forgets the mails, and gives their public ids."""
    _forgetters.append(forgets)
    return forgets


def forget_news(campaign: Campaign, address: str, now: dt.datetime) -> list[str]:
    """Forget whom news of this campaign was mailed to at this address; the public ids of the mails, whose files the
    caller removes."""
    return [public_id for forgets in _forgetters for public_id in forgets(campaign, address, now)]
