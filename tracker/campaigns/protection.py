"""Who must act when a campaign becomes protected, or ceases to be: features above this one say so here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign

React = Callable[[Campaign, bool, Account | None, dt.datetime], None]
_reactions: list[React] = []


def on_protection(react: React) -> React:
    """Call this before a campaign's protection changes, in the same transaction. It may raise CampaignError."""
    _reactions.append(react)
    return react


def change_protection(campaign: Campaign, to: bool, *, actor: Account | None, now: dt.datetime) -> None:
    """Let everybody concerned act on the change."""
    if campaign.is_protected != to:
        for react in _reactions:
            react(campaign, to, actor, now)
