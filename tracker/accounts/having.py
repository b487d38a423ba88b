"""Who must act when an account has an address that it had not before: features above this one say so here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from tracker.accounts.models import Account

React = Callable[[Account, dt.datetime], None]
_reactions: list[React] = []


def on_having(react: React) -> React:
    """Call this when an account begins to be written to at an address, in the same transaction: made, let in again, or
    moved there."""
    _reactions.append(react)
    return react


def has_address(account: Account, now: dt.datetime) -> None:
    """Let everybody concerned act on it."""
    for react in _reactions:
        react(account, now)
